import FlowFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that may be a plugin, looked at without running any of it.
///
/// SAFETY: `stat` and `realpath` write into memory that is theirs for the call, or that is freed here.
struct LibraryFile {
  let path: String
  /// What tells it from another file at the same path.
  let identity: String

  /// - Parameter folder: where it has to lie; nil for anywhere.
  /// - Fails: where it is not a file, leads out of the folder, may be written by anybody, or is no library of this machine.
  init(_ path: String, within folder: String?) throws(PluginFault) {
    self.path = path
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw PluginFault("missing-plugin", "\(path): \(String(cString: strerror(errno)))")
    }
    identity = "\(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
    guard status.st_mode & S_IFMT == S_IFREG else { throw PluginFault("not-a-library", "\(path): it is not a file") }
    try Self.checkPlace(path, folder)
    try Self.checkWriters(path, status.st_mode)
    try Self.checkWriters(of: Path.folder(of: Self.real(path) ?? path))
    try ELFHeader.check(path, fileSize: Int(status.st_size))
  }

  private static func checkPlace(_ path: String, _ folder: String?) throws(PluginFault) {
    guard let folder, let real = Self.real(path), let home = Self.real(folder), !real.hasPrefix(home + "/") else {
      return
    }
    throw PluginFault(
      "plugin-elsewhere", "\(path): it is a link to \(real), out of the folder",
      help: "copy the library, or name it with --plugin")
  }

  private static func checkWriters(_ path: String, _ mode: mode_t) throws(PluginFault) {
    guard mode & S_IWOTH != 0 else { return }
    throw PluginFault(
      "writable-plugin", "\(path): anybody may write it, and so run what they like", help: "chmod o-w \(path)")
  }

  private static func checkWriters(of folder: String) throws(PluginFault) {
    var status = stat()
    guard stat(folder, &status) == 0, status.st_mode & S_IWOTH != 0, status.st_mode & S_ISVTX == 0 else { return }
    throw PluginFault(
      "writable-plugin", "\(folder): anybody may write into the folder of the plugin", help: "chmod o-w \(folder)")
  }

  /// The path without links.
  private static func real(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
