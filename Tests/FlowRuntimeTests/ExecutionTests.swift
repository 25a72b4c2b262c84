import FlowDiagnostics
import FlowGraph
import FlowRuntime
import FlowTensor
import Testing

@Suite(.timeLimit(.minutes(2))) struct ExecutionTests {
  @Test(arguments: [1, 2, 4], 0..<12)
  func `random graphs give the values of plain evaluation on any number of threads`(threads: Int, seed: Int) throws {
    var random = try RandomGraph(seed: UInt64(seed), nodes: 60, delays: true)
    let fetches = random.fetches()
    let session = Session(
      random.sketch.graph, fetching: fetches.map { random.values[$0].value.id },
      executor: Executor(threads: threads, options: .init(slackBytes: seed % 2 * 4_096)))
    session.feed(0, random.input)
    for _ in 0..<5 {
      try session.evaluate()
      for (position, fetch) in fetches.enumerated() {
        #expect(session.tensor(position)?.doubles == random.values[fetch].expected, "seed \(seed)")
      }
    }
  }

  @Test(arguments: [1, 4])
  func `a value that feeds many others is computed once`(threads: Int) throws {
    let sketch = try Sketch()
    let x = sketch.input("x")
    let shared = try sketch.builder.one("blend", [x, x], ["count": .whole(2)])
    let readers = try (0..<50).map { try sketch.builder.one("blend", [shared, x], ["count": .whole(2 + $0)]) }
    let executor = Executor(threads: threads, options: .init(countsFirings: true))
    let session = Session(sketch.graph, fetching: readers.map(\.id), executor: executor)
    session.feed(0, Tensor([1.0, 2], [2]))
    for _ in 0..<3 { try session.evaluate() }
    let firings = try #require(session.firings)
    #expect(firings == [0] + Array(repeating: 3, count: 51))
  }

  @Test(arguments: [1, 4])
  func `an error names the node, its place and its input types`(threads: Int) throws {
    let sketch = try Sketch()
    let x = sketch.input("x")
    var rows = [try sketch.builder.one("blend", [x, x], ["count": .whole(8)])]
    sketch.builder.place = SourceSpan(file: 0, start: 10, end: 20)
    let bad = try sketch.builder.one("reject_negative", [x])
    sketch.builder.label(bad, "checked")
    sketch.builder.place = nil
    for index in 0..<20 { rows.append(try sketch.builder.one("blend", [bad, x], ["count": .whole(index + 1)])) }
    let session = Session(
      sketch.graph, fetching: rows.map(\.id), executor: Executor(threads: threads, options: .init(countsFirings: true)))
    session.feed(0, Tensor([1.0, -2], [2]))
    for _ in 0..<20 {
      let error = #expect(throws: SessionError.self) { try session.evaluate() }
      let diagnostic = try #require(error?.diagnostic(step: 7))
      #expect(diagnostic.id == "bad-value")
      #expect(diagnostic.message == "a negative element")
      #expect(diagnostic.help == "feed none")
      #expect(diagnostic.span == SourceSpan(file: 0, start: 10, end: 20))
      #expect(diagnostic.notes.map(\.message) == ["'checked' is reject_negative(f64[2]), in step 7"])
    }
    #expect(session.firings?.dropFirst(3).allSatisfy { $0 == 0 } == true)
    session.feed(0, Tensor([1.0, 2], [2]))
    try session.evaluate()
    #expect(session.tensor(0)?.sizes == [8])
  }

  @Test(arguments: [(Double.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan")])
  func `a number that is not finite stops the step where it is asked for`(number: Double, text: String) throws {
    let sketch = try Sketch()
    let y = try sketch.scale(sketch.input("x"), by: 2)
    sketch.builder.label(y, "y")
    let feed = Tensor([1, number], [2])
    for checks in [true, false] {
      let session = Session(
        sketch.graph, fetching: [y.id], executor: Executor(threads: 1, options: .init(checksNumerics: checks)))
      session.feed(0, feed)
      guard checks else { return try session.evaluate() }
      let error = #expect(throws: SessionError.self) { try session.evaluate() }
      #expect(error?.diagnostic().message == "'y' is no longer finite: element 1 is \(text)")
    }
  }

  @Test func `executors come and go without leaving threads behind`() throws {
    var random = try RandomGraph(seed: 3, nodes: 30)
    let last = try #require(random.fetches().last)
    for round in 0..<200 {
      let session = Session(
        random.sketch.graph, fetching: [random.values[last].value.id], executor: Executor(threads: 2 + round % 3))
      session.feed(0, random.input)
      try session.evaluate()
      #expect(session.tensor(0)?.doubles == random.values[last].expected)
    }
  }

  @Test func `sessions on several threads may share an executor`() async throws {
    let executor = Executor(threads: 3)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for seed in 0..<6 {
        group.addTask {
          let random = try RandomGraph(seed: UInt64(seed), nodes: 40)
          let last = random.values[random.values.count - 1]
          let session = Session(random.sketch.graph, fetching: [last.value.id], executor: executor)
          session.feed(0, random.input)
          for _ in 0..<20 { try session.evaluate() }
          return session.tensor(0)?.doubles == last.expected
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  @Test(arguments: [1, 4])
  func `a chain of 100 000 nodes is planned and run`(threads: Int) throws {
    let sketch = try Sketch()
    var y = sketch.input("x", [])
    for _ in 0..<100_000 { y = try sketch.builder.add(Scale(), [y])[0] }
    #expect(try evaluate(sketch, y, threads) == 1.5)
  }

  @Test(arguments: [1, 4])
  func `a layer of 100 000 nodes is planned and run`(threads: Int) throws {
    let sketch = try Sketch()
    let x = sketch.input("x", [])
    var layer: [Value] = []
    for index in 0..<65_536 {
      var scale = Scale()
      scale.offset = Double(index)
      layer.append(try sketch.builder.add(scale, [x])[0])
    }
    while layer.count > 1 {
      layer = try stride(from: 0, to: layer.count, by: 2).map {
        try sketch.builder.add(Add(), [layer[$0], layer[$0 + 1]])[0]
      }
    }
    #expect(try evaluate(sketch, layer[0], threads) == 65_536 * 1.5 + 65_535 * 32_768)
  }

  private func evaluate(_ sketch: Sketch, _ value: Value, _ threads: Int) throws -> Double? {
    let session = Session(sketch.graph, fetching: [value.id], executor: Executor(threads: threads))
    session.feed(0, Tensor(scalar: 1.5))
    try session.evaluate()
    return session.scalar(0)
  }
}
