import FlowGraph
import FlowRuntime
import FlowTensor
import Testing

@Suite struct `Laws of a registry` {
  /// Two factors in a row are one; a factor of 1 is none; a sum of a value with itself is that value doubled.
  private static let laws = [
    Rewrite("scale-scale", "a(bx) = (ab)x") { (outer: Match<Scale>) in
      guard outer.operation.offset == 0, let inner = outer[0].made(by: Scale.self), inner.operation.offset == 0
      else { return nil }
      var both = Scale()
      both.factor = inner.operation.factor * outer.operation.factor
      return inner[0].applying(both)
    },
    Rewrite("scale-one", "1x = x") { (scale: Match<Scale>) in
      scale.operation.factor == 1 && scale.operation.offset == 0 ? scale[0] : nil
    },
    Rewrite("add-same", "x + x = 2x") { (sum: Match<Add>) in
      var double = Scale()
      double.factor = 2
      return sum[0] == sum[1] ? sum[0].applying(double) : nil
    },
    Rewrite("lone", "a value read by one alone") { (sum: Match<Add>) in
      sum[1].isReadOnce ? sum[1].made(by: Scale.self).flatMap { $0.operation.offset == 7 ? sum[0] : nil } : nil
    },
    Rewrite("endless", "x + 3 is looked at again and again") { (scale: Match<Scale>) in
      var next = Scale()
      (next.factor, next.offset) = (scale.operation.factor == 5 ? 6 : 5, 3)
      return scale.operation.offset == 3 ? scale[0].applying(next) : nil
    },
  ]

  private func sketch() throws -> Sketch {
    var registry = try Registry.forTests()
    registry.register(Self.laws)
    return Sketch(registry)
  }

  private func plan(_ sketch: Sketch, _ values: Value..., optimizes: Bool = true) throws -> Plan {
    try Plan.make(sketch.graph, PlanRequest(fetching: values.map(\.id), optimizes: optimizes))
  }

  private func counts(_ plan: Plan) -> [String: Int] {
    let counts = plan.statistics.rewrites.map { ($0.name, $0.count) }
    return Dictionary(uniqueKeysWithValues: counts).filter { $0.value > 0 }
  }

  @Test func `apply until none does, to what they add as well`() throws {
    let sketch = try sketch()
    let x = sketch.input("x")
    let half = try sketch.scale(x, by: 0.5)
    let y = try sketch.scale(try sketch.add(half, half), by: 3)
    let plan = try plan(sketch, y)
    #expect(plan.steps.count == 1)
    #expect(counts(plan) == ["add-same": 1, "scale-scale": 1, "scale-one": 1])
    #expect(try sketch.run([y], [(x, Tensor([1.0, 2], [2]))]) == [Tensor([3.0, 6], [2])])
  }

  @Test func `leave a plan alone that is not to be optimized`() throws {
    let sketch = try sketch()
    let x = sketch.input("x")
    let (a, b) = (try sketch.scale(x), try sketch.scale(x))
    let plan = try plan(sketch, try sketch.add(a, b), optimizes: false)
    #expect(plan.steps.count == 3)
    #expect(plan.statistics.shared == 0)
    #expect(counts(plan) == [:])
  }

  @Test func `keep a fetched value apart from a variable, which may be written before it is read`() throws {
    let sketch = try sketch()
    let x = sketch.input("x")
    let y = try sketch.scale(x)
    #expect(try plan(sketch, y).steps.count == 1)
    let double = try sketch.scale(y, by: 2)
    #expect(try plan(sketch, double).steps.count == 1)
    #expect(try plan(sketch, double, try sketch.scale(x)).steps.count == 2)
  }

  @Test func `know who reads a value, and what no longer does`() throws {
    let sketch = try sketch()
    let x = sketch.input("x")
    let odd = try sketch.scale(x, by: 2, plus: 7)
    let lone = try sketch.add(x, odd)
    #expect(counts(try plan(sketch, lone, x)) == [:])
    let doubled = try sketch.scale(lone, by: 3)
    #expect(counts(try plan(sketch, doubled)) == ["lone": 1])
    // The second reader of `odd` is itself given up, for `lone` applies there first.
    #expect(counts(try plan(sketch, doubled, odd)) == [:])
  }

  @Test func `that undo each other come to an end`() throws {
    let sketch = try sketch()
    let x = sketch.input("x")
    let y = try sketch.scale(x, by: 5, plus: 3)
    #expect(try plan(sketch, y).steps.count == 1)
  }

  @Test func `apply in the same way every time`() throws {
    let sketch = try sketch()
    var value = sketch.input("x")
    for index in 0..<200 {
      value = try sketch.add(try sketch.scale(value, by: Double(index % 3)), index % 5 == 0 ? value : sketch.fill(1))
    }
    let plans = try (0..<3).map { _ in try plan(sketch, value).description }
    #expect(Set(plans).count == 1)
  }
}
