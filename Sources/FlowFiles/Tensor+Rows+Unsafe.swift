package import FlowTensor

// SAFETY: every copy lies inside both tensors: callers check rows against the sizes first (`checkRows`), slices of a raw
// buffer trap otherwise in debug builds, and rows have the same number of bytes on both sides because dtype and the
// remaining sizes are equal.
extension Tensor {
  /// The bytes of one step along the first axis.
  private var rowByteCount: Int { sizes.dropFirst().reduce(1, *) * dtype.byteCount }

  /// Some of the rows, in the file's order.
  ///
  /// - Precondition: the tensor has rows, and these are among them.
  package func rows(_ rows: Range<Int>) -> Tensor {
    precondition(!sizes.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= sizes[0], "no such rows")
    let stride = rowByteCount
    return Tensor(dtype, [rows.count] + sizes.dropFirst()) { target in
      withUnsafeBytes { source in
        target.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[rows.lowerBound * stride..<rows.upperBound * stride]))
      }
    }
  }

  /// Rows in the order given; a row may come more than once.
  ///
  /// - Precondition: the tensor has rows, and these are among them.
  package func rows(_ rows: [Int]) -> Tensor {
    precondition(!sizes.isEmpty && rows.allSatisfy { $0 >= 0 && $0 < sizes[0] }, "no such rows")
    let stride = rowByteCount
    return Tensor(dtype, [rows.count] + sizes.dropFirst()) { target in
      withUnsafeBytes { source in
        for (position, row) in rows.enumerated() { Self.copyRow(row, of: source, to: position, of: target, stride) }
      }
    }
  }

  /// The rows of a plan, out of the tensors read for its runs.
  init(gathering plan: RowGather, from runs: [Tensor], _ dtype: DType, _ sizes: [Int]) {
    let stride = sizes.dropFirst().reduce(1, *) * dtype.byteCount
    self.init(dtype, sizes) { target in
      for (position, place) in plan.places.enumerated() {
        runs[place.run].withUnsafeBytes { Self.copyRow(place.offset, of: $0, to: position, of: target, stride) }
      }
    }
  }

  /// The rows of several tensors, one behind the other; nil where there are none.
  ///
  /// - Precondition: dtypes and sizes behind the first agree.
  package init?(joining parts: [Tensor]) {
    guard let first = parts.first else { return nil }
    precondition(parts.allSatisfy { $0.dtype == first.dtype && $0.sizes.dropFirst() == first.sizes.dropFirst() })
    let rows = parts.reduce(0) { $0 + $1.sizes[0] }
    self.init(first.dtype, [rows] + first.sizes.dropFirst()) { target in
      var offset = 0
      for part in parts {
        part.withUnsafeBytes { bytes in
          UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + bytes.count]).copyMemory(from: bytes)
        }
        offset += part.byteCount
      }
    }
  }

  private static func copyRow(
    _ row: Int, of source: UnsafeRawBufferPointer, to position: Int, of target: UnsafeMutableRawBufferPointer,
    _ stride: Int
  ) {
    UnsafeMutableRawBufferPointer(rebasing: target[position * stride..<(position + 1) * stride])
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[row * stride..<(row + 1) * stride]))
  }
}
