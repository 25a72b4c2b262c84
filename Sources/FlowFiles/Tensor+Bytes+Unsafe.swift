import FlowTensor

// SAFETY: the number of bytes is checked before they are copied, and only the address and length of live arrays are passed.
extension Tensor {
  /// - Precondition: the bytes are as many as the tensor has, little-endian, and not those of booleans.
  init(_ dtype: DType, _ sizes: [Int], bytes: [UInt8]) {
    self.init(dtype, sizes) { target in
      precondition(target.count == bytes.count, "sizes do not match the number of bytes")
      bytes.withUnsafeBytes { target.copyMemory(from: $0) }
    }
  }

  /// The elements' bytes, little-endian.
  var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}
