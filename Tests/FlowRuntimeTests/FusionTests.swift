import FlowGraph
import FlowOperations
import FlowRuntime
import FlowTensor
import Testing

/// Element-wise nodes in shared passes: the same bits as one by one.
@Suite struct FusionTests {
  @Test(arguments: [[6, 130], [5, 3, 7], [2_100], [1], [3, 0, 2], [70, 1_000]])
  func `what is fused has the bits of what is not, on any number of threads`(sizes: [Int]) throws {
    for seed in 0..<12 as Range<UInt64> {
      let random = try RandomPasses(seed: seed, sizes)
      let expected = try random.run(Executor(threads: 1, options: .init(fuses: false)))
      for threads in [1, 2, 4] {
        let found = try random.run(Executor(threads: threads))
        for (index, pair) in zip(found, expected).enumerated() {
          #expect(pair.0 == pair.1, "fetch \(index) of \(sizes), seed \(seed), \(threads) threads")
        }
      }
      let plan = try Plan.make(random.builder.graph, PlanRequest(fetching: random.fetches.map(\.id)))
      #expect(plan.statistics.fused > 0 || sizes.contains(0), "nothing was fused in seed \(seed)")
    }
  }

  /// Rows shorter and longer than a tile; blocks that begin within a row.
  @Test(arguments: [[900, 48], [90, 512], [12_000, 3], [100, 500], [60, 700], [20, 3, 129]])
  func `what is repeated for each row is read alike in every tile`(sizes: [Int]) throws {
    let builder = GraphBuilder(registry: .builtIn())
    let row = Array(sizes.suffix(1))
    let x = builder.variable("x", .input, TensorType(.f32, Shape(sizes)))
    let (scale, shift) = (
      builder.variable("scale", .input, TensorType(.f32, Shape(row))),
      builder.variable("shift", .input, TensorType(.f32, Shape(row)))
    )
    let y = try builder.one("add", [builder.one("mul", [builder.one("tanh", [x]), scale]), shift])
    func run(_ options: Executor.Options) throws -> Tensor? {
      let session = Session(builder.graph, fetching: [y.id], executor: Executor(threads: 2, options: options))
      for (index, sizes) in [sizes, row, row].enumerated() {
        let numbers = (0..<sizes.reduce(1, *)).map { Float(($0 * 37 + index) % 101) / 50 - 1 }
        session.feed(index, Tensor(numbers, sizes))
      }
      try session.evaluate()
      return session.tensor(0)
    }
    #expect(try run(.init()) == run(.init(fuses: false)))
  }

  @Test func `a chain with several uses is one pass that keeps what others read`() throws {
    let builder = GraphBuilder(registry: .builtIn())
    let x = builder.variable("x", .input, TensorType(.f32, [4, 600]))
    let a = try builder.one("tanh", [x])
    let b = try builder.one("mul", [a, x])
    let c = try builder.one("sum", [b])
    let d = try builder.one("reshape", [try builder.one("add", [b, a])], ["shape": .list([.whole(2400)])])
    let plan = try Plan.make(builder.graph, PlanRequest(fetching: [c.id, d.id]))
    #expect(plan.steps.map { plan.members(of: $0).count }.sorted() == [1, 3])
    #expect((plan.statistics.fused, plan.statistics.aliased) == (3, 1))
    let unfused = try Plan.make(builder.graph, PlanRequest(fetching: [c.id, d.id], fuses: false))
    #expect(unfused.steps.count == 5)
    #expect(unfused.statistics.fused == 0)
  }

  @Test func `what may fail, and what is checked for numbers, runs by itself`() throws {
    let builder = GraphBuilder(registry: .builtIn())
    let x = builder.variable("x", .input, TensorType(.i32, [3]))
    let quotient = try builder.one("floor_div", [try builder.one("add", [x, x]), x])
    let y = try builder.one("maximum", [try builder.one("neg", [quotient]), x])
    let plan = try Plan.make(builder.graph, PlanRequest(fetching: [y.id]))
    #expect(plan.steps.map { plan.members(of: $0).count } == [1, 1, 2])
    #expect(Executor.Options(checksNumerics: true).fuses == false)
  }
}

