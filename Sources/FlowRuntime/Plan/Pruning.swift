import FlowGraph
import FlowTensor

/// What values need: found by walking back from them.
struct Reachability: Sendable {
  /// The nodes that must run, and the variables that must be there.
  private(set) var isNeeded: [Bool]
  /// Nodes that need not run but whose types tell a size that somebody needs.
  private(set) var isTyped: [Bool]
  private let request: PlanRequest

  init(_ graph: Graph, _ request: PlanRequest) {
    self.request = request
    isNeeded = Array(repeating: false, count: graph.nodeCount)
    isTyped = isNeeded
    let roots = (request.fetches + request.updates.map(\.value)).map { source(of: $0, in: graph) }
    let written = request.updates.map { graph.variables[$0.variable].value }
    _ = mark(graph, (roots + written).map { graph.producers[$0.int] }, in: &isNeeded)
    markSizes(graph)
  }

  /// What is read in the place of a value.
  func source(of value: ValueID, in graph: Graph) -> ValueID {
    guard request.takesInitialValues, let index = graph.node(of: value).variable, request.types[index] == nil,
      let initial = graph.variables[index].initial
    else { return value }
    return source(of: initial, in: graph)
  }

  /// Marks nodes and all that they read; gives those that were not marked before.
  private func mark(_ graph: Graph, _ nodes: [Int32], in marks: inout [Bool]) -> [Int] {
    var pending = nodes
    var found: [Int] = []
    while let next = pending.popLast() {
      let index = Int(next)
      guard !marks[index] else { continue }
      marks[index] = true
      found.append(index)
      for operand in graph.operands(of: graph.nodes[index]) {
        pending.append(graph.producers[source(of: operand, in: graph).int])
      }
    }
    return found
  }

  /// Marks the nodes whose results introduced derived dimensions that needed nodes name.
  private mutating func markSizes(_ graph: Graph) {
    let derived = graph.derivedDimensions
    guard !derived.isEmpty else { return }
    var pending = graph.nodes.indices.filter { isNeeded[$0] }
    while let index = pending.popLast() {
      for symbol in graph.symbols(of: index) {
        guard let source = derived[symbol], !isNeeded[source] else { continue }
        pending += mark(graph, [Int32(source)], in: &isTyped)
      }
    }
  }
}

extension Graph {
  /// The node that introduced each dimension whose name begins with `?`.
  fileprivate var derivedDimensions: [String: Int] {
    guard types.contains(where: { $0.shape.dimensions.contains { $0.symbol?.hasPrefix("?") == true } }) else {
      return [:]
    }
    var sources: [String: Int] = [:]
    for value in producers.indices {
      for dimension in type(of: ValueID(value)).shape.dimensions {
        guard let symbol = dimension.symbol, symbol.hasPrefix("?"), sources[symbol] == nil else { continue }
        sources[symbol] = Int(producers[value])
      }
    }
    return sources
  }

  /// The names of dimensions in the attributes and results of a node.
  fileprivate func symbols(of index: Int) -> [String] {
    let node = nodes[index]
    var symbols = node.results.flatMap { type(of: ValueID($0)).shape.dimensions.flatMap(\.symbols) }
    if let operation = node.operation { symbols += operations[operation].dimensionNames }
    return symbols
  }
}

extension Draft {
  /// The nodes that a request needs. Sizes are symbolic still.
  init(_ graph: Graph, _ request: PlanRequest, _ reachability: Reachability) {
    self.graph = graph
    operations = graph.operations
    types = graph.types
    typeIndices = graph.typeIndices
    variableIndices = Array(repeating: -1, count: graph.valueCount)
    constantIndices = variableIndices
    for (index, node) in graph.nodes.enumerated() where reachability.isNeeded[index] {
      if let variable = node.variable {
        for value in node.results { variableIndices[value] = Int32(variable) }
      } else {
        append(index, node, reachability)
      }
    }
    fetches = request.fetches.map { reachability.source(of: $0, in: graph).index }
    updates = request.updates.map { Update(variable: Int32($0.variable), value: $0.value.index) }
    statistics.graphNodes = graph.nodes.count { $0.operation != nil }
    statistics.pruned = statistics.graphNodes - nodes.count
  }

  private mutating func append(_ index: Int, _ node: Graph.Node, _ reachability: Reachability) {
    nodes.append(
      Node(
        origin: Int32(index), operation: Int32(node.operation ?? 0), firstOperand: Int32(operands.count),
        operandCount: Int32(node.operands.count), firstResult: Int32(node.results.lowerBound),
        resultCount: Int32(node.results.count)))
    for operand in graph.operands(of: node) { operands.append(reachability.source(of: operand, in: graph).index) }
  }

  /// The draft with some of its nodes.
  func keeping(_ isKept: [Bool]) -> Draft {
    guard isKept.contains(false) else { return self }
    var result = self
    result.nodes.removeAll(keepingCapacity: true)
    result.operands.removeAll(keepingCapacity: true)
    for index in nodes.indices where isKept[index] {
      var node = nodes[index]
      node.firstOperand = Int32(result.operands.count)
      result.operands += operands[nodes[index].operands]
      result.nodes.append(node)
    }
    return result
  }
}

extension Operation {
  /// The names of dimensions that attributes hold.
  fileprivate var dimensionNames: [String] {
    var names: [String] = []
    _ = try? renamingDimensions {
      names.append($0)
      return nil
    }
    return names
  }
}
