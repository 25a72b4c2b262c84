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
  static var all: [RewriteCase] { arithmetic + constants + layout + selection + reductions + stable }

  /// A vector that an exact law must leave intact, whatever it holds.
  private static let odd = Operand([6], .values([1.5, -2, -0.0, .nan, .infinity, -.infinity]))
  private static let other = Operand([6], .values([-0.75, 3, .infinity, 1, .infinity, .nan]))
  private static let numbers = Operand([2, 3])
  private static let some: [DType] = [.f64, .f32, .f16, .bf16]
  private static let wholes: [DType] = [.i32, .i8]

  static let arithmetic = [
    RewriteCase("add-zero", [odd]) { $0[0] + 0 },
    RewriteCase("add-zero", [numbers], dtypes: wholes) { $0[0].zeros + $0[0] },
    RewriteCase("sub-zero", [odd]) { $0[0] - $0[0].zeros },
    RewriteCase("zero-sub", [odd]) { 0 - $0[0] },
    RewriteCase("mul-one", [odd]) { $0[0] * 1 },
    RewriteCase("mul-one", [numbers], dtypes: wholes) { $0[0].constant(.whole(1)) * $0[0] },
    RewriteCase("mul-minus-one", [odd]) { -1 * $0[0] },
    RewriteCase("mul-minus-one", [numbers], dtypes: wholes) { $0[0] * $0[0].constant(.whole(-1)) },
    RewriteCase("mul-zero", [numbers], dtypes: [.i64, .i8]) { $0[0] * $0[0].constant(.whole(0)) },
    RewriteCase("div-one", [odd]) { $0[0] / 1 },
    RewriteCase("div-minus-one", [odd]) { $0[0] / -1 },
    RewriteCase("div-power-of-two", [odd], dtypes: some) { $0[0] / 8 },
    RewriteCase("same-extreme", [odd]) { $0[0].combined("minimum", $0[0]) },
    RewriteCase("neg-neg", [odd]) { -(-$0[0]) },
    RewriteCase("neg-sub", [odd, other]) { -($0[0] - $0[1]) },
    RewriteCase("neg-constant", [odd], dtypes: some) { -(3 * $0[0]) },
    RewriteCase("neg-constant", [numbers], dtypes: wholes) { -($0[0] * $0[0].constant(.whole(3))) },
    RewriteCase("add-neg", [odd, other]) { -$0[0] + $0[1] },
    RewriteCase("sub-neg", [odd, other]) { $0[0] - -$0[1] },
    RewriteCase("mul-neg-neg", [odd, other]) { -$0[0] * -$0[1] },
    RewriteCase("mul-neg", [odd, other]) { $0[0] * -$0[1] },
    RewriteCase("mul-neg", [odd]) { -$0[0] * 3 },
    RewriteCase("div-neg", [odd, other]) { -$0[0] / $0[1] },
    RewriteCase("div-neg", [odd, other]) { $0[0] / -$0[1] },
    RewriteCase("even", [odd]) { (-$0[0]).applying("abs") },
    RewriteCase("even", [numbers], dtypes: wholes) { (-$0[0]).applying("square") },
    RewriteCase("pow-zero", [odd]) { $0[0].combined("pow", $0[0].zeros) },
    RewriteCase("pow-one", [odd]) { $0[0].combined("pow", $0[0].constant(1)) },
    RewriteCase("pow-two", [odd], dtypes: some) { $0[0].combined("pow", $0[0].constant(2)) },
    RewriteCase("pow-two", [numbers], dtypes: wholes) { $0[0].combined("pow", $0[0].constant(.whole(2))) },
    RewriteCase("pow-three", [odd]) { $0[0].combined("pow", $0[0].constant(3)) },
    RewriteCase("pow-minus-one", [odd]) { $0[0].combined("pow", $0[0].constant(-1)) },
    RewriteCase("mul-same", [odd]) { $0[0] * $0[0] },
  ]

  static let constants = [
    RewriteCase("mul-mul", [odd], dtypes: some) { 0.3 * ($0[0] * 0.7) },
    RewriteCase("mul-mul", [odd]) { ($0[0] / 3) * 0.7 },
    RewriteCase("div-constant", [odd], dtypes: some) { ($0[0] * 0.7) / 3 },
    RewriteCase("mul-small", [numbers, Operand([2, 1])]) { ($0[0] * 0.7) * $0[1] },
    RewriteCase("mul-reciprocal", [odd, other]) { $0[0] * $0[1].applying("reciprocal") },
    RewriteCase("one-div", [odd]) { 1 / $0[0] },
    RewriteCase("add-add", [odd], dtypes: some) { 0.3 + ($0[0] + 0.7) },
    RewriteCase("sub-constant", [odd]) { ($0[0] - 0.3) - 0.7 },
    RewriteCase("constant-sub", [odd]) { 0.3 - ($0[0] - 0.7) },
    RewriteCase("add-same", [odd]) { $0[0] + $0[0] },
    RewriteCase("add-scaled", [odd], dtypes: some) { $0[0] * 0.3 + 0.7 * $0[0] },
    RewriteCase("add-scaled", [odd]) { $0[0] + $0[0] * 0.7 },
    RewriteCase("sub-scaled", [odd]) { $0[0] * 0.3 - $0[0] * -0.7 },
    RewriteCase("common-factor", [odd, other]) { $0[0] * 0.3 + $0[1] * 0.3 },
    RewriteCase("common-factor-sub", [odd, other]) { $0[0] * 0.3 - 0.3 * $0[1] },
  ]

  static let layout = [
    RewriteCase("as-reshape", [numbers]) { $0[0].applying("flatten") },
    RewriteCase("as-reshape", [Operand([2, 1])]) { $0[0].applying("squeeze") },
    RewriteCase("as-reshape", [numbers]) { $0[0].applying("unsqueeze", ["axis": .whole(0)]) },
    RewriteCase("as-reshape", [Operand([2, 1]), Operand([2])]) { $0[0].combined("match_shape", $0[1]) },
    RewriteCase("reshape-nothing", [numbers]) { $0[0].applying("flatten") },
    RewriteCase("reshape-reshape", [numbers]) { $0[0].reshaped(to: [3, 2]).reshaped(to: [6]) },
    RewriteCase("transpose-nothing", [numbers]) { $0[0].transposed([0, -1]) },
    RewriteCase("transpose-transpose", [Operand([2, 3, 4])]) { $0[0].transposed([1, 2, 0]).transposed([1, -1, 0]) },
    RewriteCase("transpose-ones", [Operand([2, 1, 3])]) { $0[0].transposed([1, 0, 2]) },
    RewriteCase("matmul-transpose", [numbers, Operand([2, 4])]) { $0[0].transposed([1, 0]).combined("matmul", $0[1]) },
    RewriteCase("matmul-transpose", [Operand([5, 2, 3]), Operand([5, 4, 3])]) {
      $0[0].combined("matmul", $0[1].transposed([0, 2, 1]))
    },
    RewriteCase("transpose-matmul", [numbers, Operand([3, 4])]) { $0[0].combined("matmul", $0[1]).transposed([1, 0]) },
    RewriteCase("transpose-matmul", [Operand([5, 3, 2]), Operand([5, 3, 4])]) {
      $0[0].combined("matmul", $0[1], ["transpose_a": .boolean(true)]).transposed([0, 2, 1])
    },
    RewriteCase("repeat-nothing", [numbers]) {
      $0[0].applying("broadcast_to", ["shape": Shape([2, 3]).attributeValue])
    },
    RewriteCase("repeat-nothing", [numbers]) { $0[0].applying("sum_to", ["shape": Shape([2, 3]).attributeValue]) },
    RewriteCase("broadcast-broadcast", [Operand([1, 3])]) { $0[0].broadcast(to: [2, 3]).broadcast(to: [4, 2, 3]) },
    RewriteCase("broadcast-ones", [numbers]) { $0[0].broadcast(to: [1, 1, 2, 3]) },
    RewriteCase("broadcast-late", [Operand([3]), numbers]) { $0[0].broadcast(to: [2, 3]) * $0[1] },
    RewriteCase("broadcast-late", [Operand([3])]) { $0[0].broadcast(to: [2, 3]).applying("exp") },
    RewriteCase("broadcast-late", [Operand([3]), numbers]) {
      $0[1].greater($0[0].broadcast(to: [2, 3])).choosing($0[0].broadcast(to: [2, 3]), $0[1])
    },
    RewriteCase("fill-moved", [numbers]) { $0[0] * $0[0].constant(2.5).broadcast(to: [3, 2]).transposed([1, 0]) },
    RewriteCase("fill-late", [numbers]) { $0[0] * ($0[0].zeros + 2.5) },
    RewriteCase("fill-late", [odd]) { $0[0].zeros.combined("less", $0[0]) },
    RewriteCase("concat-fills", [numbers]) {
      try $0[0].builder.one("concat", [$0[0].zeros, $0[0].zeros], ["axis": .whole(0)])
    },
  ]

  static let selection = [
    RewriteCase("where-constant", [odd, other]) { $0[0].zeros.greater($0[0].constant(1)).choosing($0[0], $0[1]) },
    RewriteCase("where-same", [odd, other]) { $0[0].greater($0[1]).choosing($0[0], $0[0]) },
    RewriteCase("where-not", [odd, other]) { $0[0].greater($0[1]).applying("not").choosing($0[0], $0[1]) },
    RewriteCase("not-not", [odd, other]) { $0[0].greater($0[1]).applying("not").applying("not") },
    RewriteCase("not-equal", [odd, other]) { $0[0].combined("equal", $0[1]).applying("not") },
    RewriteCase("and-constant", [odd, other]) {
      $0[0].greater($0[1]).combined("and", $0[0].constant(2).greater($0[0].constant(1)))
    },
    RewriteCase("or-constant", [odd, other]) {
      $0[0].constant(2).greater($0[0].constant(1)).combined("or", $0[0].greater($0[1]))
    },
    RewriteCase("cast-nothing", [odd]) { $0[0].applying("cast", ["dtype": .dtype($0[0].dtype)]) },
    RewriteCase("cast-cast", [odd], dtypes: [.f32, .f16, .bf16]) { $0[0].cast(to: .f64).cast(to: $0[0].dtype) },
    RewriteCase("cast-cast", [numbers], dtypes: [.i8, .i32]) { $0[0].cast(to: .i64).cast(to: .f64) },
    RewriteCase("gradient-control", [odd]) { $0[0].applying("stop_gradient") },
    RewriteCase("gradient-control", [odd]) { $0[0].applying("gradient_clip") },
    RewriteCase("relu-relu", [odd]) { $0[0].applying("relu").applying("relu") },
    RewriteCase("maximum-zero", [odd]) { $0[0].combined("maximum", $0[0].zeros) },
  ]

  static let reductions = [
    RewriteCase("sum-neg", [odd]) { (-$0[0]).summed(over: .all) },
    RewriteCase("sum-neg", [numbers]) { (-$0[0]).applying("cumsum") },
    RewriteCase("sum-scaled", [numbers], dtypes: some) { ($0[0] * 0.7).summed(over: .one(0)) },
    RewriteCase("sum-scaled", [numbers]) { ($0[0] / 3).summed(to: [3]) },
    RewriteCase("sum-squares", [Operand([4, 5])], dtypes: some) { $0[0].applying("square").summed(over: .one(-1)) },
    RewriteCase("sum-ones", [Operand([1, 2, 1])]) { $0[0].summed(to: [2, 1]) },
    RewriteCase("reduce-ones", [Operand([2, 1])]) { $0[0].applying("mean", ["axis": .whole(1)]) },
    RewriteCase("reduce-ones", [Operand([2, 1])]) {
      $0[0].applying("max", ["axis": .whole(-1), "keepdims": .boolean(true)])
    },
    RewriteCase("sum-to-sum-to", [Operand([4, 2, 3])]) { $0[0].summed(to: [2, 3]).summed(to: [1, 3]) },
    RewriteCase("sum-repeated", [Operand([3])], dtypes: some) { $0[0].broadcast(to: [5, 3]).summed(to: [3]) },
    RewriteCase("matmul-neg", [Operand([2, 5]), Operand([5, 2])]) { (-$0[0]).combined("matmul", $0[1]) },
    RewriteCase("matmul-neg", [Operand([2, 5]), Operand([5, 2])]) { $0[0].combined("matmul", -$0[1]) },
    RewriteCase("matmul-scaled", [Operand([2, 5]), Operand([5, 2])]) { ($0[0] * 0.7).combined("matmul", $0[1]) },
    RewriteCase("matmul-scaled", [Operand([2, 5]), Operand([5, 2])]) { $0[0].combined("matmul", 0.7 * $0[1]) },
  ]

  static let stable = [
    RewriteCase("log-softmax", [numbers]) { $0[0].applying("softmax", ["axis": .whole(0)]).applying("log") },
    RewriteCase("log-sum-exp", [numbers]) { $0[0].applying("exp").summed(over: .one(1)).applying("log") },
    RewriteCase("log-exp", [numbers]) { $0[0].applying("exp").applying("log") },
    RewriteCase("log-sigmoid", [numbers]) { $0[0].applying("sigmoid").applying("log") },
    RewriteCase("log-one-plus", [Operand([2, 3], .fraction)]) { (1 + $0[0]).applying("log") },
    RewriteCase("log-one-minus", [Operand([2, 3], .fraction)]) { (1 - $0[0]).applying("log") },
    RewriteCase("log-one-plus-exp", [numbers]) { ($0[0].applying("exp") + 1).applying("log") },
    RewriteCase("exp-minus-one", [numbers]) { $0[0].applying("exp") - 1 },
    RewriteCase("reciprocal-sqrt", [odd]) { 1 / $0[0].applying("sqrt") },
    RewriteCase("div-sqrt", [odd, other]) { $0[0] / $0[1].applying("sqrt") },
    RewriteCase("sigmoid", [numbers]) { 1 / (1 + (-$0[0]).applying("exp")) },
    RewriteCase("softmax", [numbers]) {
      let power = $0[0].applying("exp")
      return power / power.summed(over: .one(-1), keepingDimensions: true)
    },
  ]
}

extension Value {
  fileprivate func greater(_ other: Value) -> Value { combined("greater", other) }

  fileprivate func choosing(_ a: Value, _ b: Value) -> Value {
    builder.attempt(a) { () throws(OperationError) in try builder.one("where", [self, a, b]) }
  }
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
