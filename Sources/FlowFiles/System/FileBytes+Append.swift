#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension FileBytes {
  /// Adds a text to the end of a file, made where it is missing.
  package static func append(_ text: String, to path: String) throws(FileError) {
    let file: FileDescriptor
    do throws(SystemError) {
      file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_APPEND)
    } catch {
      throw error.whileCreating(path)
    }
    do throws(SystemError) { try file.write(text) } catch { throw error.whileTransferring(path) }
  }
}
