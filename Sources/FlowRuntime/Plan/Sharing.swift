extension Draft {
  /// The draft in which equal nodes are one: the same operation on the same operands gives the same values.
  ///
  /// Random nodes differ by their attributes, so they stay apart.
  func shared() -> Draft {
    var result = self
    var table = SequenceTable(minimumCapacity: nodes.count)
    var firsts: [Int32] = []
    var replacement = (0..<Int32(typeIndices.count)).map { $0 }
    var isKept = Array(repeating: true, count: nodes.count)
    var key: [Int32] = []
    for (index, node) in nodes.enumerated() {
      key.removeAll(keepingCapacity: true)
      key.append(node.operation)
      for position in node.operands {
        let operand = replacement[Int(operands[position])]
        result.operands[position] = operand
        key.append(operand)
      }
      let (number, isNew) = table.insert(key)
      if isNew {
        firsts.append(Int32(index))
      } else {
        isKept[index] = false
        let first = nodes[Int(firsts[number])]
        for (value, original) in zip(node.results, first.results) { replacement[value] = Int32(original) }
      }
    }
    result.replaceRoots(replacement)
    result.statistics.shared = isKept.count { !$0 }
    return result.keeping(isKept)
  }
}
