import FlowGraph
import FlowLanguage
import FlowOperations
import FlowProofs
import FlowRuntime
import FlowTensor
import Testing

@Suite struct `Random graphs over all operations` {
  static let graphs = 512
  private static let rowsPerGraph = 4

  private static let rows = Dictionary(
    grouping: OperationCase.all.filter { $0.operands.allSatisfy { $0.sizes.reduce(1, *) <= 64 } }, by: \.operation)

  /// Each graph's rows: the operations in turn, in an order of their own, and one row of each.
  private static func rows(_ seed: Int) -> [OperationCase] {
    let names = rows.keys.sorted()
    let order = Philox(seed: 5, stream: "operations").permutation(names.count)
    var choices = Choices(seed: seed)
    return (0..<rowsPerGraph).compactMap { index in
      let candidates = rows[names[order[(seed * rowsPerGraph + index) % names.count]], default: []]
      return candidates.isEmpty ? nil : candidates[choices.next(below: candidates.count)]
    }
  }

  @Test func `name every operation`() {
    let used = Set((0..<Self.graphs).flatMap { Self.rows($0).map(\.operation) })
    #expect(Registry.builtIn().names.filter { !used.contains($0) } == [])
  }

  @Test(arguments: 0..<16)
  func `agree with differences, across modes, and with and without simplification`(batch: Int) throws {
    for seed in stride(from: batch, to: Self.graphs, by: 16) {
      guard let fault = Self.fault(seed, Self.rows(seed)) else { continue }
      var rows = Self.rows(seed)
      for index in rows.indices.reversed() where rows.count > 1 {
        var fewer = rows
        fewer.remove(at: index)
        if Self.fault(seed, fewer) != nil { rows = fewer }
      }
      let text = (try? Composition(seed: seed, rows)).map { graphText($0.builder.graph) } ?? ""
      Issue.record(
        "seed \(seed): \(fault)\nleast: \(rows.map(\.testDescription)): \(Self.fault(seed, rows) ?? "")\n\(text)")
    }
  }

  /// What is wrong with a graph; nil where all agrees.
  private static func fault(_ seed: Int, _ rows: [OperationCase]) -> String? {
    do {
      let order = rows.map { $0.order }.filter { $0 > 0 }.min() ?? 2
      return try Derivatives(Composition(seed: seed, rows), order: min(order, 2)).fault(seed)
    } catch let error as OperationError {
      return error.message
    } catch {
      return "\(error)"
    }
  }
}

/// The derivatives of a graph's result along fixed directions, each by several ways.
private struct Derivatives {
  private let composition: Composition
  private let directions: [Tensor]
  /// What must be equal, as scalars, by name.
  private var first: [(name: String, value: Value)] = []
  private var second: [(name: String, value: Value)] = []
  private let scalar: Value

  init(_ composition: Composition, order: Int) throws {
    self.composition = composition
    let (builder, output, variables) = (composition.builder, composition.output, composition.variables)
    let weights = try builder.one("literal", [], ["values": .tensor(Tensor.random(output.type, "u"))])
    scalar = (output * weights).summed(over: .all)
    directions = variables.map { Tensor.random($0.type, "v\($0.id)") }
    var along: [Value] = []
    for direction in directions { along.append(try builder.one("literal", [], ["values": .tensor(direction)])) }
    let gradients = zip(variables, try builder.gradients(of: scalar, wrt: variables)).map { $1 ?? $0.zeros }
    let slope = Self.product(gradients, along)
    first.append(("reverse", slope))
    let tangent = try builder.pushforward(of: [output], along: variables, along)[0] ?? output.zeros
    let pushed = (tangent * weights).summed(over: .all)
    first.append(("forward", pushed))
    if output.type.shape.dimensions[0].size ?? 0 < 24 {
      // uᵀ J v, with all rows or columns of J at once.
      var product = scalar.zeros
      for (variable, direction) in zip(variables, along) {
        guard let jacobian = try builder.jacobian(of: output, by: variable) else { continue }
        let count = Dimension(direction.type.shape.sizes?.reduce(1, *) ?? 0)
        let rows = jacobian.reshaped(to: [output.shape[0], count])
        product = product + (rows.combined("matmul", direction.reshaped(to: [count])) * weights).summed(over: .all)
      }
      first.append(("jacobian", product))
    }
    guard order > 1 else { return }
    let tangents = try builder.pushforward(of: gradients, along: variables, along)
    second.append(("forward over reverse", Self.product(zip(tangents, gradients).map { $0 ?? $1.zeros }, along)))
    for (name, target) in [("reverse over reverse", slope), ("reverse over forward", pushed)] {
      let curved = zip(variables, try builder.gradients(of: target, wrt: variables)).map { $1 ?? $0.zeros }
      second.append((name, Self.product(curved, along)))
    }
  }

