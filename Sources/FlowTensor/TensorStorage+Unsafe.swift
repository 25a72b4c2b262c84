/// A block of bytes aligned to a cache line.
///
/// SAFETY: the bytes are written only by `Tensor.init`, before the object is shared with anybody; afterwards they are only
/// read, which any number of threads may do at once.
package final class TensorStorage: @unchecked Sendable {
  package static let alignment = 64

  package let byteCount: Int
  private let base: UnsafeMutableRawPointer

  init(byteCount: Int) {
    self.byteCount = byteCount
    base = .allocate(byteCount: max(byteCount, 1), alignment: Self.alignment)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  deinit { base.deallocate() }

  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: byteCount) }
  /// For `Tensor.init` alone.
  var mutableBytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: base, count: byteCount) }
}
