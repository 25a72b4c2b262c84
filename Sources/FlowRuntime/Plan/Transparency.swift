import FlowGraph

extension Draft {
  /// The draft without nodes that give their operands as they are: what they were there for, an order of the nodes, and nodes
  /// that are equal and yet computed twice, is in the draft by now.
  ///
  /// One whose operand is a variable and whose result is fetched stays: a step may write the variable.
  func withoutTransparentNodes() -> Draft {
    let isTransparent = operations.map { Swift.type(of: $0).isTransparent }
    guard nodes.contains(where: { isTransparent[Int($0.operation)] }) else { return self }
    var result = self
    var replacement = (0..<Int32(typeIndices.count)).map { $0 }
    var isKept = Array(repeating: true, count: nodes.count)
    let isRoot = Set(roots)
    for (index, node) in nodes.enumerated() {
      for position in node.operands { result.operands[position] = replacement[Int(operands[position])] }
      guard isTransparent[Int(node.operation)] else { continue }
      let sources = result.operands[node.operands].prefix(node.results.count)
      guard !zip(node.results, sources).contains(where: { isRoot.contains(Int32($0)) && variableIndices[Int($1)] >= 0 })
      else { continue }
      isKept[index] = false
      for (value, source) in zip(node.results, sources) { replacement[value] = source }
    }
    result.replaceRoots(replacement)
    return result.keeping(isKept)
  }
}
