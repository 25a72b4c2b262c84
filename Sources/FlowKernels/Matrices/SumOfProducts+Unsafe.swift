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
        for run in 0..<runs {
          offsets.initialize(repeating: 0)
          advance(index, 0..<resultLoops, offsets)
          advance(run, resultLoops..<max(loops.count - 1, resultLoops), offsets)
          sum += products(type, inputs, offsets)
        }
        y[index] = Number(sum)
      }
    }
  }

  /// The sum along the innermost loop.
  private func products<Number: BinaryFloatingPoint & TensorElement>(
    _ type: Number.Type, _ inputs: TensorViews, _ offsets: UnsafeMutableBufferPointer<Int>
  ) -> Double {
    let isSummed = loops.count > resultLoops
    var sum = 0.0
    if strides.count == 2 {
      let (a, b) = (inputs[0].elements(type), inputs[1].elements(type))
      let (stepA, stepB) = isSummed ? (strides[0][loops.count - 1], strides[1][loops.count - 1]) : (0, 0)
      for i in 0..<runLength { sum += Double(a[offsets[0] + i * stepA]) * Double(b[offsets[1] + i * stepB]) }
      return sum
    }
    for i in 0..<runLength {
      var product = 1.0
      for operand in 0..<strides.count {
        let step = isSummed ? strides[operand][loops.count - 1] : 0
        product *= Double(inputs[operand].elements(type)[offsets[operand] + i * step])
      }
      sum += product
    }
    return sum
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
