import FlowDiagnostics
import FlowGraph

/// An operation on the way from variables to targets whose gradient is not compared, and why.
package struct Uncompared: Sendable {
  package let operation: String
  package let span: SourceSpan?
  package let reason: String
}

/// What of a graph lies between variables and targets, and has gradients to compare.
struct Activity {
  /// By value: whether it depends on a variable through operations that have a derivative.
  private(set) var isActive: [Bool]
  /// By node: whether the targets need it.
  private(set) var isNeeded: [Bool]
  private(set) var uncompared: [Uncompared] = []
  private let variables: Set<ValueID>

  /// - Parameter registry: what rules may build with.
  init(_ graph: Graph, from variables: [ValueID], to targets: [ValueID], registry: Registry) {
    self.variables = Set(variables)
    isActive = Array(repeating: false, count: graph.valueCount)
    isNeeded = Array(repeating: false, count: graph.nodeCount)
    for target in targets { isNeeded[Int(graph.producers[target.int])] = true }
    for index in graph.nodes.indices.reversed() where isNeeded[index] && !isVariable(graph.nodes[index]) {
      for operand in graph.operands(of: graph.nodes[index]) { isNeeded[Int(graph.producers[operand.int])] = true }
    }
    for variable in variables { isActive[variable.int] = true }
    let probe = GraphBuilder(graph, registry: registry)
    for index in graph.nodes.indices where isNeeded[index] { visit(index, graph, probe) }
  }

  /// The nodes to compare, in order.
  func nodes(of graph: Graph) -> [Int] {
    graph.nodes.indices.filter { index in
      let node = graph.nodes[index]
      return isNeeded[index] && node.operation != nil && !isVariable(node)
        && node.results.contains { isActive[$0] }
    }
  }

  /// Whether a node's results are taken as they are, whatever they were computed from.
  private func isVariable(_ node: Graph.Node) -> Bool { node.results.contains { variables.contains(ValueID($0)) } }

  private mutating func visit(_ index: Int, _ graph: Graph, _ probe: GraphBuilder) {
    let node = graph.nodes[index]
    guard let operation = node.operation.map({ graph.operations[$0] }), !isVariable(node),
      graph.operands(of: node).contains(where: { isActive[$0.int] && graph.type(of: $0).dtype.isFloating })
    else { return }
    if let reason = reason(not: operation, node, graph, probe) {
      uncompared.append(
        Uncompared(operation: operation.title, span: graph.spans[index], reason: reason))
      return
    }
    for result in node.results where graph.type(of: ValueID(result)).dtype.isFloating { isActive[result] = true }
  }

  /// Why the gradient of a node is not to be compared; nil where it is.
  private func reason(
    not operation: any Operation, _ node: Graph.Node, _ graph: Graph, _ probe: GraphBuilder
  ) -> String? {
    if operation.isNotDerivative { return "its gradient is declared not to be its derivative" }
    let call = Call(
      inputs: graph.operands(of: node).map(probe.value), outputs: node.results.map { probe.value(ValueID($0)) },
      builder: probe)
    do {
      for (input, result) in zip(call.inputs, try probe.rule(operation, call, call.outputs.map(\.zeros))) {
        if case .undefined(let reason) = result, isActive[input.id.int], input.dtype.isFloating {
          return "has no gradient: \(reason)"
        }
      }
    } catch {
      // Any other failure is the rule's own, and told where it is compared.
      return error.kind == .noGradient ? error.message : nil
    }
    return nil
  }
}
