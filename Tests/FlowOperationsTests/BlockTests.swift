import FlowGraph
import FlowKernels
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

/// Shapes that are cut into several blocks.
private struct LargeCase: Sendable, CustomTestStringConvertible {
  let operation: String
  let shapes: [[Int]]
  let attributes: [String: AttributeValue]
  let reference: OperationCase.Reference
  var testDescription: String { "\(operation)\(shapes)" }

  static let all: [LargeCase] = [
    LargeCase(operation: "add", shapes: [[300, 200], [200]], attributes: [:], reference: Naive.binary { $0 + $1 }),
    LargeCase(
      operation: "mul", shapes: [[300, 200], [300, 1]], attributes: [:], reference: Naive.binary { $0 * $1 }),
    LargeCase(operation: "square", shapes: [[100_000]], attributes: [:], reference: Naive.unary { $0 * $0 }),
    LargeCase(
      operation: "cast", shapes: [[50_000]], attributes: ["dtype": .dtype(.f32)],
      reference: Naive.unary { Double(Float($0)) }),
    LargeCase(
      operation: "sum", shapes: [[700, 300]], attributes: ["axis": .whole(0)],
      reference: Naive.reduce([0]) { $0.reduce(0, +) }),
    LargeCase(
      operation: "max", shapes: [[700, 300]], attributes: ["axis": .whole(1)],
      reference: Naive.reduce([1]) { $0.max() ?? 0 }),
    LargeCase(operation: "matmul", shapes: [[600, 40], [40, 300]], attributes: [:], reference: Naive.matmul()),
    LargeCase(operation: "matmul", shapes: [[20, 300], [300, 900]], attributes: [:], reference: Naive.matmul()),
    LargeCase(
      operation: "matmul", shapes: [[3, 2, 40, 30], [2, 30, 20]], attributes: [:], reference: Naive.matmul()),
    LargeCase(
      operation: "matmul", shapes: [[40, 600], [300, 40]],
      attributes: ["transpose_a": .boolean(true), "transpose_b": .boolean(true)], reference: Naive.matmul(true, true)),
  ]
}

@Suite struct `Work in several blocks` {
  @Test(arguments: LargeCase.all)
  fileprivate func `gives the naive result, in any order of the blocks`(row: LargeCase) throws {
    let operation = try #require(Registry.builtIn()[row.operation]).operation(row.attributes)
    let inputs = row.shapes.enumerated().map { Tensor.random(TensorType(.f64, Shape($1)), "\($0)") }
    let forwards = try Evaluator.run(operation, inputs, .forwards)[0]
    #expect(try forwards == Evaluator.run(operation, inputs, .backwards)[0])
    let worst = zip(forwards.doubles, row.reference(inputs)).map { abs($0 - $1) }.max() ?? 0
    #expect(worst < 1e-10)
  }

  @Test func `covers every element once`() {
    for count in [0, 1, 32_767, 32_768, 32_769, 100_000] {
      let blocks = Blocks(of: count)
      #expect((0..<blocks.count).flatMap { Array(blocks[$0]) } == Array(0..<count))
    }
  }

  @Test func `sums a million numbers of single precision accurately`() throws {
    let operation = try #require(Registry.builtIn()["sum"]).operation()
    let tenth = Tensor([Float](repeating: 0.1, count: 1_000_000), [1_000_000])
    let sum = try Evaluator.run(operation, [tenth])[0].doubles[0]
    #expect(abs(sum - Double(Float(0.1)) * 1e6) < 0.01)
  }
}
