import Flow
import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowOperations
import FlowRuntime
import FlowTensor
import FlowTraining

/// A graph as the command line asks for it, and where to talk.
struct Workbench {
  let evaluation: Evaluation
  let options: GraphOptions
  let console: Console

  var file: GraphFile { evaluation.file }
  var registry: Registry { evaluation.registry }
  var program: Program { evaluation.program }
  var seed: Int64 { evaluation.seed }

  /// Opens, overrides and resolves; warnings are shown.
  ///
  /// - Parameters:
  ///   - weights: a file to take parameters and states from.
  ///   - hasAbsolutePaths: whether the paths that the file reads are to be printed absolute.
  ///   - recorder: what is told of everything that runs.
  ///   - keepsSeed: whether the seed asked for becomes the file's own, as a checkpoint carries it.
  init(
    _ options: GraphOptions, weights: String? = nil, isTraining: Bool = false, hasAbsolutePaths: Bool = false,
    keepsSeed: Bool = false, recorder: Recorder? = nil, into sources: inout SourceMap
  ) throws(Failure) {
    self.options = options
    let console = options.talk.console
    self.console = console
    var file = try GraphFile(options.file, into: &sources)
    let loaded = try options.plugins.load(for: file.plugins)
    let registry = loaded.registry
    file.formats = loaded.formats
    for change in options.set { try file.override(change, into: &sources) }
    if keepsSeed, file.hasTrainBlock, let seed = options.seed {
      try file.override("train.seed=\(seed)", into: &sources)
    }
    if hasAbsolutePaths { file.makePathsAbsolute() }
    let program = try file.resolve(
      registry, ResolveOptions(isTraining: isTraining, disconnected: options.disconnected), into: &sources)
    console.show(program.diagnostics.filter { $0.severity == .warning || options.talk.verbose }, sources)
    var evaluation = Evaluation(
      file, program, registry: registry, seed: options.seed, executor: options.executor(recording: recorder))
    if let weights { evaluation.weights = .file(weights) }
    evaluation.onWeights = { $0.report(from: $1, console) }
    self.evaluation = evaluation
  }

  /// Evaluates values once.
  func evaluate(_ graph: Graph, _ fetches: [ValueID], feeds: [String]) throws(Failure) -> [Tensor] {
    try evaluation.evaluate(graph, fetches, feeds: try Feed.tensors(feeds, graph))
  }

  /// The values that `--fetch` names; without it the outputs.
  func wanted(_ fetch: String?) throws(Failure) -> [(name: String, value: ValueID)] {
    guard let fetch else {
      let outputs = program.graph.outputs.map { ($0.name, $0.value) }
      if outputs.isEmpty {
        throw Failure(.badData, id: "no-outputs", "\(options.file): the graph has no values to evaluate")
      }
      return outputs
    }
    var wanted: [(String, ValueID)] = []
    for name in try Self.list(fetch, option: "--fetch") {
      wanted.append((name, try evaluation.value(named: name, for: "--fetch")))
    }
    return wanted
  }

  /// A graph with gradients; says which are zero because nothing depends on the variable.
  func differentiate(of target: String?, wrt names: String?) throws(Failure) -> Differentiation {
    let listed = try names.map { names throws(Failure) in try Self.list(names, option: "--wrt") }
    let derived = try Differentiation(evaluation, of: target, by: listed, options: ("--of", "--wrt"))
    for variable in derived.disconnected {
      let message = "'\(derived.target.name)' does not depend on '\(variable)': the gradient is zero"
      switch options.disconnected {
      case .ignore: break
      case .warn: console.say("warning: \(message) [disconnected]")
      case .error: throw Failure(.badData, id: "disconnected", message)
      }
    }
    return derived
  }

  /// The names between commas.
  static func list(_ names: String, option: String) throws(Failure) -> [String] {
    let list = names.split(separator: ",").map { String($0.filter { $0 != " " }) }
    if list.isEmpty { throw Failure(.usage, id: "usage", "\(option) names nothing") }
    return list
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
    for (name, reason) in unreadable { console.say("\(path): '\(name)' is not read: \(reason)") }
    if isStart || console.isVerbose {
      console.say("\(path): \(state.count) matched, \(missing.count) missing, \(unused.count) unused")
    }
  }
}
