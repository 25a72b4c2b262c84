import FlowTensor

/// How the numbers of a raw array become the elements of a tensor.
struct StoredType: Hashable {
  let dtype: DType
  /// The bytes of an element in the file.
  let width: Int
  /// Unsigned, and therefore read into the next wider dtype.
  let isWidened: Bool
  let isBigEndian: Bool

  init(_ dtype: DType, width: Int? = nil, isWidened: Bool = false, isBigEndian: Bool = false) {
    self.dtype = dtype
    self.width = width ?? dtype.byteCount
    self.isWidened = isWidened
    self.isBigEndian = isBigEndian
  }

  /// The tensor of the stored bytes; nil where a number does not fit the dtype.
  ///
  /// - Precondition: the bytes are `width` for each element.
  func tensor(_ sizes: [Int], _ stored: [UInt8]) -> Tensor? {
    var bytes = stored
    if isBigEndian { bytes.reverseGroups(of: width) }
    if dtype == .bool { return Tensor(bytes.map { $0 != 0 }, sizes) }
    guard isWidened else { return Tensor(dtype, sizes, bytes: bytes) }
    let numbers = stride(from: 0, to: bytes.count, by: width).map { start in
      bytes[start..<start + width].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    }
    if dtype == .i32 { return Tensor(numbers.map { Int32(truncatingIfNeeded: $0) }, sizes) }
    let wholes = numbers.compactMap { Int64(exactly: $0) }
    return wholes.count == numbers.count ? Tensor(wholes, sizes) : nil
  }
}

extension [UInt8] {
  /// Turns the order of bytes around within each group.
  fileprivate mutating func reverseGroups(of width: Int) {
    guard width > 1 else { return }
    for start in stride(from: 0, to: count - width + 1, by: width) {
      for offset in 0..<width / 2 { swapAt(start + offset, start + width - 1 - offset) }
    }
  }
}