/// A graph of element-wise functions, views, repetitions and sums, at random.
private struct RandomPasses {
  let builder = GraphBuilder(registry: .builtIn())
  var fetches: [Value] = []
  private var inputs: [Tensor] = []
  private var floats: [Value] = []
  /// The inputs, in the dtype that is computed in.
  private var first: [Value] = []
  private var numbers: SplitMix
  private let sizes: [Int]

  init(seed: UInt64, _ sizes: [Int]) throws {
    numbers = SplitMix(state: seed)
    self.sizes = sizes
    let repeated = sizes.indices.map { axis in sizes.indices.map { $0 == axis ? sizes[$0] : 1 } }
    for (index, sizes) in ([sizes, [], Array(sizes.dropFirst())] + repeated).enumerated() {
      let tensor = Tensor(
        (0..<sizes.reduce(1, *)).map { _ in Float.random(in: -2...2, using: &numbers) }, sizes)
      inputs.append(tensor)
      floats.append(builder.variable("x\(index)", .input, tensor.type))
    }
    // Every other graph in double precision.
    if seed % 2 == 1 { floats = try floats.map { try builder.one("cast", [$0], ["dtype": .dtype(.f64)]) } }
    first = floats
    for _ in 0..<40 { floats.append(try grown()) }
    fetches =
      try [floats.last, floats.randomElement(using: &numbers), floats.randomElement(using: &numbers)]
      .compactMap(\.self) + [builder.one("cast", [floats[floats.count - 2]], ["dtype": .dtype(.f16)])]
  }

  private mutating func pick() -> Value {
    floats[
      Int.random(in: 0..<3, using: &numbers) == 0 ? Int.random(in: 0..<floats.count, using: &numbers) : floats.count - 1
    ]
  }

  private mutating func grown() throws -> Value {
    let (a, b) = (pick(), pick())
    let dtype = a.dtype
    switch Int.random(in: 0..<20, using: &numbers) {
    case 0: return try builder.one("tanh", [a])
    case 1: return try builder.one("abs", [a])
    case 2: return try builder.one("pow", [a, builder.fill(.real(2), TensorType(dtype))])
    case 3: return try builder.one("where", [builder.one("greater", [a, b]), a, b])
    case 4:
      return try builder.one("cast", [builder.one("cast", [a], ["dtype": .dtype(.i32)])], ["dtype": .dtype(dtype)])
    case 5: return try builder.one("broadcast_to", [a], ["shape": Shape(sizes).attributeValue])
    case 6:
      let whole = try builder.one("add", [a, floats[0]])
      let flat = try builder.one("reshape", [whole], ["shape": .list([.whole(sizes.reduce(1, *))])])
      return try builder.one(
        "reshape", [builder.one("exp", [builder.one("neg", [builder.one("abs", [flat])])])],
        ["shape": Shape(sizes).attributeValue])
    case 7: return try builder.one("mean", [a])
    case 8: return try builder.one("maximum", [a, b])
    case 9: return try builder.one("div", [a, b])
    case 10: return try builder.one("sigmoid", [a])
    case 11: return try builder.one("sub", [a, b])
    case 12: return try builder.one("mul", [a, first.randomElement(using: &numbers) ?? a])
    case 13: return try builder.one("minimum", [b, a])
    case 14: return try builder.one("square", [a])
    case 15: return try builder.one("sub", [first.randomElement(using: &numbers) ?? a, a])
    case 16: return try builder.one("relu", [a])
    case 17:
      let function = ["sqrt", "rsqrt", "reciprocal"].randomElement(using: &numbers) ?? "sqrt"
      return try builder.one(function, [builder.one("abs", [a])])
    default: return try builder.one("add", [a, first.randomElement(using: &numbers) ?? a])
    }
  }

  func run(_ executor: Executor) throws -> [Tensor] {
    let session = Session(builder.graph, fetching: fetches.map(\.id), executor: executor)
    for (index, tensor) in inputs.enumerated() { session.feed(index, tensor) }
    try session.evaluate()
    return fetches.indices.compactMap { session.tensor($0) }
  }
}
