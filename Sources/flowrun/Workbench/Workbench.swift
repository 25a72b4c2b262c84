import Flow
import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowOperations
import FlowRuntime
import FlowTensor
import FlowTraining

/// A graph that was read and resolved, with what it takes to evaluate it.
struct Workbench {
  let file: GraphFile
  let registry: Registry
  let program: Program
  let seed: Int64
  let options: GraphOptions
  let console: Console

  /// Opens, overrides and resolves; warnings are shown.
  ///
  /// - Parameters:
  ///   - hasAbsolutePaths: whether the paths that the file reads are to be printed absolute.
  ///   - keepsSeed: whether the seed asked for becomes the file's own, as a checkpoint carries it.
  init(
    _ options: GraphOptions, isTraining: Bool = false, hasAbsolutePaths: Bool = false, keepsSeed: Bool = false,
    into sources: inout SourceMap
  ) throws(Failure) {
    self.options = options
    console = options.talk.console
    registry = Registry.builtIn()
    var file = try GraphFile(options.file, into: &sources)
    for change in options.set { try file.override(change, into: &sources) }
    if keepsSeed, file.hasTrainBlock, let seed = options.seed {
      try file.override("train.seed=\(seed)", into: &sources)
    }
    if hasAbsolutePaths { file.makePathsAbsolute() }
    program = try file.resolve(
      registry, ResolveOptions(isTraining: isTraining, disconnected: options.disconnected), into: &sources)
    console.show(program.diagnostics.filter { $0.severity == .warning || options.talk.verbose }, sources)
    self.file = file
    seed = options.seed ?? program.seed
  }

  /// The value that a name stands for in the file: a value, a variable, or a value inside a call's scope.
  func value(named name: String, option: String) throws(Failure) -> ValueID {
    let graph = program.graph
    if let value = graph.names[name] ?? graph.variable(named: name)?.value { return value }
    if let value = graph.labels.filter({ $0.value == name }).map(\.key).max() { return value }
    let names = Array(graph.names.keys) + graph.variables.map(\.name)
    throw Failure(
      .usage, id: "unknown-name", "\(option): no value named '\(name)'",
      help: nearestName(to: name, among: names).map { "did you mean '\($0)'?" })
  }

  /// Parameters and states: from the weights, from the checkpoint that FILE is, else their own first values.
  func state(weights: String?, for graph: Graph, executor: Executor) throws(Failure) -> State {
    var given: State = [:]
    let isWanted: (Graph.Variable) -> Bool = { $0.role == .parameter || $0.role == .state }
    if let weights {
      let loaded = try Weights(reading: weights, for: graph, where: isWanted)
      loaded.report(from: weights, console)
      given = loaded.state
    } else if let checkpoint = file.checkpoint {
      given = try Weights(checkpoint.tensors, for: graph, from: file.path, where: isWanted).state
    }
    let own = try evaluating { () throws(SessionError) in
      try graph.initialState(seed: seed, executor: executor) { isWanted($0) && given[$0.name] == nil }
    }
    return own.merging(given) { _, tensor in tensor }
  }

  /// The step that `step` stands for outside of training: the checkpoint's, else 0.
  func step(weights: String?) -> Int64 {
    if let weights, let checkpoint = try? Checkpoint(reading: weights) { return Int64(checkpoint.progress.step) }
    return Int64(file.checkpoint?.progress.step ?? 0)
  }

  /// Evaluates values once: on what is fed, the inputs' own values, else the first batch of the file's data.
  func evaluate(
    _ graph: Graph, _ fetches: [ValueID], feeds: [String], weights: String?
  ) throws(Failure) -> [Tensor] {
    let executor = options.executor
    let store = VariableStore(try state(weights: weights, for: graph, executor: executor))
    let session = Session(graph, fetching: fetches, store: store, executor: executor)
    var fed = try Feed.tensors(feeds, graph)
    try fill(&fed, for: graph, fetches)
    let given = fed.map { (variable: $0.key, tensor: $0.value) }.sorted { $0.variable < $1.variable }
    let defaults = try InputDefaults(graph, fed: Set(fed.keys), seed: seed, executor: executor)
    for (variable, tensor) in try defaults.tensors(beside: given) + given { session.feed(variable, tensor) }
    session.setCounter(seed: seed, step: step(weights: weights))
    try evaluating { () throws(SessionError) in try session.evaluate() }
    return fetches.indices.compactMap { session.tensor($0) }
  }

  /// Takes inputs that nothing else fills from the first batch of the file's data.
  private func fill(_ fed: inout [Int: Tensor], for graph: Graph, _ fetches: [ValueID]) throws(Failure) {
    let needed = graph.requirements(of: PlanRequest(fetching: fetches)).filter { index in
      graph.variables[index].role == .input && graph.variables[index].initial == nil && fed[index] == nil
    }
    guard !needed.isEmpty, let settings = program.training, let request = settings.data else { return }
    let names = Set(needed.map { graph.variables[$0].name })
    var own = request
    own.fields = request.fields.filter { names.contains($0.input) }
    guard !own.fields.isEmpty else { return }
    let data = try DataSet(own, path: file.located(request.path), graph: graph)
    let rows = Swift.min(data.fixedRows ?? settings.batch ?? 32, data.rowCount)
    for (variable, tensor) in try data.batch(Array(0..<rows)) { fed[variable] = tensor }
  }
}

extension Weights {
  /// Says what did not fit together.
  ///
  /// - Parameter isStart: whether a training starts from them, which is told also where all fits.
  func report(from path: String, isStart: Bool = false, _ console: Console) {
    if !missing.isEmpty {
      console.say("\(path): nothing for \(missing.joined(separator: ", ")): first values are used")
    }
    if !unused.isEmpty { console.say("\(path): not used: \(unused.joined(separator: ", "))") }
    if isStart || console.isVerbose {
      console.say("\(path): \(state.count) matched, \(missing.count) missing, \(unused.count) unused")
    }
  }
}
