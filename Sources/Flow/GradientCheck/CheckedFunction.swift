import FlowGraph
import FlowRuntime
import FlowTensor
import FlowTraining

/// A function of tensors in f64, with the derivatives that rules make of it, to be evaluated at many points.
final class CheckedFunction {
  /// A tensor that the function is differentiated by.
  struct Input {
    let variable: Int
    let title: String
  }

  /// Which rule's derivative is wanted: of the weighted results by the inputs, or of the results along a direction.
  enum Mode { case reverse, forward }

  let inputs: [Input]
  private let outputTypes: [TensorType]
  private let weights: [Int]
  private let directions: [Int]
  private let values: Session
  private let reverse: Session
  private let forward: Session?
  /// Which results of the sessions are the derivatives; nil for those that are zero.
  private let gradients: [Int?]
  private let tangents: [Int?]
  /// The numbers at which everything is compared.
  private var point: [Int: Tensor] = [:]
  private var lastWeights: [Double]?

  /// What a graph has to say of a function.
  struct Parts {
    var inputs: [(value: Value, title: String)] = []
    var outputs: [Value] = []
    /// For each output, a variable of its type.
    var weights: [Value] = []
    /// For each input, its gradient from the weights; nil where it is zero.
    var gradients: [Value?] = []
    /// For each input, a variable of its type; none where there is no forward rule.
    var directions: [Value] = []
    /// For each output, its derivative along the directions.
    var tangents: [Value?] = []
  }

  init(_ parts: Parts, _ builder: GraphBuilder, executor: Executor) {
    let graph = builder.graph
    func variable(_ value: Value) -> Int { graph.node(of: value.id).variable ?? 0 }
    inputs = parts.inputs.map { Input(variable: variable($0.value), title: $0.title) }
    outputTypes = parts.outputs.map(\.type)
    weights = parts.weights.map(variable)
    directions = parts.directions.map(variable)
    values = Session(graph, fetching: parts.outputs.map(\.id), executor: executor)
    reverse = Session(graph, fetching: parts.gradients.compactMap { $0?.id }, executor: executor)
    gradients = Self.positions(parts.gradients)
    tangents = Self.positions(parts.tangents)
    forward =
      parts.directions.isEmpty
      ? nil : Session(graph, fetching: parts.tangents.compactMap { $0?.id }, executor: executor)
  }

  /// The position of each value that is there among those that are.
  private static func positions(_ values: [Value?]) -> [Int?] {
    var count = 0
    return values.map { value in
      guard value != nil else { return nil }
      count += 1
      return count - 1
    }
  }

  var hasForwardRule: Bool { forward != nil }
  /// How many numbers the function gives.
  var resultCount: Int { outputTypes.reduce(0) { $0 + Self.count($1) } }

  /// Sets where to compare.
  func move(to point: [Int: Tensor]) {
    self.point = point
    lastWeights = nil
    for session in [values, reverse, forward].compactMap({ $0 }) {
      for (variable, tensor) in point { session.feed(variable, tensor) }
    }
  }

  func numbers(of input: Int) -> [Double] { point[inputs[input].variable]?.doubles ?? [] }

  /// Holds a rule's derivative along directions of some inputs against finite differences.
  func compare(
    _ mode: Mode, along moves: [(input: Int, direction: [Double])], weights: [Double], _ tolerance: Tolerance,
    _ precision: LinePrecision
  ) throws(Failure) -> Comparison {
    let starts = moves.map { numbers(of: $0.input) }
    defer { for (input, _) in moves { feed(input, values) } }
    return try Comparison(
      { (step) throws(Failure) in try self.results(moves, starts, step) }, weights: weights, tolerance, precision,
      rule: { (weights) throws(Failure) in
        switch mode {
        case .reverse: try self.pulledBack(moves, weights)
        case .forward: try self.pushedForward(moves, weights)
        }
      })
  }

  private func feed(_ input: Int, _ session: Session) {
    let variable = inputs[input].variable
    if let tensor = point[variable] { session.feed(variable, tensor) }
  }

  /// All results, some inputs moved by so many directions.
  private func results(
    _ moves: [(input: Int, direction: [Double])], _ starts: [[Double]], _ step: Double
  ) throws(Failure) -> [Double] {
    for ((input, direction), start) in zip(moves, starts) {
      let variable = inputs[input].variable
      let sizes = point[variable]?.sizes ?? []
      values.feed(variable, Tensor(zip(start, direction).map { $0 + step * $1 }, sizes))
    }
    try evaluating { () throws(SessionError) in try values.evaluate() }
    return outputTypes.indices.flatMap { values.tensor($0)?.doubles ?? [] }
  }

  private func pulledBack(
    _ moves: [(input: Int, direction: [Double])], _ weights: [Double]
  ) throws(Failure) -> Double {
    if weights != lastWeights {
      feed(weights, to: self.weights, of: outputTypes, reverse)
      try evaluating { () throws(SessionError) in try reverse.evaluate() }
      lastWeights = weights
    }
    return moves.reduce(0) { sum, move in
      guard let position = gradients[move.input], let gradient = reverse.tensor(position) else { return sum }
      // What does not move does not count, even where its gradient is infinite.
      return sum + zip(gradient.doubles, move.direction).reduce(0) { $1.1 == 0 ? $0 : $0 + $1.0 * $1.1 }
    }
  }

  private func pushedForward(
    _ moves: [(input: Int, direction: [Double])], _ weights: [Double]
  ) throws(Failure) -> Double {
    guard let forward else { return .nan }
    for (index, variable) in directions.enumerated() {
      let sizes = point[inputs[index].variable]?.sizes ?? []
      let none = Array(repeating: 0.0, count: sizes.reduce(1, *))
      forward.feed(variable, Tensor(moves.first { $0.input == index }?.direction ?? none, sizes))
    }
    try evaluating { () throws(SessionError) in try forward.evaluate() }
    var (sum, offset) = (0.0, 0)
    for (type, position) in zip(outputTypes, tangents) {
      let part = weights[offset..<offset + Self.count(type)]
      offset += part.count
      guard let tangent = position.flatMap({ forward.tensor($0) }) else { continue }
      sum += zip(tangent.doubles, part).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return sum
  }

  private func feed(_ numbers: [Double], to variables: [Int], of types: [TensorType], _ session: Session) {
    var offset = 0
    for (variable, type) in zip(variables, types) {
      let count = Self.count(type)
      session.feed(variable, Tensor(Array(numbers[offset..<offset + count]), type.shape.sizes ?? []))
      offset += count
    }
  }

  private static func count(_ type: TensorType) -> Int { (type.shape.sizes ?? []).reduce(1, *) }
}
