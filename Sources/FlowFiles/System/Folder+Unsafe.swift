#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What lies in a folder, and how much room there is.
///
/// SAFETY: the system's entry is read before the next call on the same folder, which is open until the function returns; its
/// name ends with NUL inside the entry.
package enum Folder {
  /// The names in a folder, sorted; none where it cannot be read.
  package static func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
          String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The bytes that may still be written in a folder; nil where the system does not tell.
  static func freeByteCount(in path: String) -> Int? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    let (bytes, overflow) = Int(clamping: status.f_bavail).multipliedReportingOverflow(
      by: Int(clamping: status.f_frsize))
    return overflow ? .max : bytes
  }

  /// Makes a folder, and those it lies in, where they are missing.
  package static func make(_ path: String) throws(FileError) {
    if (try? FileStatus(of: path))?.isFolder == true || path.isEmpty { return }
    if Path.folder(of: path) != path { try make(Path.folder(of: path)) }
    do throws(SystemError) { _ = try retrying { mkdir(path, 0o777) } } catch {
      throw error.number == EEXIST
        ? FileError(path, .cannotCreate(reason: "something that is no folder is there")) : error.whileCreating(path)
    }
  }

  package static func remove(_ path: String) { unlink(path) }

  /// Whether a process of this machine runs.
  static func isAlive(process: Int32) -> Bool { kill(process, 0) == 0 || errno != ESRCH }
}
