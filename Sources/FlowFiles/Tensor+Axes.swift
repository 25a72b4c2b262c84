package import FlowTensor

extension Tensor {
  /// The tensor whose axis `i` is this one's axis `axes[i]`.
  ///
  /// - Precondition: each axis comes once.
  package func transposed(_ axes: [Int]) -> Tensor {
    let strides = sizes.indices.map { sizes[($0 + 1)...].reduce(dtype.byteCount, *) }
    let bytes = bytes.gathered(axes.map { sizes[$0] }, strides: axes.map { strides[$0] }, width: dtype.byteCount)
    let target = axes.map { sizes[$0] }
    return dtype == .bool ? Tensor(bytes.map { $0 != 0 }, target) : Tensor(dtype, target, bytes: bytes)
  }
}

extension [UInt8] {
  /// Elements of `width` bytes in the order of an index over `sizes`, whose last axis runs fastest.
  ///
  /// - Parameter strides: how many bytes apart neighbours along each axis are.
  func gathered(_ sizes: [Int], strides: [Int], width: Int) -> [UInt8] {
    let count = sizes.reduce(1, *)
    var result: [UInt8] = []
    result.reserveCapacity(count * width)
    var index = [Int](repeating: 0, count: sizes.count)
    for _ in 0..<count {
      let start = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
      result += self[start..<start + width]
      for axis in sizes.indices.reversed() {
        index[axis] += 1
        if index[axis] < sizes[axis] { break }
        index[axis] = 0
      }
    }
    return result
  }
}