  private static func product(_ values: [Value], _ others: [Value]) -> Value {
    let products = zip(values, others).map { ($0 * $1).summed(over: .all) }
    return products.dropFirst().reduce(products[0], +)
  }

  func fault(_ seed: Int) throws -> String? {
    let values = [scalar] + (first + second).map(\.value)
    let simple = session(values, optimizes: true)
    let results = try run(simple, values.count)
    if seed % 16 == 0, let fault = try dependence(values, results, simple) { return fault }
    let plain = try run(session(values, optimizes: false), values.count)
    for (index, (a, b)) in zip(results, plain).enumerated() where !isClose(a, b, 1e-9) {
      return "\(index == 0 ? "value" : (first + second)[index - 1].name): \(a) simplified, \(b) plain"
    }
    // Differences say nothing where the value is not finite.
    guard results[0].isFinite else { return nil }
    let step = 1e-5
    let up = try run(simple, values.count, step)
    let down = try run(simple, values.count, -step)
    let differences = zip(up, down).map { ($0 - $1) / (2 * step) }
    return disagreement(first, results[1...], differences[0], results[0])
      ?? disagreement(second, results[(1 + first.count)...], differences[1], results[1])
  }

  private func disagreement(
    _ ways: [(name: String, value: Value)], _ results: ArraySlice<Double>, _ difference: Double, _ scale: Double
  ) -> String? {
    for (way, result) in zip(ways, results) {
      guard isClose(result, results[results.startIndex], 1e-9) else {
        return "\(way.name): \(result), \(ways[0].name): \(results[results.startIndex])"
      }
      guard abs(result - difference) <= 1e-5 * max(1, abs(result), abs(scale)) else {
        return "\(way.name): \(result), differences: \(difference)"
      }
    }
    return nil
  }

  /// Whether bits depend on the number of threads, or the plan on anything but the graph.
  private func dependence(_ values: [Value], _ results: [Double], _ known: Session) throws -> String? {
    for threads in [2, 16] {
      let other = session(values, optimizes: true, threads: threads)
      let again = try run(other, values.count)
      guard again.map(\.bitPattern) == results.map(\.bitPattern) else { return "other bits on \(threads) threads" }
      guard try other.plan().description == known.plan().description else { return "another plan" }
    }
    return nil
  }

  private func session(_ values: [Value], optimizes: Bool, threads: Int = 1) -> Session {
    let executor = Executor(threads: threads, options: Executor.Options(optimizes: optimizes))
    return Session(composition.builder.graph, fetching: values.map(\.id), executor: executor)
  }

  private func run(_ session: Session, _ count: Int, _ step: Double = 0) throws -> [Double] {
    session.setCounter(seed: 7, step: 0)
    for (index, variable) in session.graph.variables.enumerated() where variable.role == .input {
      guard let tensor = composition.feeds[variable.name] else { continue }
      guard step != 0, let position = composition.variables.firstIndex(where: { $0.id == variable.value }) else {
        session.feed(index, tensor)
        continue
      }
      let moved = zip(tensor.doubles, directions[position].doubles).map { $0 + step * $1 }
      session.feed(index, Tensor(moved, tensor.sizes))
    }
    try session.evaluate()
    return (0..<count).compactMap { session.scalar($0) }
  }
}
