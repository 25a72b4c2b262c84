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
    gradients = zip(variables, found).map { variable, gradient in
      let value = gradient ?? builder.value(variable.value).zeros
      builder.label(value, "grad.\(variable.name)")
      return value.id
    }
    graph = builder.graph
  }

  /// The graph whose outputs are the target and `grad.h.w` for each variable.
  package func emitted(_ registry: Registry) -> Graph {
    let builder = GraphBuilder(graph.withoutOutputs, registry: registry)
    builder.output(target.name, builder.value(target.value))
    for ((name, _), gradient) in zip(variables, gradients) { builder.output("grad.\(name)", builder.value(gradient)) }
    return builder.graph
  }

  private static func target(
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
        .usage, id: "usage", "the graph has \(scalars.count) scalar outputs: say which one to differentiate",
        help: scalars.isEmpty ? "--of name" : "--of \(scalars[0].name)")
    }
    return (only.name, only.value)
  }

  private static func variables(
    _ evaluation: Evaluation, _ names: [String]?, _ options: (of: String, wrt: String)?
  ) throws(Failure) -> [(name: String, value: ValueID)] {
    let graph = evaluation.program.graph
    guard let names else {
      let all = graph.variables.filter {
        ($0.role == .parameter || $0.role == .input) && $0.type.dtype.isFloating
      }
      if all.isEmpty {
        throw Failure(.badData, id: "no-variables", "the graph has no parameters and no floating inputs")
      }
      return all.map { ($0.name, $0.value) }
    }
    var variables: [(String, ValueID)] = []
    for name in names {
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
