import FlowGraph
import FlowTensor

/// The parameters and states that a call made, such as `h.w` and `h.b`.
struct WeightScope {
  /// `h`; empty for those of the file itself.
  let path: String
  fileprivate(set) var parts: [Graph.Variable]
  /// What they are; nil where they belong to no layer of the table.
  fileprivate(set) var kind: LayerKind?

  func leaf(of variable: Graph.Variable) -> String {
    path.isEmpty ? variable.name : String(variable.name.dropFirst(path.count + 1))
  }

  /// In the graph's order.
  static func all(of graph: Graph) -> [WeightScope] {
    var scopes: [WeightScope] = []
    var indices: [String: Int] = [:]
    for variable in graph.variables where variable.isWeight {
      let path = variable.name.split(separator: ".").dropLast().joined(separator: ".")
      let index = indices[path] ?? scopes.count
      if index == scopes.count { scopes.append(WeightScope(path: path, parts: [], kind: nil)) }
      indices[path] = index
      scopes[index].parts.append(variable)
    }
    let readers = WeightReaders(graph)
    for index in scopes.indices { scopes[index].kind = scopes[index].kind(readers) }
    return scopes
  }

  private func kind(_ readers: WeightReaders) -> LayerKind? {
    var named: [String: Graph.Variable] = [:]
    for part in parts { named[leaf(of: part)] = part }
    switch Set(named.keys) {
    case ["scale", "shift", "mean", "variance"]: return .batchNorm
    case ["scale", "shift"]: return .layerNorm
    case ["scale"]: return path.isEmpty ? nil : .rmsNorm
    case ["w", "u"], ["w", "u", "b"], ["w", "u", "b", "c"]: return named["u"].flatMap(Self.recurrent)
    case ["w"], ["w", "b"]: return named["w"].flatMap { Self.layer($0, readers.operations(reading: $0.value)) }
    default: return nil
    }
  }

  private static func recurrent(_ variable: Graph.Variable) -> LayerKind? {
    guard let sizes = variable.type.shape.sizes, sizes.count == 2, sizes[0] > 0 else { return nil }
    let gates = sizes[1] / sizes[0]
    return [1, 3, 4].contains(gates) ? .recurrent(gates: gates) : nil
  }

  private static func layer(_ variable: Graph.Variable, _ operations: Set<String>) -> LayerKind? {
    let rank = variable.type.shape.rank
    if operations.contains("gather") { return rank == 2 ? .embedding : nil }
    if operations.contains("conv_transpose") { return .convolution(rank: rank, isTransposed: true) }
    if operations.contains("conv") { return .convolution(rank: rank, isTransposed: false) }
    return rank == 2 && (operations.contains("linear") || operations.contains("matmul")) ? .dense : nil
  }
}

/// Which operations read a value.
private struct WeightReaders {
  private var readers: [ValueID: Set<String>] = [:]

  init(_ graph: Graph) {
    for node in graph.nodes where node.operation != nil {
      let name = graph.operationName(of: node)
      for operand in graph.operands(of: node) { readers[operand, default: []].insert(name) }
    }
  }

  func operations(reading value: ValueID) -> Set<String> { readers[value] ?? [] }
}
