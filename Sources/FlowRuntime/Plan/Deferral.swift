import FlowGraph
import FlowKernels
import FlowTensor

extension Draft {
  /// The draft in which the nodes that only make variables' new values come last, to run when these are committed, and write
  /// over the variables where nobody else reads them then.
  ///
  /// Only fused nodes are put off: they cannot fail, so that a failed step still leaves every variable as it was.
  func deferred() -> Draft {
    guard !updates.isEmpty else { return self }
    let isDeferred = deferrals()
    guard isDeferred.contains(true) else { return self }
    var result = self
    let order = nodes.indices.filter { !isDeferred[$0] } + nodes.indices.filter { isDeferred[$0] }
    result.nodes = order.map { nodes[$0] }
    result.firstDeferred = isDeferred.count { !$0 }
    result.writeInPlace()
    return result
  }

  /// Which nodes can wait: what they give is only written to variables, or read by others that wait.
  private func deferrals() -> [Bool] {
    var isDeferred = Array(repeating: false, count: nodes.count)
    var isRead = Array(repeating: false, count: typeIndices.count)
    for fetch in fetches { isRead[Int(aliases.owner(of: fetch))] = true }
    for update in updates where aliases.owner(of: update.value) != update.value {
      isRead[Int(aliases.owner(of: update.value))] = true
    }
    for (index, node) in nodes.enumerated().reversed() {
      isDeferred[index] = operations[Int(node.operation)] is FusedOperation && !node.results.contains { isRead[$0] }
      guard !isDeferred[index] else { continue }
      for operand in operands[node.operands] { isRead[Int(aliases.owner(of: operand))] = true }
    }
    return isDeferred
  }

  /// Lets new values lie where their variables do, as far as that harms nobody.
  private mutating func writeInPlace() {
    var producers: [Int32: Int] = [:]
    var readers: [Int32: [Int]] = [:]
    for index in (firstDeferred ?? nodes.count)..<nodes.count {
      for value in nodes[index].results { producers[Int32(value)] = index }
      for operand in operands[nodes[index].operands] { readers[aliases.owner(of: operand), default: []].append(index) }
    }
    var taken: [Int32: Int] = [:]
    for update in updates { taken[aliases.owner(of: update.value), default: 0] += 1 }
    for (index, update) in updates.enumerated() {
      let variable = graph.variables[Int(update.variable)].value.index
      guard let producer = producers[update.value], taken[update.value] == 1, taken[variable] == nil,
        mayOverwrite(variable, update.value, nodes[producer], readers[variable] ?? [], producer)
      else { continue }
      updates[index].isInPlace = true
      variableIndices[Int(update.value)] = update.variable
    }
  }

  private func mayOverwrite(
    _ variable: Int32, _ value: Int32, _ node: Node, _ readers: [Int], _ producer: Int
  ) -> Bool {
    if readers.isEmpty { return true }
    guard readers == [producer], let fused = operations[Int(node.operation)] as? FusedOperation,
      let input = operands[node.operands].firstIndex(where: { aliases.owner(of: $0) == variable })
    else { return false }
    return fused.program.mayOverwrite(
      input: input - Int(node.firstOperand), output: Int(value - node.firstResult))
  }
}
