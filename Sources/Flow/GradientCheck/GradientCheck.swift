import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowRuntime
package import FlowTensor
package import FlowTraining

/// Holds every gradient of a graph against finite differences in f64: each operation's own rule by each of its inputs, at the
/// values that it really sees, then all targets together by each variable.
///
/// What varies is compared; integers, random numbers and states stay as they are. The comparison is along random directions,
/// weighted at random: a single wrong element shows.
package struct GradientCheck {
  package struct Settings: Sendable {
    package var tolerance = Tolerance()
    /// Of the random directions.
    package var seed: Int64 = 0
    /// 2 to compare each operation's second derivatives too.
    package var order = 1

    package init(tolerance: Tolerance = Tolerance(), seed: Int64 = 0, order: Int = 1) {
      self.tolerance = tolerance
      self.seed = seed
      self.order = order
    }
  }

  private let evaluation: Evaluation
  private let settings: Settings
  private let targets: [(name: String, value: ValueID)]
  private let variables: [(name: String, value: ValueID)]
  private var directions: Directions
  private var report: GradientReport
  private var rules: [EdgeKey: Result<EdgeRules, EdgeRules.Fault>] = [:]

  /// - Parameters:
  ///   - targets: floating values of any shape; nil for what is minimized and all floating outputs.
  ///   - variables: nil for all parameters and floating inputs.
  ///   - feeds: tensors by the index of the variable.
  package static func report(
    _ evaluation: Evaluation, of targets: [String]?, by variables: [String]?, feeds: [Int: Tensor],
    _ settings: Settings,
    options: (of: String, wrt: String)? = nil
  ) throws(Failure) -> GradientReport {
    var check = try GradientCheck(evaluation, targets, variables, settings, options)
    try check.run(feeds)
    check.report.sort()
    return check.report
  }

  private init(
    _ evaluation: Evaluation, _ targets: [String]?, _ variables: [String]?, _ settings: Settings,
    _ options: (of: String, wrt: String)?
  ) throws(Failure) {
    self.evaluation = evaluation
    self.settings = settings
    self.targets = try Self.targets(evaluation, targets, options)
    self.variables = try Differentiation.variables(evaluation, variables, options)
    directions = Directions(seed: settings.seed)
    report = GradientReport(targets: self.targets.map(\.name))
  }

  private static func targets(
    _ evaluation: Evaluation, _ names: [String]?, _ options: (of: String, wrt: String)?
  ) throws(Failure) -> [(name: String, value: ValueID)] {
    let graph = evaluation.program.graph
    var targets: [(name: String, value: ValueID)] = []
    if let names {
      for name in names { targets.append((name, try evaluation.value(named: name, for: options?.of))) }
      if let whole = targets.first(where: { !graph.type(of: $0.value).dtype.isFloating }) {
        throw Failure(
          .badData, id: "dtype-mismatch",
          "'\(whole.name)' is \(graph.type(of: whole.value)): only floating values have a gradient")
      }
      return targets
    }
    if let minimized = evaluation.program.training?.minimize {
      targets.append((graph.title(of: minimized), minimized))
    }
    for output in graph.outputs where graph.type(of: output.value).dtype.isFloating {
      if !targets.contains(where: { $0.value == output.value }) { targets.append((output.name, output.value)) }
    }
    if targets.isEmpty {
      throw Failure(
        .usage, id: "usage", "the graph has no floating outputs: say which values to differentiate",
        help: "--of takes any floating values that the file names")
    }
    return targets
  }

  private mutating func run(_ feeds: [Int: Tensor]) throws(Failure) {
    let source = evaluation.program.graph
    let activity = Activity(
      source, from: variables.map(\.value), to: targets.map(\.value), registry: evaluation.registry)
    report.uncompared = activity.uncompared
    let active = targets.filter { activity.isActive[$0.value.int] }
    guard !active.isEmpty else {
      if !report.uncompared.isEmpty { return }
      throw Failure(
        .badData, id: "disconnected",
        "\(Self.list(targets.map(\.name))) do\(targets.count == 1 ? "es" : "") not depend on "
          + Self.list(variables.map(\.name)))
    }
    let frontier = DoubleGraph.frontier(source, activity, variables.map(\.value))
    let (tensors, sizes) = try evaluation.evaluateWithSizes(source, frontier, feeds: feeds)
    let double = try DoubleGraph(
      source, activity, from: variables.map(\.value), to: active.map(\.value),
      given: Dictionary(uniqueKeysWithValues: zip(frontier, tensors)), sizes: sizes, registry: evaluation.registry)
    try checkEdges(double)
    try checkWhole(double, Self.list(active.map(\.name)))
  }

  private static func list(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }

  // MARK: Edge by edge

  /// What edges have in common that one function serves.
  private struct EdgeKey: Hashable {
    let operation: ObjectIdentifier
    let attributes: [AttributeValue]
    let types: [TensorType]
    let isActive: [Bool]
    let native: [DType]?

    init(_ edge: DoubleGraph.Edge, _ types: [TensorType]) {
      operation = edge.operation.identity
      attributes = edge.operation.attributeValues
      self.types = types
      isActive = edge.isActive
      native = edge.native
    }
  }

  private mutating func checkEdges(_ double: DoubleGraph) throws(Failure) {
    let read = Set(double.edges.flatMap(\.operands)).sorted()
    let session = Session(double.graph, fetching: read, executor: evaluation.executor)
    for (variable, tensor) in double.feeds { session.feed(variable, tensor) }
    try evaluating { () throws(SessionError) in try session.evaluate() }
    let positions = Dictionary(uniqueKeysWithValues: zip(read, read.indices))
    for edge in double.edges {
      let operands = edge.operands.compactMap { positions[$0].flatMap { session.tensor($0) } }
      let call =
        "'\(edge.title)' is \(edge.operation.title)(\(operands.map(\.type.description).joined(separator: ", ")))"
      report.edges += 1
      switch rules(for: edge, operands.map(\.type)) {
      case .success(let rules): try check(edge, rules, operands, call)
      case .failure(.undefined(let reason)):
        report.uncompared.append(
          Uncompared(
            operation: edge.operation.title, span: edge.span, reason: "has no gradient: \(reason)"))
      case .failure(.fails(let message)):
        let input = edge.operation.ownSignature.inputs.first?.name ?? ""
        report.add(finding(.gradient, edge, input, call, nil, fault: message))
      }
    }
  }

  private mutating func rules(
    for edge: DoubleGraph.Edge, _ types: [TensorType]
  ) -> Result<EdgeRules, EdgeRules.Fault> {
    let key = EdgeKey(edge, types)
    if let known = rules[key] { return known }
    let (order, registry, executor) = (settings.order, evaluation.registry, evaluation.executor)
    let made = Result { () throws(EdgeRules.Fault) in
      try EdgeRules(edge, types: types, order: order, registry: registry, executor: executor)
    }
    rules[key] = made
    return made
  }

  private mutating func check(
    _ edge: DoubleGraph.Edge, _ rules: EdgeRules, _ operands: [Tensor], _ call: String
  ) throws(Failure) {
    let weights = rules.resultCounts.map { directions.weights($0) }
    let point = rules.point(operands, weights: weights)
    let flat = Array(weights.joined())
    guard !flat.isEmpty else { return }
    rules.first.move(to: point)
    for index in rules.first.inputs.indices {
      let numbers = rules.first.numbers(of: index)
      guard !numbers.isEmpty else { continue }
      let direction = directions.direction(around: numbers)
      for mode in rules.first.hasForwardRule ? [CheckedFunction.Mode.reverse, .forward] : [.reverse] {
        let comparison = try rules.first.compare(
          mode, along: [(index, direction)], weights: flat, settings.tolerance, rules.precision)
        let subject: GradientReport.Subject = mode == .reverse ? .gradient : .tangent
        report.add(finding(subject, edge, rules.first.inputs[index].title, call, comparison))
      }
    }
    if settings.order > 1 { try checkSecond(edge, rules, point, call) }
  }

  private mutating func checkSecond(
    _ edge: DoubleGraph.Edge, _ rules: EdgeRules, _ point: [Int: Tensor], _ call: String
  ) throws(Failure) {
    switch rules.secondFault {
    case .undefined(let reason)?:
      report.uncompared.append(
        Uncompared(
          operation: edge.operation.title, span: edge.span, reason: "has no second derivative: \(reason)"))
    case .fails(let message)?:
      let input = rules.first.inputs.first?.title ?? ""
      report.add(finding(.second, edge, "its input '\(input)'", call, nil, fault: message))
    case nil: break
    }
    guard let second = rules.second else { return }
    second.move(to: point)
    let weights = directions.weights(second.resultCount)
    guard !weights.isEmpty else { return }
    for index in second.inputs.indices {
      let numbers = second.numbers(of: index)
      guard !numbers.isEmpty else { continue }
      let comparison = try second.compare(
        .reverse, along: [(index, directions.direction(around: numbers))], weights: weights, settings.tolerance,
        rules.precision)
      let isOperand = index < rules.first.inputs.count
      let title = isOperand ? "its input '\(second.inputs[index].title)'" : second.inputs[index].title
      report.add(finding(.second, edge, title, call, comparison))
    }
  }

  private func finding(
    _ subject: GradientReport.Subject, _ edge: DoubleGraph.Edge, _ input: String, _ call: String,
    _ comparison: Comparison?, fault: String? = nil
  ) -> GradientReport.Finding {
    GradientReport.Finding(
      subject: subject, operation: edge.operation.title, input: input, call: call, span: edge.span,
      verdict: comparison?.verdict ?? .differs, found: comparison?.found ?? .nan,
      expected: comparison?.expected ?? .nan,
      error: comparison?.error ?? .infinity, fault: fault)
  }

  // MARK: All together

  private mutating func checkWhole(_ double: DoubleGraph, _ title: String) throws(Failure) {
    // Where a rule fails, or differs, the edge has been named.
    guard let function = WholeTarget.function(double, variables.map(\.name), evaluation), report.failures.isEmpty
    else { return }
    let precision: LinePrecision = double.edges.contains { $0.native != nil } ? .single : .double
    let weights = directions.weights(function.resultCount)
    guard !weights.isEmpty else { return }
    for index in function.inputs.indices where !(double.feeds[function.inputs[index].variable]?.count == 0) {
      let name = "'\(function.inputs[index].title)'"
      let finding = try compareNearby(function, double, .reverse, [index], weights, precision, title, name)
      report.add(finding)
      report.variables.append(finding)
    }
    if function.hasForwardRule {
      let all = Array(function.inputs.indices)
      report.add(
        try compareNearby(function, double, .forward, all, weights, precision, title, "all variables, in forward mode"))
    }
  }

  /// Compares at the graph's values; where these lie at a kink, at values beside them.
  private mutating func compareNearby(
    _ function: CheckedFunction, _ double: DoubleGraph, _ mode: CheckedFunction.Mode, _ inputs: [Int],
    _ weights: [Double], _ precision: LinePrecision, _ title: String, _ input: String
  ) throws(Failure) -> GradientReport.Finding {
    var point = double.feeds
    var last: Comparison?
    for _ in 0..<Self.attempts {
      function.move(to: point)
      let moves = inputs.map { ($0, directions.direction(around: function.numbers(of: $0))) }
      let comparison = try function.compare(mode, along: moves, weights: weights, settings.tolerance, precision)
      last = comparison
      if comparison.verdict == .agrees || comparison.verdict == .differs { break }
      for other in function.inputs {
        guard let tensor = point[other.variable] else { continue }
        let numbers = tensor.doubles
        let step = directions.direction(around: numbers)
        point[other.variable] = Tensor(zip(numbers, step).map { $0 + Self.nearby * $1 }, tensor.sizes)
      }
    }
    return GradientReport.Finding(
      subject: .whole, operation: title, input: input, call: nil, span: nil, verdict: last?.verdict ?? .unsettled,
      found: last?.found ?? .nan, expected: last?.expected ?? .nan, error: last?.error ?? 0, fault: nil)
  }

  private static let attempts = 3
  /// How far beside a kink, relative to the values.
  private static let nearby = 0x1p-6
}
