import FlowFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Makes folders.
///
/// SAFETY: the path is passed for the call alone.
enum NewFolder {
  /// Makes a folder, and those above it that are missing.
  static func make(_ path: String) throws(FileError) {
    guard !Path.exists(path) else { return }
    let parent = Path.folder(of: path)
    if parent != path { try make(parent) }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw FileError(path, .cannotCreate(reason: String(cString: strerror(errno))))
    }
  }
}
