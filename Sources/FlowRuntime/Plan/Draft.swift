import FlowGraph
import FlowTensor

/// A plan in the making: nodes, operands and types in flat arrays, which each pass rewrites.
///
/// Values keep their numbers in the graph. Each pass is a function from draft to draft in a file of its own.
struct Draft: Sendable {
  struct Node: Sendable {
    /// The node of the graph that a message names.
    var origin: Int32
    /// An index into `operations`.
    var operation: Int32
    var firstOperand: Int32
    var operandCount: Int32
    var firstResult: Int32
    var resultCount: Int32
    /// The index in `groups` of the nodes that it is made of, where these are several; else -1.
    var group: Int32 = -1

    var operands: Range<Int> { Int(firstOperand)..<Int(firstOperand + operandCount) }
    var results: Range<Int> { Int(firstResult)..<Int(firstResult + resultCount) }
  }

  /// For titles, places and variables.
  let graph: Graph
  var nodes: [Node] = []
  /// The values that nodes read.
  var operands: [Int32] = []
  var operations: [any Operation]
  var types: [TensorType]
  /// The index in `types` of each value.
  var typeIndices: [Int32]
  /// The variable of each value that is one, else -1.
  var variableIndices: [Int32]
  /// The index in `constants` of each value that is known already, else -1.
  var constantIndices: [Int32]
  var constants: [Tensor] = []
  var aliases = Aliases()
  /// What each node made of several is made of.
  var groups: [[Plan.Member]] = []
  /// The values of the graph that some of those added to it are the same as.
  var sources: [Int32: Int32] = [:]
  /// The values that a caller wants, in its order.
  var fetches: [Int32] = []
  var updates: [Update] = []
  /// The first of the nodes that run only when new values are committed; nil where there are none.
  var firstDeferred: Int?
  var statistics = Plan.Statistics()

  /// A variable that a step writes, and the value that it writes.
  struct Update: Sendable {
    let variable: Int32
    var value: Int32
    /// Whether the value is computed where the variable lies.
    var isInPlace = false
  }

  /// What must not be lost.
  var roots: [Int32] { fetches + updates.map(\.value) }

  func type(of value: Int32) -> TensorType { types[Int(typeIndices[Int(value)])] }

  func inputTypes(of node: Node) -> [TensorType] { operands[node.operands].map(type) }

  func fault(_ node: Node, _ error: OperationError) -> RuntimeFault {
    RuntimeFault(graph: graph, node: Int(node.origin), inputTypes: inputTypes(of: node), reason: .operation(error))
  }

  /// A further value, the same as one of the graph's.
  mutating func addValue(sameAs value: Int32) -> Int32 {
    let added = Int32(typeIndices.count)
    sources[added] = sources[value] ?? value
    typeIndices.append(typeIndices[Int(value)])
    variableIndices.append(-1)
    constantIndices.append(-1)
    return added
  }

  /// Puts other values in the place of those that have one: `replacement[v]` is v, or what stands for it.
  mutating func replaceRoots(_ replacement: [Int32]) {
    for index in fetches.indices { fetches[index] = replacement[Int(fetches[index])] }
    for index in updates.indices { updates[index].value = replacement[Int(updates[index].value)] }
  }
}

extension RuntimeFault {
  init(graph: Graph, node: Int, inputTypes: [TensorType], reason: Reason) {
    let title = graph.nodes[node].results.first.map { graph.title(of: ValueID($0)) }
    let operation = graph.fullTitle(of: graph.nodes[node])
    self.init(
      title: title ?? operation, operation: operation, span: graph.spans[node], inputTypes: inputTypes, reason: reason)
  }
}
