package import FlowTensor

/// Sums of products of elements of several tensors: each result is a sum over some loops, each operand steps along all of
/// them by strides of its own.
///
/// SAFETY: addresses come from views in which the strides, taken as often as the loops say, stay.
package struct SumOfProducts: Sendable {
  private let loops: [Int]
  private let strides: [[Int]]
  /// How many of the loops, the first ones, go over results.
  private let resultLoops: Int
  /// The innermost loop that is summed over, and how often it runs for a result.
  private let runLength: Int
  private let runs: Int
  package let blocks: Blocks

  /// - Parameters:
  ///   - loops: sizes, first those of the result, then those that are summed over.
  ///   - strides: for each operand, how far each loop moves in it, in elements.
  package init(loops: [Int], results resultLoops: Int, strides: [[Int]]) {
    self.loops = loops
    self.strides = strides
    self.resultLoops = resultLoops
    let summed = loops[resultLoops...]
    runLength = summed.last ?? 1
    runs = summed.dropLast().reduce(1, *)
    blocks = Blocks(of: loops[..<resultLoops].reduce(1, *), each: max(1, 32_768 / max(runs * runLength, 1)))
  }

  /// - Parameter operands: addresses of dense tensors.
  package func run(
    block: Int, _ dtype: DType, _ operands: UnsafeBufferPointer<UnsafeRawPointer>, into output: UnsafeMutableRawPointer
  ) {
    switch dtype {
    case .f64: floating(Double.self, block, operands, output)
    case .f32: floating(Float.self, block, operands, output)
    case .i64: whole(Int64.self, block, operands, output)
    case .i32: whole(Int32.self, block, operands, output)
    case .i16: whole(Int16.self, block, operands, output)
    case .i8: whole(Int8.self, block, operands, output)
    case .u8: whole(UInt8.self, block, operands, output)
    case .f16, .bf16, .bool: preconditionFailure("no sum of products of \(dtype)")
    }
  }

  private func floating<Number: BinaryFloatingPoint>(
    _ type: Number.Type, _ block: Int, _ operands: UnsafeBufferPointer<UnsafeRawPointer>,
    _ output: UnsafeMutableRawPointer
  ) {
    let y = output.assumingMemoryBound(to: Number.self)
    forEachResult(block) { index, offsets in
      y[index] = Number(
        sum(index, offsets, from: 0.0) { sum, offsets, step in
          sum + products(operands, offsets, step, from: 1.0) { $0 * Double($1 as Number) }
        })
    }
  }

  private func whole<Number: FixedWidthInteger>(
    _ type: Number.Type, _ block: Int, _ operands: UnsafeBufferPointer<UnsafeRawPointer>,
    _ output: UnsafeMutableRawPointer
  ) {
    let y = output.assumingMemoryBound(to: Number.self)
    forEachResult(block) { index, offsets in
      y[index] = sum(index, offsets, from: 0) { sum, offsets, step in
        sum &+ products(operands, offsets, step, from: 1) { $0 &* ($1 as Number) }
      }
    }
  }

  @inline(__always)
  private func forEachResult(_ block: Int, _ body: (Int, UnsafeMutableBufferPointer<Int>) -> Void) {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: max(strides.count, 1)) { offsets in
      for index in blocks[block] { body(index, offsets) }
    }
  }

  /// Over all that one result sums.
  @inline(__always)
  private func sum<Total>(
    _ index: Int, _ offsets: UnsafeMutableBufferPointer<Int>, from zero: Total,
    _ next: (Total, UnsafeMutableBufferPointer<Int>, Int) -> Total
  ) -> Total {
    var total = zero
    for run in 0..<runs {
      offsets.initialize(repeating: 0)
      advance(index, 0..<resultLoops, offsets)
      advance(run, resultLoops..<max(loops.count - 1, resultLoops), offsets)
      for step in 0..<runLength { total = next(total, offsets, step) }
    }
    return total
  }

  /// The product of the operands' elements, a number of steps along the innermost loop that is summed over.
  @inline(__always)
  private func products<Number, Product>(
    _ operands: UnsafeBufferPointer<UnsafeRawPointer>, _ offsets: UnsafeMutableBufferPointer<Int>, _ step: Int,
    from one: Product, _ next: (Product, Number) -> Product
  ) -> Product {
    var product = one
    for operand in 0..<strides.count {
      let stride = loops.count > resultLoops ? strides[operand][loops.count - 1] : 0
      product = next(product, operands[operand].assumingMemoryBound(to: Number.self)[offsets[operand] + step * stride])
    }
    return product
  }

  /// Moves to where a number of turns of some loops leads.
  private func advance(_ number: Int, _ range: Range<Int>, _ offsets: UnsafeMutableBufferPointer<Int>) {
    var rest = number
    for loop in range.reversed() {
      let (quotient, step) = rest.quotientAndRemainder(dividingBy: loops[loop])
      for operand in 0..<strides.count { offsets[operand] += step * strides[operand][loop] }
      rest = quotient
    }
  }
}
