package import FlowTensor

/// Sums or products of all elements up to each one, along an axis.
///
/// SAFETY: addresses come from views of the shape that the kernel was made for; each lane lies within it.
package struct ScanKernel: Sendable {
  package enum Kind: Sendable { case sum, product }

  private let kind: Kind
  private let size: Int
  private let inner: Int
  private let isExclusive: Bool
  private let isReversed: Bool
  package let blocks: Blocks

  /// - Parameters:
  ///   - axis: an index of `sizes`.
  ///   - exclusive: whether an element's own number is left out of its result.
  ///   - reverse: whether the scan begins at the end.
  package init(_ kind: Kind, _ sizes: [Int], axis: Int, exclusive: Bool, reverse: Bool) {
    self.kind = kind
    size = sizes[axis]
    inner = sizes[(axis + 1)...].reduce(1, *)
    isExclusive = exclusive
    isReversed = reverse
    blocks = Blocks(of: size == 0 ? 0 : sizes[..<axis].reduce(inner, *), each: max(16, 32_768 / max(size, 1)))
  }

  /// Whole numbers and booleans give i64.
  package func run(block: Int, _ input: TensorView, into output: MutableTensorView) {
    switch input.dtype {
    case .f64: floating(Double.self, blocks[block], input.address, output.address)
    case .f32: floating(Float.self, blocks[block], input.address, output.address)
    case .i64: whole(Int64.self, blocks[block], input.address, output.address)
    case .i32: whole(Int32.self, blocks[block], input.address, output.address)
    case .i16: whole(Int16.self, blocks[block], input.address, output.address)
    case .i8: whole(Int8.self, blocks[block], input.address, output.address)
    case .u8, .bool: whole(UInt8.self, blocks[block], input.address, output.address)
    case .f16, .bf16: preconditionFailure("no scan of \(input.dtype)")
    }
  }

  private func floating<Number: BinaryFloatingPoint>(
    _ type: Number.Type, _ lanes: Range<Int>, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer
  ) {
    switch kind {
    case .sum:
      scan(lanes, x, y, from: 0.0, next: { (sum: Double, number: Number) in sum + Double(number) }, result: Number.init)
    case .product:
      scan(lanes, x, y, from: 1.0, next: { (all: Double, number: Number) in all * Double(number) }, result: Number.init)
    }
  }

  private func whole<Number: FixedWidthInteger>(
    _ type: Number.Type, _ lanes: Range<Int>, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer
  ) {
    switch kind {
    case .sum:
      scan(lanes, x, y, from: 0, next: { (sum: Int64, number: Number) in sum &+ Int64(number) }, result: { $0 })
    case .product:
      scan(lanes, x, y, from: 1, next: { (all: Int64, number: Number) in all &* Int64(number) }, result: { $0 })
    }
  }

  private func scan<Number, Total, Result>(
    _ lanes: Range<Int>, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, from start: Total,
    next: (Total, Number) -> Total, result: (Total) -> Result
  ) {
    let x = x.assumingMemoryBound(to: Number.self)
    let y = y.assumingMemoryBound(to: Result.self)
    for lane in lanes {
      let first = lane / inner * size * inner + lane % inner
      var total = start
      for step in 0..<size {
        let element = first + (isReversed ? size - 1 - step : step) * inner
        let following = next(total, x[element])
        y[element] = result(isExclusive ? total : following)
        total = following
      }
    }
  }
}
