import FlowLanguage
import FlowPluginHost
import FlowRuntime
import FlowTraining

/// A graph file for a Swift program: to be evaluated, differentiated and trained.
///
///     let model = try Model(contentsOf: "samples/apples.flow")
///     let outputs = try model.run(["count": Tensor(scalar: Float(3))])
///
/// A model is a value: loading weights or training changes no other copy.
public struct Model: Sendable {
  var evaluation: Evaluation
  let sources: SourceMap

  /// Reads a graph file, or the graph that a checkpoint holds, and what it imports.
  ///
  /// - Parameters:
  ///   - registry: the operations that the file may use, beside those of the plugins that it asks for.
  ///   - seed: of random numbers; nil for the file's.
  ///   - threads: nil for one a core; the results do not depend on it.
  /// - Fails: with every mistake of the file, each at its place.
  public init(
    contentsOf path: String, registry: Registry = .builtIn(), seed: Int64? = nil, threads: Int? = nil
  ) throws(ModelError) {
    var sources = SourceMap()
    do {
      var file = try GraphFile(path, into: &sources)
      let loaded = try Plugins(.standard(looksFirst: false)).load(registry, for: file.plugins)
      let registry = loaded.registry
      file.formats = loaded.formats
      let program = try file.resolve(registry, ResolveOptions(), into: &sources)
      evaluation = Evaluation(file, program, registry: registry, seed: seed, executor: Executor(threads: threads))
    } catch {
      throw ModelError(error, sources)
    }
    self.sources = sources
  }

  /// The tensors that can be fed, by name; sizes may be symbolic.
  public var inputs: [String: TensorType] { types { $0 == .input } }
  /// What is trained, by name.
  public var parameters: [String: TensorType] { types { $0 == .parameter } }
  /// What `run` gives unless asked for something else.
  public var outputs: [String: TensorType] {
    let graph = evaluation.program.graph
    return Dictionary(graph.outputs.map { ($0.name, graph.type(of: $0.value)) }) { first, _ in first }
  }

  /// Takes parameters and states from a checkpoint, or from any file of tensors with their names.
  ///
  /// - Fails: where the file cannot be read, or a tensor has another type than its variable; then nothing has changed.
  public mutating func loadWeights(from path: String) throws(ModelError) {
    var changed = evaluation
    changed.weights = .file(path)
    do {
      _ = try changed.state(for: changed.program.graph)
    } catch {
      throw ModelError(error, sources)
    }
    evaluation = changed
  }

  /// Evaluates values of the file.
  ///
  /// - Parameters:
  ///   - inputs: by name; an input that is not given takes its own value, else the first batch of the file's data.
  ///   - names: any values that the file names; nil for its outputs.
  /// - Fails: where a name is unknown, a tensor does not fit its input, or an operation fails.
  public func run(
    _ inputs: [String: Tensor] = [:], fetching names: [String]? = nil
  ) throws(ModelError) -> [String: Tensor] {
    let wanted = names ?? evaluation.program.graph.outputs.map(\.name)
    do {
      var fetches: [ValueID] = []
      for name in wanted { fetches.append(try value(name)) }
      let tensors = try evaluation.evaluate(evaluation.program.graph, fetches, feeds: try feeds(inputs))
      return Dictionary(zip(wanted, tensors)) { first, _ in first }
    } catch {
      throw ModelError(error, sources)
    }
  }

  /// Evaluates a scalar and its gradients.
  ///
  /// - Parameters:
  ///   - target: nil for what the file minimizes, else its only scalar output.
  ///   - variables: any floating values; nil for all parameters and floating inputs.
  public func gradients(
    of target: String? = nil, by variables: [String]? = nil, _ inputs: [String: Tensor] = [:]
  ) throws(ModelError) -> (value: Tensor, gradients: [String: Tensor]) {
    do {
      let derived = try Differentiation(evaluation, of: target, by: variables)
      let fetches = [derived.target.value] + derived.gradients
      let tensors = try evaluation.evaluate(derived.graph, fetches, feeds: try feeds(inputs))
      return (tensors[0], Dictionary(zip(derived.variables.map(\.name), tensors.dropFirst())) { first, _ in first })
    } catch {
      throw ModelError(error, sources)
    }
  }

  private func types(_ isWanted: (Graph.Variable.Role) -> Bool) -> [String: TensorType] {
    let variables = evaluation.program.graph.variables.filter { isWanted($0.role) }
    return Dictionary(variables.map { ($0.name, $0.type) }) { first, _ in first }
  }

  private func value(_ name: String) throws(Failure) -> ValueID {
    if let output = evaluation.program.graph.outputs.first(where: { $0.name == name }) { return output.value }
    return try evaluation.value(named: name)
  }

  private func feeds(_ inputs: [String: Tensor]) throws(Failure) -> [Int: Tensor] {
    let variables = evaluation.program.graph.variables
    var feeds: [Int: Tensor] = [:]
    for (name, tensor) in inputs {
      guard let index = variables.firstIndex(where: { $0.role == .input && $0.name == name }) else {
        throw Failure(.usage, id: "unknown-name", "no input named '\(name)'")
      }
      let type = variables[index].type
      guard tensor.dtype == type.dtype, Shape(tensor.sizes).equals(type.shape) != false else {
        throw Failure(
          .badData, id: "shape-mismatch", "'\(name)' takes \(type), not \(tensor.type)", at: variables[index].span)
      }
      feeds[index] = tensor
    }
    return feeds
  }
}

/// Why a model could not be read or evaluated.
public struct ModelError: Error, Sendable, CustomStringConvertible {
  /// Every mistake, with its place.
  public let diagnostics: [Diagnostic]
  /// The mistakes as `flowrun` prints them.
  public let description: String

  init(_ failure: Failure, _ sources: SourceMap) {
    diagnostics = failure.diagnostics
    description = DiagnosticRenderer(sources, prefix: "flow").render(Diagnostics(failure.diagnostics))
  }
}
