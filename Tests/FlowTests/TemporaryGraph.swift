import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A graph file that is gone when nobody holds it.
final class TemporaryGraph {
  let path: String

  init(_ text: String) throws {
    var path = Array("\(TemporaryFolder.path)/flow-XXXXXX.flow".utf8CString)
    let descriptor = mkstemps(&path, 5)
    self.path = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let bytes = Array(text.utf8)
    try #require(write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
  }

  deinit { unlink(path) }
}

enum TemporaryFolder {
  static var path: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }
}
