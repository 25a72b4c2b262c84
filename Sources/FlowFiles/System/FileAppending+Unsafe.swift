#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// SAFETY: the bytes written are those of an array, for the time of the call.
extension FileBytes {
  /// Adds a text to the end of a file, made where it is missing.
  package static func append(_ text: String, to path: String) throws(FileError) {
    try append(Array(text.utf8), to: path)
  }

  /// Adds bytes to the end of a file, made where it is missing.
  package static func append(_ bytes: [UInt8], to path: String) throws(FileError) {
    var failure: SystemError?
    bytes.withUnsafeBytes { bytes in
      do throws(SystemError) {
        let file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_APPEND)
        try file.write(bytes)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure.whileCreating(path) }
  }
}
