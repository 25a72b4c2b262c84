import FlowTensor

/// What is wrong with a graph that somebody built: a fault of the program, never of a file.
package struct GraphDefect: Error, Hashable, Sendable, CustomStringConvertible {
  package let node: Int?
  package let description: String
}

extension Graph {
  /// Holds the graph against what every transformation promises: nodes come after what they read, every value has the type
  /// that its operation's shape rule gives, and variables, updates and outputs name values that exist.
  package func verify() throws(GraphDefect) {
    var results = 0
    for (index, node) in nodes.enumerated() {
      guard Int(node.firstResult) == results else { throw defect(index, "its results do not follow the last node's") }
      guard operands(of: node).allSatisfy({ (0..<results).contains($0.int) }) else {
        throw defect(index, "it reads a value that is not there yet")
      }
      results += Int(node.resultCount)
      try verifyTypes(index, node)
    }
    guard results == valueCount else { throw GraphDefect(node: nil, description: "values without a node") }
    try verifyVariables()
    for output in outputs where !exists(output.value) { throw dangling("output '\(output.name)'") }
    for (name, value) in names where !exists(value) { throw dangling("name '\(name)'") }
  }

  private func verifyTypes(_ index: Int, _ node: Node) throws(GraphDefect) {
    guard let operation = node.operation else { return }
    let inferred: [TensorType]
    do {
      inferred = try operations[operation].infer(operands(of: node).map(type))
    } catch {
      throw defect(index, "its shape rule fails: \(error.message)")
    }
    let held = node.results.map { type(of: ValueID($0)) }
    let agrees =
      inferred.count == held.count
      && zip(inferred, held).allSatisfy { $0.dtype == $1.dtype && $0.shape.equals($1.shape) != false }
    guard agrees else { throw defect(index, "its results are \(held), its shape rule gives \(inferred)") }
  }

  private func verifyVariables() throws(GraphDefect) {
    for (index, variable) in variables.enumerated() {
      guard exists(variable.value), node(of: variable.value).variable == index else {
        throw dangling("'\(variable.name)'")
      }
      guard let initial = variable.initial else { continue }
      guard exists(initial), type(of: initial).dtype == variable.type.dtype,
        type(of: initial).shape.equals(variable.type.shape) != false
      else { throw dangling("the first value of '\(variable.name)'") }
    }
    for update in updates {
      guard variables.indices.contains(update.variable), exists(update.value),
        type(of: update.value).dtype == variables[update.variable].type.dtype
      else { throw dangling("an update") }
    }
  }

  private func exists(_ value: ValueID) -> Bool { (0..<valueCount).contains(value.int) }

  private func defect(_ index: Int, _ what: String) -> GraphDefect {
    GraphDefect(node: index, description: "node \(index), '\(operationName(of: nodes[index]))': \(what)")
  }

  private func dangling(_ what: String) -> GraphDefect {
    GraphDefect(node: nil, description: "\(what) does not name a value that fits")
  }
}
