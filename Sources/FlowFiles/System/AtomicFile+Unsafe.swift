#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files that are either the old ones or the new ones, whenever the power fails: written beside under a temporary name,
/// flushed to the disk, renamed, and the rename flushed too.
///
/// What is not a regular file, such as `/dev/stdout` or a pipe, is written directly. Behind a symbolic link the file it
/// leads to is replaced, and the link stays. A replaced file keeps its mode and, where allowed, its owner.
///
/// SAFETY: pointers are those of arrays, passed on with their length for the time of a call.
package enum AtomicFile {
  /// - Fails: where the file cannot be made, the disk is full or broken, or the file `exists` and must not be replaced.
  ///   What was there before is then unchanged, and nothing is left beside it.
  package static func write(_ bytes: [UInt8], to path: String, replacing: Bool = true) throws(FileError) {
    let place = try Place(path)
    guard place.existing?.isRegular ?? true else { return try writeDirectly(bytes, to: path) }
    if !replacing, place.existing != nil { throw FileError(path, .exists) }
    let temporary = try makeTemporary(for: place, path)
    do throws(SystemError) {
      try fill(temporary, with: bytes, like: place.existing)
      try commit(temporary, to: place.target, replacing: replacing)
    } catch {
      unlink(temporary)
      throw error.number == EEXIST ? FileError(path, .exists) : error.whileTransferring(path)
    }
    do throws(SystemError) { try synchronizeFolder(place.folder) } catch { throw error.whileTransferring(path) }
  }

  /// Proves that `write` could make the file now, by making its temporary neighbour.
  package static func checkWritable(_ path: String) throws(FileError) {
    let place = try Place(path)
    guard place.existing?.isRegular ?? true else { return }
    let temporary = try makeTemporary(for: place, path)
    unlink(temporary)
  }

  package static func isWritable(_ path: String) -> Bool { (try? checkWritable(path)) != nil }

  /// Where a path leads to, and what is there.
  private struct Place {
    let target: String
    let folder: String
    let existing: FileStatus?

    init(_ path: String) throws(FileError) {
      do throws(SystemError) {
        if path.isEmpty || path.utf8.contains(0) { throw SystemError(number: ENOENT) }
        target = try Path.followingLinks(path)
        folder = Path.folder(of: target)
        existing = try FileStatus(of: target)
        if existing?.isFolder == true { throw SystemError(number: EISDIR) }
        if existing != nil { _ = try retrying { access(target, W_OK) } }
      } catch {
        throw error.whileCreating(path)
      }
    }
  }

  private static func makeTemporary(for place: Place, _ path: String) throws(FileError) -> String {
    for attempt in 0..<100 {
      let name = Path.temporaryName(for: place.target, process: getpid(), attempt: attempt)
      do throws(SystemError) {
        let file = try FileDescriptor(opening: name, O_WRONLY | O_CREAT | O_EXCL)
        do throws(SystemError) { try file.close() } catch {
          unlink(name)
          throw error
        }
        return name
      } catch {
        if error.number != EEXIST { throw error.whileCreating(path) }
      }
    }
    throw FileError(path, .cannotCreate(reason: "its temporary names are all taken"))
  }

  private static func fill(_ temporary: String, with bytes: [UInt8], like existing: FileStatus?) throws(SystemError) {
    let file = try FileDescriptor(opening: temporary, O_WRONLY)
    try write(bytes, to: file)
    if let existing {
      file.setOwner(existing.owner, existing.group)
      try file.setMode(existing.mode)
    }
    try file.synchronize()
    try file.close()
  }

  private static func commit(_ temporary: String, to target: String, replacing: Bool) throws(SystemError) {
    if replacing {
      _ = try retrying { rename(temporary, target) }
    } else {
      _ = try retrying { link(temporary, target) }
      unlink(temporary)
    }
  }

  /// A file system that cannot flush a folder says EINVAL, and has no need to.
  private static func synchronizeFolder(_ folder: String) throws(SystemError) {
    do throws(SystemError) {
      let file = try FileDescriptor(opening: folder, O_RDONLY)
      try file.synchronize()
    } catch {
      if error.number != EINVAL && error.number != EACCES { throw error }
    }
  }

  private static func writeDirectly(_ bytes: [UInt8], to path: String) throws(FileError) {
    do throws(SystemError) {
      let file = try FileDescriptor(opening: path, O_WRONLY)
      do throws(SystemError) {
        try write(bytes, to: file)
        try file.close()
      } catch {
        throw error
      }
    } catch {
      throw error.number == EACCES ? error.whileCreating(path) : error.whileTransferring(path)
    }
  }

  private static func write(_ bytes: [UInt8], to file: borrowing FileDescriptor) throws(SystemError) {
    var failure: SystemError?
    bytes.withUnsafeBytes { buffer in
      do throws(SystemError) { try file.write(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
