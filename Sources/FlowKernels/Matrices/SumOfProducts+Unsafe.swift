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
  private let terms: Int
  package let blocks: Blocks

  /// - Parameters:
  ///   - loops: sizes, first those of the result, then those that are summed over.
  ///   - strides: for each operand, how far each loop moves in it, in elements.
  package init(loops: [Int], results resultLoops: Int, strides: [[Int]]) {
    self.loops = loops
    self.strides = strides
    self.resultLoops = resultLoops
    terms = loops[resultLoops...].reduce(1, *)
    blocks = Blocks(of: loops[..<resultLoops].reduce(1, *), each: max(1, 32_768 / max(terms, 1)))
  }

  package func run(block: Int, _ inputs: TensorViews, into output: MutableTensorView) {
    if output.dtype == .f64 { run(Double.self, block, inputs, output) } else { run(Float.self, block, inputs, output) }
  }

  private func run<Number: BinaryFloatingPoint & TensorElement>(
    _ type: Number.Type, _ block: Int, _ inputs: TensorViews, _ output: MutableTensorView
  ) {
    let y = output.elements(Number.self)
    withUnsafeTemporaryAllocation(of: Int.self, capacity: strides.count) { offsets in
      for index in blocks[block] {
        var sum = 0.0
        for term in 0..<terms {
          locate(index, term, offsets)
          var product = 1.0
          for operand in 0..<strides.count {
            product *= Double(inputs[operand].elements(Number.self)[offsets[operand]])
          }
          sum += product
        }
        y[index] = Number(sum)
      }
    }
  }

  /// Where each operand's element of one term of a result lies.
  private func locate(_ index: Int, _ term: Int, _ offsets: UnsafeMutableBufferPointer<Int>) {
    offsets.initialize(repeating: 0)
    advance(term, resultLoops..<loops.count, offsets)
    advance(index, 0..<resultLoops, offsets)
  }

  private func advance(_ number: Int, _ range: Range<Int>, _ offsets: UnsafeMutableBufferPointer<Int>) {
    var rest = number
    for loop in range.reversed() {
      let (quotient, step) = rest.quotientAndRemainder(dividingBy: loops[loop])
      for operand in 0..<strides.count { offsets[operand] += step * strides[operand][loop] }
      rest = quotient
    }
  }
}
