import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowTensor
import FlowTraining

/// A graph with the gradients of one of its values behind it.
struct Differentiation {
  let graph: Graph
  let target: (name: String, value: ValueID)
  let variables: [(name: String, value: ValueID)]
  /// Zero where the target does not depend on a variable.
  let gradients: [ValueID]

  /// - Parameters:
  ///   - of: the target; default: what is minimized, else the only floating scalar output.
  ///   - wrt: the variables; default: all parameters and floating inputs.
  init(_ bench: Workbench, of: String?, wrt: String?) throws(Failure) {
    target = try Self.target(bench, of)
    variables = try Self.variables(bench, wrt)
    let builder = GraphBuilder(bench.program.graph, registry: bench.registry)
    let found: [Value?]
    do {
      found = try builder.gradients(of: builder.value(target.value), wrt: variables.map { builder.value($0.value) })
    } catch {
      throw Failure(error, at: bench.program.graph.span(of: target.value))
    }
    var gradients: [ValueID] = []
    for ((name, variable), gradient) in zip(variables, found) {
      if gradient == nil { try Self.report(name, target.name, bench) }
      let value = gradient ?? builder.value(variable).zeros
      builder.label(value, "grad.\(name)")
      gradients.append(value.id)
    }
    self.gradients = gradients
    graph = builder.graph
  }

  /// The graph whose outputs are the target and `grad.h.w` for each variable.
  func emitted(_ registry: Registry) -> Graph {
    let builder = GraphBuilder(graph.withoutOutputs, registry: registry)
    builder.output(target.name, builder.value(target.value))
    for ((name, _), gradient) in zip(variables, gradients) { builder.output("grad.\(name)", builder.value(gradient)) }
    return builder.graph
  }

  private static func report(_ variable: String, _ target: String, _ bench: Workbench) throws(Failure) {
    let message = "'\(target)' does not depend on '\(variable)': the gradient is zero"
    switch bench.options.disconnected {
    case .ignore: break
    case .warn: bench.console.say("warning: \(message) [disconnected]")
    case .error: throw Failure(.badData, id: "disconnected", message)
    }
  }

  private static func target(_ bench: Workbench, _ name: String?) throws(Failure) -> (name: String, value: ValueID) {
    let graph = bench.program.graph
    if let name { return (name, try bench.value(named: name, option: "--of")) }
    if let minimized = bench.program.training?.minimize { return (graph.title(of: minimized), minimized) }
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
    _ bench: Workbench, _ names: String?
  ) throws(Failure) -> [(name: String, value: ValueID)] {
    let graph = bench.program.graph
    guard let names else {
      let all = graph.variables.filter { ($0.role == .parameter || $0.role == .input) && $0.type.dtype.isFloating }
      if all.isEmpty {
        throw Failure(.badData, id: "no-variables", "the graph has no parameters and no floating inputs")
      }
      return all.map { ($0.name, $0.value) }
    }
    var variables: [(String, ValueID)] = []
    for name in names.split(separator: ",").map({ String($0.filter { $0 != " " }) }) {
      let value = try bench.value(named: name, option: "--wrt")
      guard graph.type(of: value).dtype.isFloating else {
        throw Failure(
          .badData, id: "dtype-mismatch",
          "--wrt: '\(name)' is \(graph.type(of: value)): only floating values have a gradient")
      }
      variables.append((name, value))
    }
    if variables.isEmpty { throw Failure(.usage, id: "usage", "--wrt names nothing") }
    return variables
  }
}
