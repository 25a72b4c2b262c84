import FlowTensor

/// What the header of a raw array says of the numbers behind it.
struct StoredArray: Hashable {
  let type: StoredType
  var isColumnMajor = false
  let sizes: [Int]
  /// Where the elements begin.
  let offset: Int

  func entry(_ name: String) -> TensorEntry { TensorEntry(name, type.dtype, sizes) }

  /// - Precondition: the sizes were checked to fit in memory.
  var byteCount: Int { sizes.reduce(1, *) * type.width }

  /// The tensor of all stored bytes, or of those of some rows; nil where a number does not fit.
  func tensor(_ bytes: [UInt8], rows: Int? = nil) -> Tensor? {
    let sizes = rows.map { [$0] + self.sizes.dropFirst() } ?? self.sizes
    return type.tensor(sizes, isColumnMajor ? bytes.rowMajor(sizes, width: type.width) : bytes)
  }
}

extension [UInt8] {
  /// Elements of `width` bytes whose first index runs fastest, so that the last one does.
  fileprivate func rowMajor(_ sizes: [Int], width: Int) -> [UInt8] {
    guard sizes.count > 1, !isEmpty else { return self }
    return gathered(sizes, strides: sizes.indices.map { sizes[..<$0].reduce(width, *) }, width: width)
  }
}
