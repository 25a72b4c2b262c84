import FlowDiagnostics
import FlowGraph
import FlowRuntime
import FlowTensor
import Testing

@Suite struct PlanTests {
  @Test func `what nothing wants is pruned`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x")
    let wanted = try sketch.scale(x, by: 2)
    _ = try sketch.scale(wanted, by: 3)
    let plan = try Plan.make(sketch.graph, PlanRequest(fetching: [wanted.id]))
    #expect(plan.steps.count == 1)
    #expect(plan.statistics.pruned == 1)
  }

  @Test func `equal nodes are shared, also where their operands are`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x")
    let (a, b) = (try sketch.scale(x, by: 2), try sketch.scale(x, by: 2))
    let sum = try sketch.add(try sketch.scale(a, by: 3), try sketch.scale(b, by: 3))
    let plan = try Plan.make(sketch.graph, PlanRequest(fetching: [sum.id, b.id]))
    #expect(plan.statistics.shared == 2)
    #expect(plan.steps.count == 3)
    #expect(
      try sketch.run([sum, b], [(x, Tensor([1.0, 2], [2]))]) == [Tensor([12.0, 24], [2]), Tensor([2.0, 4], [2])])
  }

  @Test func `random nodes are not shared`() throws {
    let sketch = try Sketch()
    let (a, b) = (try sketch.random(), try sketch.random())
    let values = try sketch.run([a, b])
    #expect(values[0] != values[1])
  }

  @Test func `what depends on no variable is computed once, with the plan`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x")
    let constant = try sketch.scale(sketch.fill(2), by: 5)
    let y = try sketch.add(x, constant)
    let plan = try Plan.make(sketch.graph, PlanRequest(fetching: [y.id, constant.id]))
    #expect(plan.statistics.folded == 2)
    #expect(plan.constants == [Tensor([10.0, 10], [2])])
    #expect(try sketch.run([y], [(x, Tensor([1.0, 2], [2]))]) == [Tensor([11.0, 12], [2])])
  }

  @Test func `large constants are left to run`() throws {
    let sketch = try Sketch()
    let large = try sketch.fill(1, [1_000_000])
    let plan = try Plan.make(sketch.graph, PlanRequest(fetching: [large.id]))
    #expect(plan.statistics.folded == 0)
  }

  @Test func `a constant that fails keeps its place`() throws {
    let sketch = try Sketch()
    let bad = try sketch.builder.one("reject_negative", [try sketch.fill(-1)])
    let error = #expect(throws: SessionError.self) { try sketch.run([bad]) }
    #expect(error?.diagnostic().message == "a negative element")
  }

  @Test func `a chain needs two places, whatever its length`() throws {
    let sketch = try Sketch()
    var y = sketch.input("x", [16])
    for step in 0..<50 { y = try sketch.scale(y, by: 1 + Double(step)) }
    let plan = try Plan.make(sketch.graph, PlanRequest(fetching: [y.id]))
    #expect(plan.statistics.memoryBytes == 256)
    #expect(plan.statistics.peakBytes == 256)
  }

  @Test func `values without elements are planned and run`() throws {
    let sketch = try Sketch()
    let (a, b) = (sketch.input("a", [0, 3]), sketch.input("b", [3, 4]))
    let product = try sketch.product(a, b)
    let total = try sketch.builder.add("sum_count", [product])
    let values = try sketch.run(
      [product] + total, [(a, Tensor([Double](), [0, 3])), (b, Tensor(Array(repeating: 1.0, count: 12), [3, 4]))])
    #expect(values == [Tensor([Double](), [0, 4]), Tensor(scalar: 0.0), Tensor(scalar: 0.0)])
  }

  @Test func `a plan prints a line for each step`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x")
    let y = try sketch.scale(x, by: 2)
    sketch.builder.label(y, "y")
    let z = try sketch.add(y, x)
    let plan = try Plan.make(sketch.graph, PlanRequest(fetching: [z.id]))
    #expect(
      plan.description == """
        nodes: 2 of 2 run; 0 pruned, 0 shared, 0 folded, 0 fused, 0 aliased
        rewrites: 0
        flops: 4
        bytes: 128 placed for 32 at once, 16 in variables, 0 in constants, 0 of workspace a thread
        y = scale(x): f64[2] at 0 + 16
        %2 = add(y, x): f64[2] at 64 + 16
        fetch 0: %2 at 64 + 16

        """)
  }
}

