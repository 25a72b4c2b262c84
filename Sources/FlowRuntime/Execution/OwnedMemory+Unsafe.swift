/// Bytes aligned to a cache line, freed with their owner; not cleared.
///
/// SAFETY: whoever shares one between threads orders writes and reads itself: the executor by its edges between nodes,
/// everybody else by using it on one thread.
package final class OwnedMemory: @unchecked Sendable {
  static let alignment = 64

  let byteCount: Int
  let address: UnsafeMutableRawPointer

  init(byteCount: Int) {
    self.byteCount = byteCount
    address = .allocate(byteCount: max(byteCount, 1), alignment: Self.alignment)
  }

  deinit { address.deallocate() }

  var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: address, count: byteCount) }
}
