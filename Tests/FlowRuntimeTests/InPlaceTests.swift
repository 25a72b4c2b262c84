import FlowGraph
import FlowOperations
import FlowTensor
import Testing

@testable import FlowRuntime

/// Values that lie in others' memory: views in their operands, results in dying ones, updates in their variables.
@Suite struct InPlaceTests {
  private let builder = GraphBuilder(registry: .builtIn())

  @Test(arguments: [
    ("reshape", ["shape": list(6, 2)], [0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    ("index", ["at": .list([list(1)])], [4.0, 5, 6, 7]),
    ("index", ["at": .list([list(1, 3), list(0, 4)])], [4.0, 5, 6, 7, 8, 9, 10, 11]),
    ("split", ["sizes": list(1, 2)], [0.0, 1, 2, 3]),
    ("slice", ["starts": list(2), "stops": list(3)], [8.0, 9, 10, 11]),
  ])
  func `a run of a tensor's elements is not copied`(
    name: String, attributes: [String: AttributeValue], expected: [Double]
  ) throws {
    let x = builder.variable("x", .input, TensorType(.f64, [3, 4]))
    let direct = try builder.add(name, [x], attributes)[0]
    let ofResult = try builder.add(name, [try builder.one("sort", [x])], attributes)[0]
    let session = Session(builder.graph, fetching: [direct.id, ofResult.id], executor: Executor(threads: 1))
    for shift in [0.0, 100] {
      session.feed(0, Tensor((0..<12).map { Double($0) + shift }, [3, 4]))
      try session.evaluate()
      for fetch in 0...1 { #expect(session.tensor(fetch)?.elements() == expected.map { $0 + shift }) }
    }
    #expect(try session.plan().steps.count == 1)
    #expect(try session.plan().statistics.aliased == 2)
  }

  @Test func `part of a row is copied`() throws {
    let x = builder.variable("x", .input, TensorType(.f64, [3, 4]))
    let y = try builder.one("index", [x], ["at": .list([list(), list(0, 2)])])
    let plan = try Plan.make(builder.graph, PlanRequest(fetching: [y.id]))
    #expect(plan.steps.count == 1)
  }

  @Test func `a result takes the place of an operand that is read for the last time`() throws {
    let x = builder.variable("x", .input, TensorType(.f32, [1_000]))
    var y = try builder.one("sort", [x])
    for _ in 0..<3 { y = try builder.one("tanh", [try builder.one("sort", [builder.one("neg", [y])])]) }
    let plan = try Plan.make(builder.graph, PlanRequest(fetching: [y.id]))
    #expect(plan.statistics.memoryBytes == 2 * 4_032)
    let kept = try Plan.make(builder.graph, PlanRequest(fetching: [y.id], fuses: false))
    #expect(plan.statistics.memoryBytes <= kept.statistics.memoryBytes)
  }

  /// `w ← w - 0.5 · v`, `v ← 0.5 · v + w`: each reads the other's old value.
  private func coupled() throws -> (w: Value, v: Value) {
    let w = builder.variable("w", .parameter, TensorType(.f64, [2]))
    let v = builder.variable("v", .state, TensorType(.f64, [2]))
    let half = try builder.fill(.real(0.5), TensorType(.f64))
    _ = builder.update(w, to: try builder.one("sub", [w, builder.one("mul", [half, v])]))
    _ = builder.update(v, to: try builder.one("add", [builder.one("mul", [half, v]), w]))
    return (w, v)
  }

  @Test(arguments: [1, 4]) func `updates are written when they are committed, all from old values`(threads: Int) throws
  {
    let sum = try builder.one("sum", [coupled().w])
    let store = VariableStore(["w": Tensor([1.0, 2], [2]), "v": Tensor([4.0, -4], [2])])
    let session = Session(
      builder.graph, fetching: [sum.id], updates: builder.graph.updates, store: store,
      executor: Executor(threads: threads))
    try session.evaluate()
    #expect(store["w"] == Tensor([1.0, 2], [2]))
    session.commit()
    #expect(session.scalar(0) == 3)
    #expect(store["w"] == Tensor([-1.0, 4], [2]))
    #expect(store["v"] == Tensor([3.0, 0], [2]))
    session.commit()
    #expect(store["w"] == Tensor([-1.0, 4], [2]))
  }

  @Test func `an optimizer's pass writes over what it reads`() throws {
    _ = try coupled()
    let plan = try Plan.make(builder.graph, PlanRequest(fetching: [], updates: builder.graph.updates))
    #expect(plan.steps.count == 1)
    #expect(plan.phase(.commit).steps == 0..<1)
    // Both new values come from both old ones; what is read last may be written over.
    #expect(plan.writes.contains { $0.isInPlace })
    #expect(plan.statistics.memoryBytes <= 64)
    let unfused = try Plan.make(builder.graph, PlanRequest(fetching: [], updates: builder.graph.updates, fuses: false))
    #expect(!unfused.writes.contains { $0.isInPlace })
  }
}

private func list(_ numbers: Int...) -> AttributeValue { .list(numbers.map { .whole($0) }) }