@Suite struct BindingTests {
  private let n = Dimension(symbol: "n")

  @Test func `a dimension takes its size from what is fed`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x", [n, 2])
    let w = sketch.input("w", [2, 3])
    let y = try sketch.product(x, w)
    let types = [0: TensorType(.f64, [5, 2]), 1: TensorType(.f64, [2, 3])]
    let plan = try Plan.make(sketch.graph, PlanRequest(fetching: [y.id], types: types))
    #expect(plan.type(of: plan.fetches[0]) == TensorType(.f64, [5, 3]))
  }

  @Test func `two sizes of one dimension are told with both places`() throws {
    let sketch = try Sketch()
    let (x, y) = (sketch.input("x", [n]), sketch.input("y", [2, n]))
    let types = [0: TensorType(.f64, [5]), 1: TensorType(.f64, [2, 6])]
    let request = PlanRequest(fetching: [x.id, y.id], types: types)
    let error = #expect(throws: PlanError.self) { try Plan.make(sketch.graph, request) }
    #expect(error?.diagnostic().message == "dimension 'n' is 5 in 'x' and 6 in 'y'")
  }

  @Test(arguments: [TensorType(.f32, [5]), TensorType(.f64, [5, 5]), TensorType(.f64, [])])
  func `a tensor of another type is refused`(type: TensorType) throws {
    let sketch = try Sketch()
    let x = sketch.input("x", [n])
    let error = #expect(throws: PlanError.self) {
      try Plan.make(sketch.graph, PlanRequest(fetching: [x.id], types: [0: type]))
    }
    #expect(error == .wrongType(variable: "x", span: nil, declared: TensorType(.f64, Shape([n])), given: type))
  }

  @Test func `a dimension that nothing gives a size is named`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x", [n])
    let error = #expect(throws: PlanError.self) { try Plan.make(sketch.graph, PlanRequest(fetching: [x.id])) }
    #expect(error == .unboundDimension("n", variable: "x", span: nil))
  }

  @Test func `a node that does not fit its sizes is named with its types and place`() throws {
    let sketch = try Sketch()
    let (x, y) = (sketch.input("x", [n]), sketch.input("y", [Dimension(symbol: "m")]))
    sketch.builder.place = .init(file: 0, start: 3, end: 9)
    let z = try sketch.add(x, y)
    sketch.builder.label(z, "z")
    let types = [0: TensorType(.f64, [5]), 1: TensorType(.f64, [6])]
    let error = #expect(throws: PlanError.self) {
      try Plan.make(sketch.graph, PlanRequest(fetching: [z.id], types: types))
    }
    let diagnostic = try #require(error?.diagnostic(step: 12))
    #expect(diagnostic.id == "shape-mismatch")
    #expect(diagnostic.span == .init(file: 0, start: 3, end: 9))
    #expect(diagnostic.notes.map(\.message) == ["'z' is add(f64[5], f64[6]), in step 12"])
  }

  @Test func `a derived dimension is bound by the node that introduced it`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x", [n])
    let head = try sketch.builder.one("head", [x], ["count": .whole(3)])
    let size = try #require(head.shape.dimensions.first)
    let ones = try sketch.fill(1, Shape([size, 2]))
    for (fed, expected) in [(5, 3), (2, 2)] {
      let values = try sketch.run([ones], [(x, Tensor(Array(repeating: 0.5, count: fed), [fed]))])
      #expect(values.first?.sizes == [expected, 2])
    }
  }
}
