/// How an element-wise result's elements are found in its operands, with axes joined that all of them run through alike.
package struct BroadcastPlan: Hashable, Sendable {
  /// Outermost first; the last is the length of a run.
  let sizes: [Int]
  let operandCount: Int
  /// The step of each operand along each axis, in elements: axis by axis.
  private let steps: [Int]
  package let count: Int

  /// - Precondition: every operand's sizes broadcast to `output`.
  package init(_ operands: [[Int]], into output: [Int]) {
    let strides = operands.map { Self.strides($0, into: output) }
    var sizes: [Int] = []
    var steps: [[Int]] = []
    for (axis, size) in output.enumerated() where size != 1 {
      let next = strides.map { $0[axis] }
      if let outer = steps.last, zip(outer, next).allSatisfy({ $0 == $1 * size }) {
        sizes[sizes.count - 1] *= size
        steps[steps.count - 1] = next
      } else {
        sizes.append(size)
        steps.append(next)
      }
    }
    if sizes.isEmpty { (sizes, steps) = ([1], [operands.map { _ in 0 }]) }
    self.sizes = sizes
    self.steps = steps.flatMap(\.self)
    operandCount = operands.count
    count = output.reduce(1, *)
  }

  /// The length of a run: consecutive elements of the output along which each operand has one step.
  var runLength: Int { sizes[sizes.count - 1] }

  /// An operand's step within a run: 1, or 0 where it is broadcast.
  func runStep(_ operand: Int) -> Int { steps[(sizes.count - 1) * operandCount + operand] }

  /// The length of an operand's run where all of its runs are the same elements, one after another.
  func period(of operand: Int) -> Int? {
    let outer = (0..<sizes.count - 1).map { steps[$0 * operandCount + operand] }
    return runStep(operand) == 1 && outer.allSatisfy { $0 == 0 } ? runLength : nil
  }

  /// Where a run begins in an operand.
  func offset(ofRun run: Int, _ operand: Int) -> Int {
    var rest = run
    var offset = 0
    var axis = sizes.count - 2
    while axis >= 0 {
      let (quotient, index) = rest.quotientAndRemainder(dividingBy: sizes[axis])
      offset += index * steps[axis * operandCount + operand]
      rest = quotient
      axis -= 1
    }
    return offset
  }

  private static func strides(_ operand: [Int], into output: [Int]) -> [Int] {
    var strides = [Int](repeating: 0, count: output.count)
    var stride = 1
    for (axis, size) in zip(output.indices.reversed(), operand.reversed()) {
      strides[axis] = size == 1 ? 0 : stride
      stride *= size
    }
    return strides
  }
}
