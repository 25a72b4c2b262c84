package import FlowDiagnostics
package import FlowGraph
package import FlowLanguage

/// Warnings of parameters that a training would leave as they are, for no gradient reaches them, each with the reason.
///
/// - Parameter program: with `training` true, where the file has a `train` block; without one, the only floating scalar output
///   is what counts, and where there is none, nothing is said.
package func missingGradients(_ program: Program, registry: Registry) -> [Diagnostic] {
  let graph = program.graph
  let scalars = graph.outputs.map(\.value).filter {
    graph.type(of: $0).shape.rank == 0 && graph.type(of: $0).dtype.isFloating
  }
  guard let target = program.training?.minimize ?? (scalars.count == 1 ? scalars[0] : nil) else { return [] }
  let parameters = graph.variables.filter { $0.role == .parameter && $0.isDifferentiable }
  let builder = GraphBuilder(graph, registry: registry)
  let reasons: [MissingGradient?]
  do {
    let found = try builder.gradients(of: builder.value(target), wrt: parameters.map { builder.value($0.value) })
    reasons = found.map { $0 == nil ? .disconnected : nil }
  } catch {
    // One undefined gradient fails all: each parameter by itself tells whose it is.
    reasons = parameters.map { reason(builder, builder.value(target), builder.value($0.value)) }
  }
  let flow = GradientFlow(graph, to: target, registry: registry)
  return zip(parameters, reasons).compactMap { parameter, reason in
    switch reason {
    case nil: nil
    case .fault(let fault)?:
      fault.diagnostic(at: parameter.span).warning("'\(parameter.name)' cannot be trained: ")
    case .disconnected?: flow.warning(parameter)
    }
  }
}

private enum MissingGradient {
  case disconnected
  case fault(GradientFault)
}

private func reason(_ builder: GraphBuilder, _ target: Value, _ variable: Value) -> MissingGradient? {
  do throws(GradientFault) {
    return try builder.gradients(of: target, wrt: [variable])[0] == nil ? .disconnected : nil
  } catch {
    return .fault(error)
  }
}

/// How gradients flow through a graph to a target, as the rules of its operations say.
private struct GradientFlow {
  private let graph: Graph
  private let target: ValueID
  /// By node: whether the target's value depends on it.
  private var isNeeded: [Bool]
  private let probe: GraphBuilder

  init(_ graph: Graph, to target: ValueID, registry: Registry) {
    self.graph = graph
    self.target = target
    probe = GraphBuilder(graph, registry: registry)
    isNeeded = Array(repeating: false, count: graph.nodeCount)
    isNeeded[Int(graph.producers[target.int])] = true
    for index in graph.nodes.indices.reversed() where isNeeded[index] {
      for operand in graph.operands(of: graph.nodes[index]) { isNeeded[Int(graph.producers[operand.int])] = true }
    }
  }

  /// Why a parameter receives no gradient.
  func warning(_ parameter: Graph.Variable) -> Diagnostic {
    let name = "'\(parameter.name)' receives no gradient from '\(graph.title(of: target))': "
    guard isNeeded[Int(graph.producers[parameter.value.int])] else {
      let fed = valuesFed(by: parameter.value)
      return Diagnostic(
        .warning, id: "no-gradient",
        name + (fed.isEmpty ? "nothing uses it" : "it feeds \(Self.list(fed)), which the target does not depend on"),
        at: parameter.span)
    }
    let ends = self.ends(of: parameter.value)
    let causes = ends.map { "'\($0.operation)' \($0.reason)" }
    return Diagnostic(
      .warning, id: "no-gradient",
      name + (causes.isEmpty ? "its paths cancel" : Self.unique(causes).joined(separator: ", ")),
      at: parameter.span,
      notes: ends.compactMap { end in end.span.map { Diagnostic.Note("every path through here ends", at: $0) } })
  }

  /// The named values that depend on a value, the outputs first.
  private func valuesFed(by value: ValueID) -> [String] {
    var depends: Set<ValueID> = [value]
    for node in graph.nodes where graph.operands(of: node).contains(where: depends.contains) {
      depends.formUnion(node.results.map { ValueID($0) })
    }
    let outputs = graph.outputs.filter { depends.contains($0.value) }.map(\.name)
    let names = graph.names.filter { $0.value != value && depends.contains($0.value) }
    let others = names.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
    return Self.unique(outputs + others)
  }

  /// Where the gradient's way from the target to a value ends.
  private func ends(of value: ValueID) -> [(operation: String, reason: String, span: SourceSpan?)] {
    var active: Set<ValueID> = [value]
    var ends: [(operation: String, reason: String, span: SourceSpan?)] = []
    for (index, node) in graph.nodes.enumerated() where isNeeded[index] {
      guard let operation = node.operation.map({ graph.operations[$0] }),
        graph.operands(of: node).contains(where: active.contains)
      else { continue }
      if let reason = reason(operation, node, active) {
        ends.append((operation.title, reason, graph.spans[index]))
      } else {
        active.formUnion(node.results.map { ValueID($0) })
      }
    }
    return ends
  }

  /// Why a node passes no gradient on to what is active; nil where it does.
  private func reason(_ operation: any Operation, _ node: Graph.Node, _ active: Set<ValueID>) -> String? {
    if operation.isCut { return "cuts it" }
    let call = Call(
      inputs: graph.operands(of: node).map(probe.value), outputs: node.results.map { probe.value(ValueID($0)) },
      builder: probe)
    guard let rules = try? probe.rule(operation, call, call.outputs.map(\.zeros)) else { return nil }
    var reason = "has gradient zero"
    for (input, rule) in zip(call.inputs, rules) where active.contains(input.id) {
      switch rule {
      case .value: return nil
      case .zero: continue
      case .undefined(let why): reason = "has no gradient: \(why)"
      }
    }
    return reason
  }

  private static func unique(_ texts: [String]) -> [String] {
    var known: Set<String> = []
    return texts.filter { known.insert($0).inserted }
  }

  /// The first few, in quotes.
  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(4).map { "'\($0)'" }
    return (names.count > 4 ? shown + ["..."] : shown).joined(separator: ", ")
  }
}

extension Diagnostic {
  /// The same as a warning, with words before it.
  fileprivate func warning(_ start: String) -> Diagnostic {
    Diagnostic(.warning, id: id, start + message, at: span, help: help, notes: notes)
  }
}
