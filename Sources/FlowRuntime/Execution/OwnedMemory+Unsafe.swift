#if canImport(Glibc)
  import Glibc
#endif

/// Bytes aligned to a cache line, freed with their owner; not cleared.
///
/// Much memory lies on large pages where the system has them: looking up small ones took a twentieth of a step of a large graph.
///
/// SAFETY: whoever shares one between threads orders writes and reads itself: the executor by its edges between nodes,
/// everybody else by using it on one thread. What the system is told of the pages changes nothing of what they hold.
package final class OwnedMemory: @unchecked Sendable {
  static let alignment = 64
  private static let largePage = 2 << 20

  let byteCount: Int
  let address: UnsafeMutableRawPointer

  init(byteCount: Int) {
    self.byteCount = byteCount
    let isLarge = byteCount >= Self.largePage
    address = .allocate(byteCount: max(byteCount, 1), alignment: isLarge ? Self.largePage : Self.alignment)
    #if canImport(Glibc)
      // Where it is refused, pages stay as they are.
      if isLarge { madvise(address, byteCount / Self.largePage * Self.largePage, MADV_HUGEPAGE) }
    #endif
  }

  deinit { address.deallocate() }

  var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: address, count: byteCount) }
}
