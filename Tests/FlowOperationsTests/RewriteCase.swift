import FlowGraph
import FlowOperations
import FlowRuntime
import FlowTensor
import FlowTesting
import Testing

/// A graph at which a law must apply.
struct RewriteCase: Sendable, CustomTestStringConvertible {
  typealias Build = @Sendable ([Value]) throws -> Value

  let law: String
  let operands: [Operand]
  let dtypes: [DType]
  /// Makes the value from the operands, which are inputs.
  let build: Build

  init(_ law: String, _ operands: [Operand], dtypes: [DType] = [.f64, .f32], _ build: @escaping Build) {
    self.law = law
    self.operands = operands
    self.dtypes = dtypes
    self.build = build
  }

  var testDescription: String { law }
}

extension RewriteCase {
  static var all: [RewriteCase] { arithmetic + layout + stable }

  /// A vector that a law must leave intact, whatever it holds.
  private static let odd = Operand([6], .values([1.5, -2, -0.0, .nan, .infinity, -.infinity]))

  static let arithmetic = [
    RewriteCase("add-zero", [odd]) { $0[0] + 0 },
    RewriteCase("add-zero", [odd]) { 0 + $0[0] },
    RewriteCase("sub-zero", [odd]) { $0[0] - $0[0].zeros },
    RewriteCase("mul-one", [odd]) { $0[0] * 1 },
    RewriteCase("div-one", [odd]) { $0[0] / 1 },
    RewriteCase("neg-neg", [odd]) { -(-$0[0]) },
    RewriteCase("add-neg", [odd, odd]) { -$0[0] + $0[1] },
    RewriteCase("sub-neg", [odd, odd]) { $0[0] - -$0[1] },
  ]

  static let layout = [
    RewriteCase("transpose-nothing", [Operand([2, 3])]) { $0[0].transposed([0, -1]) },
    RewriteCase("transpose-transpose", [Operand([2, 3, 4])]) { $0[0].transposed([1, 2, 0]).transposed([1, -1, 0]) },
  ]

  static let stable = [
    RewriteCase("log-softmax", [Operand([2, 3])]) { $0[0].applying("softmax", ["axis": .whole(0)]).applying("log") }
  ]
}

/// A row's graph, with what to feed it.
struct RewriteSubject {
  let graph: Graph
  let output: ValueID
  let feeds: [Tensor]

  init(_ row: RewriteCase, _ dtype: DType) throws {
    let builder = GraphBuilder(registry: .builtIn())
    let tensors = row.operands.enumerated().map { index, operand in
      Tensor(operand.numbers(stream: "\(row.law) \(index)"), operand.sizes, as: operand.dtype ?? dtype)
    }
    let inputs = tensors.enumerated().map { builder.variable("x\($0)", .input, $1.type) }
    let value = try row.build(inputs)
    try builder.throwFailure()
    // What is fetched itself may not become a variable.
    output = try builder.one("stack", [value, value]).id
    graph = builder.graph
    feeds = tensors
  }

  func plan(optimizes: Bool) throws -> Plan {
    try Plan.make(graph, PlanRequest(fetching: [output], optimizes: optimizes))
  }

  func run(optimizes: Bool) throws -> Tensor {
    let executor = Executor(threads: 1, options: Executor.Options(optimizes: optimizes))
    let session = Session(graph, fetching: [output], executor: executor)
    for (index, tensor) in feeds.enumerated() { session.feed(index, tensor) }
    try session.evaluate()
    return try #require(session.tensor(0))
  }

  /// The largest finite magnitude of all values.
  func scale() throws -> Double {
    let named = Dictionary(uniqueKeysWithValues: feeds.enumerated().map { ("x\($0)", $1) })
    let values = try Evaluator(graph, named)
    let magnitudes = (0..<graph.valueCount).flatMap { values[ValueID($0)]?.doubles.map(abs) ?? [] }
    return magnitudes.filter(\.isFinite).max() ?? 0
  }
}
