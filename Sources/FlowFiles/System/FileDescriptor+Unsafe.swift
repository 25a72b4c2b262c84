#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An open file of the operating system; closed when it goes.
///
/// SAFETY: pointers are those of buffers whose length is passed with them, and live only for the call.
struct FileDescriptor: ~Copyable {
  let number: Int32
  /// As it was when the file was opened.
  let status: FileStatus

  init(opening path: String, _ flags: Int32, mode: mode_t = 0o666) throws(SystemError) {
    let number = try retrying { open(path, flags | O_CLOEXEC, mode) }
    var status = stat()
    guard fstat(number, &status) == 0 else {
      let error = SystemError(number: errno)
      _ = Self.close(number)
      throw error
    }
    self.number = number
    self.status = FileStatus(status)
  }

  deinit { _ = Self.close(number) }

  /// Closes and reports what only closing can tell, such as a full disk of a network file system.
  consuming func close() throws(SystemError) {
    let number = number
    discard self
    if Self.close(number) != 0, errno != EINTR { throw SystemError(number: errno) }
  }

  private static func close(_ number: Int32) -> Int32 {
    #if canImport(Glibc)
      Glibc.close(number)
    #else
      Darwin.close(number)
    #endif
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let count = try retrying { writePart(part.baseAddress, part.count) }
      rest = rest.dropFirst(count)
    }
  }

  /// Reads from `offset` until `target` is full or the file ends.
  ///
  /// - Returns: the number of bytes read.
  func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
    var done = 0
    while done < target.count {
      let part = UnsafeMutableRawBufferPointer(rebasing: target[done...])
      let position = off_t(offset + done)
      let count = try retrying { pread(number, part.baseAddress, part.count, position) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Reads from where the last read ended: also from a pipe.
  func readNext(into target: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    try retrying { readPart(target.baseAddress, target.count) }
  }

  func synchronize() throws(SystemError) { _ = try retrying { fsync(number) } }
  func setMode(_ mode: mode_t) throws(SystemError) { _ = try retrying { fchmod(number, mode) } }
  /// Only a privileged user may give files away: nobody is told of a refusal.
  func setOwner(_ owner: uid_t, _ group: gid_t) { _ = fchown(number, owner, group) }

  private func writePart(_ base: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.write(number, base, count)
    #else
      Darwin.write(number, base, count)
    #endif
  }

  private func readPart(_ base: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.read(number, base, count)
    #else
      Darwin.read(number, base, count)
    #endif
  }
}

/// What the system knows of a file.
struct FileStatus {
  let byteCount: Int
  let mode: mode_t
  let owner: uid_t
  let group: gid_t
  let isRegular: Bool
  let isFolder: Bool
  /// What tells one file of the machine from every other.
  let identity: Identity

  struct Identity: Hashable {
    let device: dev_t
    let number: ino_t
  }

  init(_ status: stat) {
    byteCount = Int(status.st_size)
    mode = status.st_mode & 0o7777
    owner = status.st_uid
    group = status.st_gid
    isRegular = status.st_mode & S_IFMT == S_IFREG
    isFolder = status.st_mode & S_IFMT == S_IFDIR
    identity = Identity(device: status.st_dev, number: status.st_ino)
  }

  /// Nil where nothing is there. Follows symbolic links.
  init?(of path: String) throws(SystemError) {
    var status = stat()
    do throws(SystemError) { _ = try retrying { stat(path, &status) } } catch {
      if error.number == ENOENT { return nil }
      throw error
    }
    self.init(status)
  }
}

/// Calls again while a signal interrupts; the system's number becomes an error.
func retrying<Result: SignedInteger>(_ call: () -> Result) throws(SystemError) -> Result {
  while true {
    let result = call()
    if result >= 0 { return result }
    if errno != EINTR { throw SystemError(number: errno) }
  }
}
