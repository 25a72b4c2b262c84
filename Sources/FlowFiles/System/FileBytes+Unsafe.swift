import FlowTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whole files as bytes.
///
/// SAFETY: buffers are filled by `FileDescriptor`, which says how many bytes it wrote; no more are taken as initialized.
package enum FileBytes {
  /// - Fails: where the file is missing, a folder, not readable, or larger than the machine's memory.
  package static func read(_ path: String) throws(FileError) -> [UInt8] {
    let file = try open(path)
    let count = file.status.byteCount
    if count > Machine.memoryByteCount { throw FileError(path, .unreadable(reason: "it is larger than the memory")) }
    do throws(SystemError) {
      return file.status.isRegular && count > 0 ? try readAll(file, count: count) : try readUntilEnd(file)
    } catch {
      throw error.whileTransferring(path)
    }
  }

  /// The first bytes; fewer where the file is shorter. Nothing where the file cannot be read twice, such as a pipe.
  package static func prefix(_ count: Int, of path: String) throws(FileError) -> [UInt8] {
    let file = try open(path)
    guard file.status.isRegular else { return [] }
    return try read(file, path, count: min(count, file.status.byteCount), at: 0)
  }

  /// Opens a file to read it.
  static func open(_ path: String) throws(FileError) -> FileDescriptor {
    do throws(SystemError) {
      let file = try FileDescriptor(opening: path, O_RDONLY)
      if file.status.isFolder { throw SystemError(number: EISDIR) }
      return file
    } catch {
      throw error.whileOpening(path)
    }
  }

  static func read(
    _ file: borrowing FileDescriptor, _ path: String, count: Int, at offset: Int
  ) throws(FileError) -> [UInt8] {
    do throws(SystemError) {
      return try readAll(file, count: count, at: offset)
    } catch {
      throw error.whileTransferring(path)
    }
  }

  private static func readAll(
    _ file: borrowing FileDescriptor, count: Int, at offset: Int = 0
  ) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(SystemError) {
        initialized = try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  private static func readUntilEnd(_ file: borrowing FileDescriptor) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try readChunk(file, &chunk)
      if count == 0 { return bytes }
      bytes += chunk.prefix(count)
    }
  }

  private static func readChunk(_ file: borrowing FileDescriptor, _ chunk: inout [UInt8]) throws(SystemError) -> Int {
    var outcome: Result<Int, SystemError> = .success(0)
    chunk.withUnsafeMutableBytes { buffer in
      do throws(SystemError) { outcome = .success(try file.readNext(into: buffer)) } catch { outcome = .failure(error) }
    }
    return try outcome.get()
  }
}
