import FlowGraph

/// Which nodes of a graph get a line of their own, and which stand inside a declaration's value.
struct PrintLayout {
  /// By node: whether it has a line.
  private(set) var isLine: [Bool]
  /// By value: whether a printed node reads it.
  private(set) var isUsed: [Bool]

  /// The deepest expression that a declaration is given.
  private static let maximumDepth = 8

  /// - Parameter wanted: values that are needed whether or not they have names.
  init(_ graph: Graph, wanted: [ValueID]) {
    isLine = Array(repeating: false, count: graph.nodes.count)
    isUsed = Array(repeating: false, count: graph.valueCount)
    for value in wanted + graph.updates.map(\.value) + Array(graph.names.values) {
      isLine[Int(graph.producers[value.int])] = true
    }
    for index in graph.nodes.indices.reversed() where isLine[index] {
      for operand in graph.operands(of: graph.nodes[index]) {
        isUsed[operand.int] = true
        isLine[Int(graph.producers[operand.int])] = true
      }
    }
    addFirstValues(graph)
  }

  /// What only first values need stands in their declarations, but for what several need, or what is too deep.
  private mutating func addFirstValues(_ graph: Graph) {
    var uses = Array(repeating: 0, count: graph.nodes.count)
    for variable in graph.variables { if let value = variable.initial { uses[Int(graph.producers[value.int])] += 1 } }
    var depths = Array(repeating: 0, count: graph.nodes.count)
    for index in graph.nodes.indices.reversed() where uses[index] > 0 && !isLine[index] {
      let node = graph.nodes[index]
      // Numbers are written wherever they stand.
      let isShared = uses[index] > 1 && !graph.operands(of: node).isEmpty
      let isOwn = isShared || node.results.count > 1 || depths[index] >= Self.maximumDepth
      if isOwn { isLine[index] = true }
      for operand in graph.operands(of: node) {
        let producer = Int(graph.producers[operand.int])
        uses[producer] += 1
        depths[producer] = max(depths[producer], isOwn ? 0 : depths[index] + 1)
        isUsed[operand.int] = true
      }
    }
  }
}
