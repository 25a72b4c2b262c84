#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The number with which the operating system refused a call.
struct SystemError: Error, Hashable {
  let number: Int32

  /// In the system's words, lower case: `no space left on device`.
  var reason: String {
    let text = String(cString: strerror(number))
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  /// As the failure of opening a file to read it.
  func whileOpening(_ path: String) -> FileError {
    switch number {
    case ENOENT, ENOTDIR: FileError(path, .notFound)
    case EIO, EMFILE, ENFILE, ENOMEM: FileError(path, .inputOutput(reason: reason))
    default: FileError(path, .unreadable(reason: reason))
    }
  }

  /// As the failure of making a file, or its temporary neighbour.
  func whileCreating(_ path: String) -> FileError {
    switch number {
    case EEXIST: FileError(path, .exists)
    case EIO, ENOSPC, EDQUOT, EFBIG, EMFILE, ENFILE, ENOMEM: FileError(path, .inputOutput(reason: reason))
    default: FileError(path, .cannotCreate(reason: reason))
    }
  }

  /// As the failure of reading or writing an open file.
  func whileTransferring(_ path: String) -> FileError { FileError(path, .inputOutput(reason: reason)) }
}
