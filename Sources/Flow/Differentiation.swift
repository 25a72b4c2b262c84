import FlowDiagnostics
package import FlowGraph
import FlowLanguage
import FlowTensor
package import FlowTraining

/// A graph with the gradients of one of its values behind it.
package struct Differentiation: Sendable {
  package let graph: Graph
  package let target: (name: String, value: ValueID)
  package let variables: [(name: String, value: ValueID)]
  /// Zero where the target does not depend on a variable.
  package let gradients: [ValueID]
  /// The variables on which the target does not depend.
  package let disconnected: [String]
  /// What a gradient is called: this, and its variable's name.
  private let prefix: String

  /// - Parameters:
  ///   - target: nil for what is minimized, else the only floating scalar output.
  ///   - names: nil for all parameters and floating inputs.
  ///   - options: what asks for them, for messages.
  package init(
    _ evaluation: Evaluation, of target: String?, by names: [String]?, options: (of: String, wrt: String)? = nil
  ) throws(Failure) {
    self.target = try Self.target(evaluation, target, options)
    variables = try Self.variables(evaluation, names, options)
    let builder = GraphBuilder(evaluation.program.graph, registry: evaluation.registry)
    let found: [Value?]
    do {
      found = try builder.gradients(
        of: builder.value(self.target.value), wrt: variables.map { builder.value($0.value) })
    } catch {
      throw Failure(error, at: evaluation.program.graph.span(of: self.target.value))
    }
    disconnected = zip(variables, found).filter { $1 == nil }.map(\.0.name)
    let prefix = Self.prefix(evaluation.program.graph, self.target.name, variables.map(\.name))
    gradients = zip(variables, found).map { variable, gradient in
      let value = gradient ?? builder.value(variable.value).zeros
      builder.label(value, prefix + variable.name)
      return value.id
    }
    self.prefix = prefix
    graph = builder.graph
  }

  /// `grad.`, once more for each time that the target is a gradient itself.
  private static func prefix(_ graph: Graph, _ target: String, _ names: [String]) -> String {
    var prefix = "grad."
    while target.hasPrefix(prefix) || names.contains(where: { graph.variable(named: prefix + $0) != nil }) {
      prefix += "grad."
    }
    return prefix
  }

  /// The text of a graph file whose outputs are the target and `grad.h.w` for each variable.
  ///
  /// What the evaluation fills from elsewhere stays: the `train` block, with its data and seed, and the weights, as `load`.
  package func text(_ evaluation: Evaluation) throws(Failure) -> String {
    let builder = GraphBuilder(graph.withoutOutputs, registry: evaluation.registry)
    builder.output(target.name, builder.value(target.value))
    for ((name, _), gradient) in zip(variables, gradients) { builder.output(prefix + name, builder.value(gradient)) }
    return graphText(
      builder.graph, tree: evaluation.file.tree, training: evaluation.program.training,
      loading: try evaluation.weightPlaces)
  }

  static func target(
    _ evaluation: Evaluation, _ name: String?, _ options: (of: String, wrt: String)?
  ) throws(Failure) -> (name: String, value: ValueID) {
    let graph = evaluation.program.graph
    if let name { return (name, try evaluation.value(named: name, for: options?.of)) }
    if let minimized = evaluation.program.training?.minimize { return (graph.title(of: minimized), minimized) }
    let scalars = graph.outputs.filter {
      graph.type(of: $0.value).shape.rank == 0 && graph.type(of: $0.value).dtype.isFloating
    }
    guard let only = scalars.first, scalars.count == 1 else {
      throw Failure(
        .usage, id: "usage",
        "the graph has \(scalars.isEmpty ? "no" : "\(scalars.count)") floating scalar outputs: "
          + "say which value to differentiate",
        help: scalars.isEmpty
          ? "--of takes any scalar that the file names" : scalars.map { "--of \($0.name)" }.joined(separator: " or "))
    }
    return (only.name, only.value)
  }

  static func variables(
    _ evaluation: Evaluation, _ names: [String]?, _ options: (of: String, wrt: String)?
  ) throws(Failure) -> [(name: String, value: ValueID)] {
    let graph = evaluation.program.graph
    guard let names else {
      let all = graph.variables.filter(\.isDifferentiable)
      if all.isEmpty {
        throw Failure(.badData, id: "no-variables", "the graph has no parameters and no floating inputs")
      }
      return all.map { ($0.name, $0.value) }
    }
    var variables: [(String, ValueID)] = []
    for name in try evaluation.names(matching: names, for: options?.wrt) {
      let value = try evaluation.value(named: name, for: options?.wrt)
      guard graph.type(of: value).dtype.isFloating else {
        throw Failure(
          .badData, id: "dtype-mismatch", "'\(name)' is \(graph.type(of: value)): only floating values have a gradient")
      }
      variables.append((name, value))
    }
    return variables
  }
}
