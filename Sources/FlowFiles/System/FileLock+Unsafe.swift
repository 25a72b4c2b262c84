#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Keeps other processes from writing a file: an advisory lock on a hidden neighbour, `.digits.h5.lock`.
///
/// The lock goes with the process however that ends; the neighbour too, unless it is killed, and then it is taken over.
///
/// SAFETY: `flock` gets the number of a file that is open for the time of the call.
package final class FileLock: Sendable {
  private let file: FileDescriptor
  private let path: String

  /// Nil where somebody else holds the lock.
  ///
  /// - Fails: where the neighbour cannot be made.
  package init?(for path: String) throws(FileError) {
    do throws(SystemError) {
      let name = Path.lockName(for: try Path.followingLinks(path))
      let file = try FileDescriptor(opening: name, O_RDWR | O_CREAT)
      guard try file.tryLock() else { return nil }
      // Whoever held the lock may have taken the neighbour away meanwhile: then this one protects nothing.
      guard let there = try FileStatus(of: name), there.identity == file.status.identity else { return nil }
      self.path = name
      self.file = file
    } catch {
      throw error.whileCreating(path)
    }
  }

  deinit { unlink(path) }
}

extension FileDescriptor {
  fileprivate func tryLock() throws(SystemError) -> Bool {
    do throws(SystemError) {
      _ = try retrying { flock(number, LOCK_EX | LOCK_NB) }
      return true
    } catch {
      if error.number == EWOULDBLOCK { return false }
      throw error
    }
  }
}

extension Path {
  fileprivate static func lockName(for path: String) -> String { "\(folder(of: path))/.\(lastPart(of: path)).lock" }
}
