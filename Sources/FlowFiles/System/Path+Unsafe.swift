#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Names of files.
///
/// SAFETY: `readlink` writes at most the buffer's capacity and returns how many bytes it wrote.
package enum Path {
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  package static func lastPart(of path: String) -> Substring {
    path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
  }

  /// What follows the last dot of the name, in lower case; empty where there is none.
  package static func ending(of path: String) -> String {
    let name = lastPart(of: path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  /// A hidden name in the same folder, by which an orphan is known for what it is: `.digits.h5.tmp-123-0`.
  static func temporaryName(for path: String, process: Int32, attempt: Int) -> String {
    var name = lastPart(of: path)
    while name.utf8.count > 200 { name.removeLast() }
    return "\(folder(of: path))/.\(name).tmp-\(process)-\(attempt)"
  }

  /// Whether two paths lead to one file that is there, or are the same path.
  package static func isSame(_ a: String, _ b: String) -> Bool {
    if absolute(a) == absolute(b) { return true }
    guard let first = try? FileStatus(of: a), let second = try? FileStatus(of: b) else { return false }
    return first.identity == second.identity
  }

  /// The path behind symbolic links, of which the last may lead to nothing yet.
  static func followingLinks(_ path: String) throws(SystemError) -> String {
    var path = path
    for _ in 0..<40 {
      guard let target = link(path) else { return path }
      path = target.hasPrefix("/") ? target : "\(folder(of: path))/\(target)"
    }
    throw SystemError(number: ELOOP)
  }

  /// Nil where the path is not a symbolic link.
  private static func link(_ path: String) -> String? {
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
      let length = buffer.withMemoryRebound(to: CChar.self) { characters in
        characters.baseAddress.map { readlink(path, $0, characters.count) } ?? -1
      }
      count = max(length, 0)
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}
