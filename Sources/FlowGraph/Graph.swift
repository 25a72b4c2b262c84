public import FlowDiagnostics
public import FlowTensor

/// The number of a value in its graph.
public struct ValueID: Hashable, Comparable, Sendable {
  package let index: Int32
  package init(_ index: Int) { self.index = Int32(truncatingIfNeeded: index) }
  package var int: Int { Int(index) }
  public static func < (a: ValueID, b: ValueID) -> Bool { a.index < b.index }
}

/// A computation: nodes in an order in which each comes after what it reads. A value, never changed by running it.
///
/// Nodes lie flat: operands in one array, types and operations once for all nodes that share them.
public struct Graph: Sendable {
  /// The most nodes a graph may have.
  public static let maximumNodes = 1_000_000

  /// One step: an operation on operands, or a variable.
  package struct Node: Sendable {
    /// An index into `operations`, or -1 - the index into `variables`.
    var source: Int32
    var firstOperand: Int32
    var operandCount: Int32
    var firstResult: Int32
    var resultCount: Int32

    package var operation: Int? { source >= 0 ? Int(source) : nil }
    package var variable: Int? { source < 0 ? Int(-1 - source) : nil }
    package var operands: Range<Int> { Int(firstOperand)..<Int(firstOperand + operandCount) }
    package var results: Range<Int> { Int(firstResult)..<Int(firstResult + resultCount) }
  }

  /// A value that comes from outside a step: fed, trained, kept, or supplied by the engine.
  public struct Variable: Sendable {
    public enum Role: Hashable, Sendable {
      case input
      case parameter
      case state
      /// An optimizer's, for one parameter.
      case slot(String, of: String)
      /// The seed and the step, `i64[2]`: what random numbers are counted by.
      case counter
      /// The training step, `i64`.
      case step
    }

    public let name: String
    public let role: Role
    public let type: TensorType
    public let value: ValueID
    /// Where its first value is computed: nil for an input that must be fed.
    public internal(set) var initial: ValueID?
    public let span: SourceSpan?

    /// Whether a gradient by it is taken where none is named: a parameter or a floating input.
    package var isDifferentiable: Bool { (role == .parameter || role == .input) && type.dtype.isFloating }
  }

  /// What a step writes over a variable once it has run.
  public struct Update: Sendable {
    /// An index into `variables`.
    public let variable: Int
    public let value: ValueID
  }

  public struct Output: Sendable {
    public let name: String
    public let value: ValueID
  }

  package internal(set) var nodes: [Node] = []
  package internal(set) var operands: [ValueID] = []
  package internal(set) var operations: [any Operation] = []
  /// The laws by which its operations may be computed otherwise.
  package internal(set) var rewrites: [Rewrite] = []
  /// The place of each node: in the user's file, even where a definition made it.
  package internal(set) var spans: [SourceSpan?] = []
  /// The node of each value.
  package internal(set) var producers: [Int32] = []
  package internal(set) var typeIndices: [Int32] = []
  package internal(set) var types: [TensorType] = []
  /// What a value is called, where it has a name: unique, and with its scope `h.0.y`.
  package internal(set) var labels: [ValueID: String] = [:]

  public internal(set) var variables: [Variable] = []
  public internal(set) var updates: [Update] = []
  public internal(set) var outputs: [Output] = []
  /// The values that the file names, as they are at its end.
  public internal(set) var names: [String: ValueID] = [:]

  public init() {}

  public var nodeCount: Int { nodes.count }
  public var valueCount: Int { producers.count }

  public func type(of value: ValueID) -> TensorType { types[Int(typeIndices[value.int])] }
  public func variable(named name: String) -> Variable? { variables.first { $0.name == name } }

  package func node(of value: ValueID) -> Node { nodes[Int(producers[value.int])] }
  package func operands(of node: Node) -> ArraySlice<ValueID> { operands[node.operands] }

  /// The name of what a node does: its operation's, or the role of its variable.
  package func operationName(of node: Node) -> String {
    guard let index = node.operation else { return node.variable.map { variables[$0].name } ?? "" }
    return operations[index].title
  }

  /// The same, with the plugin that the operation comes from.
  package func fullTitle(of node: Node) -> String {
    node.operation.map { operations[$0].fullTitle } ?? operationName(of: node)
  }

  /// What to call a value in a message: its name, else its operation's.
  package func title(of value: ValueID) -> String { labels[value] ?? operationName(of: node(of: value)) }

  /// Where a value is computed, in the user's file.
  package func span(of value: ValueID) -> SourceSpan? { spans[Int(producers[value.int])] }

  /// The same graph with nothing to give.
  package var withoutOutputs: Graph {
    var graph = self
    graph.outputs = []
    return graph
  }
}
