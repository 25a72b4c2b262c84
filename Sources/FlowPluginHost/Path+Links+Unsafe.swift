import FlowFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// SAFETY: the system writes one status into the variable whose address it is given.
extension Path {
  /// Whether there is a symbolic link, also one that leads nowhere.
  static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }
}
