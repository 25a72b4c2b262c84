import FlowDiagnostics
import FlowFiles
package import FlowGraph
package import FlowLanguage
package import FlowRuntime
package import FlowTensor
package import FlowTraining

/// Where the parameters and states of an evaluation come from.
package enum WeightSource: Sendable {
  /// The checkpoint that the graph's file is, else their own first values.
  case own
  case file(String)
  /// What a training came to, after so many steps.
  case trained(State, step: Int)
}

/// A graph that was read and resolved, with what it takes to evaluate it.
package struct Evaluation: Sendable {
  package let file: GraphFile
  package let program: Program
  package let registry: Registry
  package let seed: Int64
  package let executor: Executor
  /// Where parameters and states come from.
  package var weights = WeightSource.own
  /// What fills inputs that have no value of their own, instead of the file's data; its path is absolute.
  package var data: DataRequest?
  /// How many rows of the data make its first batch, instead of the file's batch.
  package var rows: Int?
  /// Says what of the weights did not fit together.
  package var onWeights: @Sendable (Weights, _ path: String) -> Void = { _, _ in }

  package init(_ file: GraphFile, _ program: Program, registry: Registry, seed: Int64?, executor: Executor) {
    self.file = file
    self.program = program
    self.registry = registry
    self.seed = seed ?? program.seed
    self.executor = executor
  }

  /// The value that a name stands for: a value of the file, a variable, or a value inside a call's scope.
  ///
  /// - Parameter option: what asks for it, for the message where there is none.
  package func value(named name: String, for option: String? = nil) throws(Failure) -> ValueID {
    let graph = program.graph
    if let value = graph.names[name] ?? graph.variable(named: name)?.value { return value }
    if let value = graph.labels.filter({ $0.value == name }).map(\.key).max() { return value }
    let near = nearestName(to: name, among: Array(graph.names.keys) + graph.variables.map(\.name))
    throw Failure(
      .usage, id: "unknown-name", "\(option.map { "\($0): " } ?? "")no value named '\(name)'",
      help: near.map { "did you mean '\($0)'?" })
  }

  /// The names asked for, each once. A pattern with `*` (any characters) stands for all parameters and floating inputs that
  /// match it.
  package func names(matching patterns: [String], for option: String? = nil) throws(Failure) -> [String] {
    let known = program.graph.variables.filter(\.isDifferentiable).map(\.name)
    var names: [String] = []
    for pattern in patterns {
      let found = pattern.contains("*") ? known.filter { $0.matches(pattern) } : [pattern]
      if found.isEmpty {
        throw Failure(
          .usage, id: "unknown-name",
          "\(option.map { "\($0): " } ?? "")no parameter or floating input matches '\(pattern)'")
      }
      for name in found where !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// Where the tensors of parameters and states lie that do not start from their own first values, by the variable's name.
  package var weightPlaces: [String: TensorPlace] {
    get throws(Failure) {
      let path: String
      switch weights {
      case .file(let file): path = file
      case .own where file.checkpoint != nil: path = file.path
      case .own, .trained: return [:]
      }
      let absolute = Path.absolute(path)
      let found = try Weights.places(in: path, for: program.graph)
      return found.mapValues { TensorPlace(path: absolute, name: $0) }
    }
  }

  /// Parameters and states: from the weights, from the checkpoint that the file is, else their own first values.
  ///
  /// - Parameter inputs: what is fed, by the index of the variable: it may give sizes to first values.
  package func state(for graph: Graph, inputs: [Int: Tensor] = [:]) throws(Failure) -> State {
    var given: State = [:]
    let isWanted: (Graph.Variable) -> Bool = { $0.role == .parameter || $0.role == .state }
    switch weights {
    case .file(let path):
      let loaded = try Weights(reading: path, for: graph, where: isWanted)
      onWeights(loaded, path)
      given = loaded.state
    case .trained(let state, _): given = state
    case .own:
      guard let checkpoint = file.checkpoint else { break }
      given = try Weights(checkpoint.tensors, for: graph, from: file.path, where: isWanted).state
    }
    let own = try evaluating { () throws(SessionError) in
      try graph.initialState(seed: seed, inputs: inputs, executor: executor) {
        isWanted($0) && given[$0.name] == nil
      }
    }
    return own.merging(given) { _, tensor in tensor }
  }

  /// Evaluates values once: on what is fed, the inputs' own values, else the first batch of the file's data.
  ///
  /// - Parameters:
  ///   - graph: the program's, or one that continues it.
  ///   - feeds: tensors by the index of the variable.
  package func evaluate(_ graph: Graph, _ fetches: [ValueID], feeds: [Int: Tensor]) throws(Failure) -> [Tensor] {
    try evaluateWithSizes(graph, fetches, feeds: feeds).tensors
  }

  /// The same, with the sizes that the inputs gave to named dimensions.
  func evaluateWithSizes(
    _ graph: Graph, _ fetches: [ValueID], feeds: [Int: Tensor]
  ) throws(Failure) -> (tensors: [Tensor], sizes: [String: Int]) {
    let inputs = try inputs(graph, fetches, feeds)
    let session = try session(graph, fetches, inputs)
    try evaluating { () throws(SessionError) in try session.evaluate() }
    var sizes: [String: Int] = [:]
    for (variable, tensor) in inputs {
      for (dimension, size) in zip(graph.variables[variable].type.shape, tensor.sizes) {
        if let symbol = dimension.symbol { sizes[symbol] = size }
      }
    }
    return (fetches.indices.compactMap { session.tensor($0) }, sizes)
  }

  /// The same evaluation again and again: each call computes the values anew and leaves them where they are.
  package func prepared(_ graph: Graph, _ fetches: [ValueID]) throws(Failure) -> () throws(Failure) -> Void {
    let session = try session(graph, fetches, try inputs(graph, fetches, [:]))
    return { () throws(Failure) in try evaluating { () throws(SessionError) in try session.evaluate() } }
  }

  /// The model that computes values by ONNX's standard operators, with the weights inside.
  package func onnx(of outputs: [(name: String, value: ValueID)]) throws(Failure) -> [UInt8] {
    let graph = program.graph
    let defaults = try InputDefaults(graph, fed: [], seed: seed, executor: executor)
    let fixed = defaults.fixed.map { (graph.variables[$0.variable].name, $0.tensor) }
    let tensors = try state(for: graph).merging(fixed) { first, _ in first }
    let export = ONNXExport(graph, name: file.name, tensors: tensors, step: step, producer: "flow \(engineVersion)")
    do {
      return try export.bytes(of: outputs)
    } catch {
      throw Failure(.badData, id: "no-onnx", error.message, at: error.span)
    }
  }

  /// The evaluation of values on one batch after another.
  package func inBatches(
    of fetches: [ValueID], filled: Set<Int>, feeds: [(variable: Int, tensor: Tensor)], from request: DataRequest
  ) throws(Failure) -> BatchEvaluation {
    let store = VariableStore(try state(for: program.graph))
    return try BatchEvaluation(
      program.graph, fetching: fetches, filled: filled, feeds: feeds, from: request, seed: seed, step: step,
      store: store,
      executor: executor)
  }

  /// What each input holds that is fed or has a value, by the index of the variable.
  package func inputs(
    _ graph: Graph, _ fetches: [ValueID], _ feeds: [Int: Tensor]
  ) throws(Failure) -> [Int: Tensor] {
    var fed = feeds
    try fill(&fed, for: graph, fetches)
    let given = fed.map { (variable: $0.key, tensor: $0.value) }.sorted { $0.variable < $1.variable }
    let defaults = try InputDefaults(graph, fed: Set(fed.keys), seed: seed, executor: executor)
    let filled = try defaults.tensors(beside: given) + given
    return Dictionary(filled.map { ($0.variable, $0.tensor) }) { _, last in last }
  }

  func session(_ graph: Graph, _ fetches: [ValueID], _ inputs: [Int: Tensor]) throws(Failure) -> Session {
    try Self.checkSizes(of: fetches, graph, Array(inputs.keys))
    let store = VariableStore(try state(for: graph, inputs: inputs))
    let session = Session(graph, fetching: fetches, store: store, executor: executor)
    for (variable, tensor) in inputs { session.feed(variable, tensor) }
    session.setCounter(seed: seed, step: step)
    return session
  }

  /// Every named dimension of a fetched value must be one of an input that is filled; those that are computed with are the
  /// session's concern.
  private static func checkSizes(of fetches: [ValueID], _ graph: Graph, _ filled: [Int]) throws(Failure) {
    let known = filled + graph.requirements(of: PlanRequest(fetching: fetches))
    let bound = Set(known.flatMap { graph.variables[$0].type.shape.dimensions.flatMap(\.symbols) })
    for value in fetches {
      let symbols = graph.type(of: value).shape.dimensions.flatMap(\.symbols)
      guard let unbound = symbols.first(where: { !bound.contains($0) }) else { continue }
      throw Failure(
        .badData, id: "unbound-dimension", "nothing gives dimension '\(unbound)' of '\(graph.title(of: value))' a size",
        at: graph.span(of: value), help: "feed an input that has it")
    }
  }

  /// What `step` is outside of training: the checkpoint's, else 0.
  private var step: Int64 {
    switch weights {
    case .own: Int64(file.checkpoint?.progress.step ?? 0)
    case .file(let path): Int64(Checkpoint.step(of: path) ?? 0)
    case .trained(_, let step): Int64(step)
    }
  }

  /// Takes inputs that nothing else fills from the first batch of the file's data.
  private func fill(_ fed: inout [Int: Tensor], for graph: Graph, _ fetches: [ValueID]) throws(Failure) {
    let needed = graph.requirements(of: PlanRequest(fetching: fetches)).filter { index in
      graph.variables[index].role == .input && graph.variables[index].initial == nil && fed[index] == nil
    }
    guard !needed.isEmpty, var request = data ?? program.training?.data else { return }
    let names = Set(needed.map { graph.variables[$0].name })
    request.fields = request.fields.filter { names.contains($0.input) }
    guard !request.fields.isEmpty else { return }
    let data = try DataSet(request, path: file.located(request.path), graph: graph, formats: file.formats)
    let rows = Swift.min(data.fixedRows ?? rows ?? program.training?.batch ?? 32, data.rowCount)
    for (variable, tensor) in try data.batch(Array(0..<rows)) { fed[variable] = tensor }
  }
}
