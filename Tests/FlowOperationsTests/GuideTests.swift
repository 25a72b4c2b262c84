import FlowDiagnostics
import FlowGraph
package import FlowKernels
import FlowLanguage
package import FlowTensor
import FlowTesting
import Foundation
import RealModule
import Testing

@testable import FlowOperations

/// Limits numbers smoothly to -cap...cap.
struct Softcap: PreparedOperation {
  static let name = "softcap"
  static let signature: Signature = "x -> y"
  static let attributes = [Attribute<Self>("cap", \.cap, "what no magnitude exceeds; above 0")]
  static let manual = Manual(
    "cap · tanh(x / cap): about x near 0, never beyond cap.", shapes: "x [...] → y [...]",
    gradient: "x̄ = ȳ · (1 - (y / cap)²)", source: "Gemma 2, 2024, §2")

  var cap = 30.0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectFloating(inputs[0])
    guard cap > 0 else { throw .badAttribute("cap", "softcap: the cap is above 0, not \(cap)") }
    return inputs
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let kernel = SoftcapKernel(cap: cap, count: try inputs[0].knownSizes().reduce(1, *))
    return try Self.singlePrecision(inputs, infer(inputs)) { _ in
      BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs in
        kernel.run(block: block, inputs[0], into: outputs[0])
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let share = call.outputs[0] / cap
    return [.value(gradients[0] * (1 - share * share))]
  }
}

/// `cap · tanh(x / cap)` of each element.
package struct SoftcapKernel: Sendable {
  private let cap: Double
  package let blocks: Blocks

  package init(cap: Double, count: Int) {
    self.cap = cap
    blocks = Blocks(of: count)
  }

  package func run(block: Int, _ x: TensorView, into y: MutableTensorView) {
    if x.dtype == .f64 {
      limit(blocks[block], x.elements(Double.self), y.elements(Double.self), Double(cap))
    } else {
      limit(blocks[block], x.elements(Float.self), y.elements(Float.self), Float(cap))
    }
  }

  private func limit<Number: Real>(
    _ range: Range<Int>, _ x: UnsafeBufferPointer<Number>, _ y: UnsafeMutableBufferPointer<Number>, _ cap: Number
  ) {
    for i in range { y[i] = cap * Number.tanh(x[i] / cap) }
  }
}

extension OperationCase {
  static let softcap: [OperationCase] = [[2, 3], [], [0, 4], [1, 1, 5]].map { sizes in
    OperationCase(
      "softcap", [Operand(sizes)], ["cap": .real(1.5)], dtypes: [.f64, .f32, .f16, .bf16],
      matching: Naive.unary { 1.5 * Double.tanh($0 / 1.5) })
  }
}

extension ErrorCase {
  static let softcap = [
    ErrorCase(
      "softcap", [TensorType(.f32, [2])], ["cap": .real(0)], is: .badAttribute,
      "softcap: the cap is above 0, not 0.0")
  ]
}

/// The operation of CONTRIBUTING.md, whose text stands above word by word.
@Suite struct `The guide to adding an operation` {
  private static func registry() throws -> Registry {
    var registry = Registry.builtIn()
    try registry.register(Softcap.self, family: "functions")
    return registry
  }

  private static let guide: String = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = (try? String(contentsOf: root.appendingPathComponent("CONTRIBUTING.md"), encoding: .utf8)) ?? ""
    let section = text.components(separatedBy: "\n## Adding an operation\n").last ?? ""
    return section.components(separatedBy: "\n## ")[0]
  }()

  private static func blocks(_ language: String) -> [String] {
    guide.components(separatedBy: "```\(language)\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
  }

  @Test func `shows the code of this file`() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    #expect(Self.blocks("swift").count == 4)
    for block in Self.blocks("swift") { #expect(source.contains(block), "\(block)") }
  }

  @Test(arguments: OperationCase.softcap)
  func `makes one that passes the proofs`(row: OperationCase) throws {
    let registry = try Self.registry()
    for dtype in row.dtypes { try Subject(row, dtype, registry: registry).checkValue(row, dtype) }
    try Subject(row, .f64, registry: registry).checkGradients(row)
    try Subject(row, .f64, registry: registry).checkModes(row)
  }

  @Test(arguments: ErrorCase.softcap)
  func `makes one that says what does not fit`(row: ErrorCase) throws {
    let builder = GraphBuilder(registry: try Self.registry())
    let inputs = row.inputs.enumerated().map { builder.variable("x\($0)", .input, $1) }
    let error = #expect(throws: OperationError.self) { try builder.add(row.operation, inputs, row.attributes) }
    #expect(error?.kind == row.kind)
    #expect(error?.message == row.message)
  }

  @Test func `makes one that graph files can use`() throws {
    let text = try #require(Self.blocks("flow").first)
    let (tree, faults) = parse(text, file: 0)
    #expect(faults.isEmpty)
    let resolution = resolve(tree, prelude: Prelude.tree(file: 1), registry: try Self.registry())
    guard case .program(let program) = resolution else {
      Issue.record("\(resolution)")
      return
    }
    let graph = program.graph
    let values = try Evaluator(graph, ["x": Tensor([0.0, 2.0], [2])])
    let results = graph.outputs.compactMap { values[$0.value]?.doubles }
    #expect(results.map(\.count) == [2, 2])
    #expect(isClose(results[0][1], 2 * Double.tanh(1), 1e-12))
    #expect(isClose(results[1][1], 1 - Double.tanh(1) * Double.tanh(1), 1e-12))
  }
}
