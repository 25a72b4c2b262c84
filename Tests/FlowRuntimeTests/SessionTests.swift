import FlowGraph
import FlowRuntime
import FlowTensor
import Testing

@Suite struct SessionTests {
  @Test func `a graph computes what its nodes say`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x")
    let y = try sketch.add(sketch.scale(x, by: 3), x)
    #expect(try sketch.run([y, x], [(x, Tensor([1.0, 2], [2]))]) == [Tensor([4.0, 8], [2]), Tensor([1.0, 2], [2])])
  }

  @Test func `several results of one node are read apart`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x", [3])
    let results = try sketch.builder.add("sum_count", [x])
    #expect(try sketch.run(results, [(x, Tensor([1.0, 2, 4], [3]))]) == [Tensor(scalar: 7.0), Tensor(scalar: 3.0)])
  }

  @Test func `a matrix product runs in blocks through a workspace`() throws {
    let sketch = try Sketch()
    let (a, b) = (sketch.input("a", [2, 2]), sketch.input("b", [2, 2]))
    let values = try sketch.run(
      [sketch.product(a, b)], [(a, Tensor([1.0, 2, 3, 4], [2, 2])), (b, Tensor([5.0, 6, 7, 8], [2, 2]))])
    #expect(values == [Tensor([19.0, 22, 43, 50], [2, 2])])
  }

  @Test func `parameters stay in place between steps of different batch sizes`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x", [Dimension(symbol: "n")])
    let w = sketch.parameter("w", [])
    let sum = try sketch.builder.add("sum_count", [x])[0]
    #expect(sketch.builder.update(w, to: try sketch.add(w, sum)))
    let store = VariableStore(["w": Tensor(scalar: 0.0)])
    let session = Session(
      sketch.graph, fetching: [sum.id], updates: sketch.graph.updates, store: store, executor: Executor(threads: 1))
    for batch in [[1.0, 2], [3.0], [4.0, 5], [6.0]] {
      session.feed(try sketch.index(of: x), Tensor(batch, [batch.count]))
      try session.evaluate()
      #expect(session.scalar(0) == batch.reduce(0, +))
      session.commit()
    }
    #expect(session.state == ["w": Tensor(scalar: 21.0)])
  }

  @Test func `a failed step leaves the state as it was`() throws {
    let sketch = try Sketch()
    let (x, w) = (sketch.input("x"), sketch.parameter("w"))
    let checked = try sketch.builder.one("reject_negative", [x])
    #expect(sketch.builder.update(w, to: try sketch.add(w, checked)))
    let session = Session(
      sketch.graph, fetching: [], updates: sketch.graph.updates, store: VariableStore(["w": Tensor([1.0, 1], [2])]),
      executor: Executor(threads: 1))
    session.feed(try sketch.index(of: x), Tensor([1.0, -1], [2]))
    #expect(throws: SessionError.self) { try session.evaluate() }
    #expect(session.state["w"] == Tensor([1.0, 1], [2]))
  }

  @Test func `two variables may swap their values`() throws {
    let sketch = try Sketch()
    let (a, b) = (sketch.parameter("a", []), sketch.parameter("b", []))
    #expect(sketch.builder.update(a, to: b))
    #expect(sketch.builder.update(b, to: a))
    let store = VariableStore(["a": Tensor(scalar: 1.0), "b": Tensor(scalar: 2.0)])
    let session = Session(
      sketch.graph, fetching: [], updates: sketch.graph.updates, store: store, executor: Executor(threads: 1))
    try session.evaluate()
    session.commit()
    #expect(session.state == ["a": Tensor(scalar: 2.0), "b": Tensor(scalar: 1.0)])
  }

  @Test func `first values come from the seed and from each other`() throws {
    let sketch = try Sketch()
    let w = sketch.parameter("w", [3], initial: try sketch.random([3]))
    _ = sketch.parameter("v", [3], initial: try sketch.scale(w, by: 2))
    let executor = Executor(threads: 1)
    let state = try sketch.graph.initialState(seed: 7, executor: executor)
    #expect(state["v"]?.doubles == state["w"]?.doubles.map { $0 * 2 })
    #expect(try sketch.graph.initialState(seed: 7, executor: executor) == state)
    #expect(try sketch.graph.initialState(seed: 8, executor: executor) != state)
    #expect(
      try sketch.graph.initialState(seed: 7, executor: executor) { $0.name == "w" } == state.filter { $0.key == "w" })
  }

  @Test func `the step is part of what random numbers are counted by`() throws {
    let sketch = try Sketch()
    let session = Session(sketch.graph, fetching: [], executor: Executor(threads: 1))
    #expect(session.state.isEmpty)
    let y = try sketch.random()
    let random = Session(sketch.graph, fetching: [y.id], executor: Executor(threads: 1))
    var seen: Set<[Double]> = []
    for step in 0..<4 {
      random.setCounter(seed: 1, step: Int64(step))
      try random.evaluate()
      seen.insert(try #require(random.tensor(0)).doubles)
    }
    #expect(seen.count == 4)
  }

  @Test func `what nothing feeds is named`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x")
    let error = #expect(throws: SessionError.self) { try sketch.run([x]) }
    #expect(error == .missing(variable: "x", role: .input, span: nil))
  }

  @Test func `sessions share a store, and a variable that is made anew is found`() throws {
    let sketch = try Sketch()
    let w = sketch.parameter("w", [])
    let doubled = try sketch.scale(w, by: 2)
    #expect(sketch.builder.update(w, to: doubled))
    let store = VariableStore(["w": Tensor(scalar: 1.0)])
    let executor = Executor(threads: 1)
    let step = Session(
      sketch.graph, fetching: [], updates: sketch.graph.updates, store: store, executor: executor)
    let reader = Session(sketch.graph, fetching: [doubled.id], store: store, executor: executor)
    for expected in [4.0, 8, 16] {
      try step.evaluate()
      step.commit()
      step.commit()
      try reader.evaluate()
      #expect(reader.scalar(0) == expected)
    }
    store["v"] = Tensor([1.0, 2], [2])
    store["w"] = Tensor(scalar: 5.0)
    try reader.evaluate()
    #expect(reader.scalar(0) == 10)
  }

  @Test func `a parameter of another type than the graph's is refused`() throws {
    let sketch = try Sketch()
    let w = sketch.parameter("w", [3])
    let session = Session(
      sketch.graph, fetching: [w.id], store: VariableStore(["w": Tensor(scalar: 1.0)]), executor: Executor(threads: 1))
    let error = #expect(throws: SessionError.self) { try session.evaluate() }
    #expect(error == .plan(.wrongType(variable: "w", span: nil, declared: w.type, given: TensorType(.f64))))
    #expect(session.tensor(0) == nil)
  }

  @Test func `an input is read where it lies, also when it is fetched`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x", [])
    let fetching = Session(sketch.graph, fetching: [x.id], executor: Executor(threads: 1))
    for number in [1.0, 2, 3] {
      fetching.feed(0, Tensor(scalar: number))
      try fetching.evaluate()
      #expect(fetching.scalar(0) == number)
    }
  }

  @Test func `the next batch may be fed before the step is committed`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x", [Dimension(symbol: "n")])
    let w = sketch.parameter("w", [])
    #expect(sketch.builder.update(w, to: try sketch.add(w, try sketch.builder.add("sum_count", [x])[0])))
    let store = VariableStore(["w": Tensor(scalar: 0.0)])
    let session = Session(
      sketch.graph, fetching: [], updates: sketch.graph.updates, store: store, executor: Executor(threads: 1))
    let batches = [[1.0, 2], [3.0], [4.0, 5], [6.0]].map { Tensor($0, [$0.count]) }
    session.feed(0, batches[0])
    for next in batches.dropFirst() {
      try session.evaluate()
      session.feed(0, next)
      session.commit()
    }
    #expect(session.state["w"] == Tensor(scalar: 15.0))
  }

  @Test func `results that are an input end when it is fed again`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x", [])
    let session = Session(sketch.graph, fetching: [x.id], executor: Executor(threads: 1))
    session.feed(0, Tensor(scalar: 1.0))
    try session.evaluate()
    session.feed(0, Tensor(scalar: 2.0))
    #expect(session.tensor(0) == nil)
  }
}
