import FlowDiagnostics
import FlowGraph
import FlowTensor
import FlowTraining

/// What of a graph depends on variables, computed in f64 with all sizes known; everything else is a number in it.
struct DoubleGraph {
  /// One operation of it.
  struct Edge {
    let operation: any Operation
    let operands: [ValueID]
    let results: [ValueID]
    /// By operand: whether it is differentiated.
    let isActive: [Bool]
    /// What the operation takes, where it cannot be had in f64: its operands are cast to these, and its results back.
    let native: [DType]?
    /// What its result is called in the file.
    let title: String
    let span: SourceSpan?
  }

  private(set) var graph: Graph
  private(set) var edges: [Edge] = []
  /// What stands for the variables and the targets.
  private(set) var variables: [ValueID] = []
  private(set) var targets: [ValueID] = []
  /// The value of each variable of `graph`, by its index.
  private(set) var feeds: [Int: Tensor] = [:]

  private let builder: GraphBuilder
  private var values: [ValueID: ValueID] = [:]
  private var sizes: [String: Int]

  /// - Parameters:
  ///   - given: the values of what is not computed here, in their own types.
  ///   - sizes: what named dimensions are.
  init(
    _ source: Graph, _ activity: Activity, from variables: [ValueID], to targets: [ValueID],
    given: [ValueID: Tensor], sizes: [String: Int], registry: Registry
  ) throws(Failure) {
    builder = GraphBuilder(registry: registry)
    graph = builder.graph
    self.sizes = sizes
    for (value, tensor) in given.sorted(by: { $0.key < $1.key }) { add(value, tensor, source) }
    for index in activity.nodes(of: source) { try add(source.nodes[index], activity, source) }
    graph = builder.graph
    self.variables = variables.compactMap { values[$0] }
    self.targets = targets.compactMap { values[$0] }
  }

  /// The values that must be given: what active nodes read and is not active itself, and the variables.
  static func frontier(_ graph: Graph, _ activity: Activity, _ variables: [ValueID]) -> [ValueID] {
    let nodes = activity.nodes(of: graph)
    let computed = Set(nodes.flatMap { graph.nodes[$0].results })
    let read = nodes.flatMap { graph.operands(of: graph.nodes[$0]) }
    return Set(read + variables).filter { !computed.contains($0.int) }.sorted()
  }

  private mutating func add(_ value: ValueID, _ tensor: Tensor, _ source: Graph) {
    let wide = tensor.dtype.isFloating ? tensor.converted(to: .f64) ?? tensor : tensor
    builder.place = source.span(of: value)
    feeds[builder.graph.variables.count] = wide
    let variable = builder.variable("x\(value.int)", .input, wide.type)
    learn(source.type(of: value).shape, tensor.sizes)
    values[value] = variable.id
  }

  private mutating func add(_ node: Graph.Node, _ activity: Activity, _ source: Graph) throws(Failure) {
    guard let index = node.operation, let first = node.results.first else { return }
    let operands = source.operands(of: node)
    let inputs = operands.compactMap { values[$0] }.map(builder.value)
    builder.place = source.span(of: ValueID(first))
    do {
      let known = sizes
      let bound = try source.operations[index].renamingDimensions { known[$0].map { Dimension($0) } }
      let (operation, outputs, native) = try compute(bound, inputs, operands.map { source.type(of: $0).dtype })
      for (result, output) in zip(node.results, outputs) {
        values[ValueID(result)] = output.id
        learn(source.type(of: ValueID(result)).shape, output.shape.sizes ?? [])
      }
      edges.append(
        Edge(
          operation: operation, operands: inputs.map(\.id), results: outputs.map(\.id),
          isActive: operands.map { activity.isActive[$0.int] && source.type(of: $0).dtype.isFloating },
          native: native, title: source.title(of: ValueID(first)), span: builder.place))
    } catch {
      throw Failure(.badData, id: error.kind.rawValue, error.message, at: builder.place, help: error.help)
    }
  }

  /// The operation in f64; where it takes none, in its own types between casts.
  private func compute(
    _ operation: any Operation, _ inputs: [Value], _ dtypes: [DType]
  ) throws(OperationError) -> (operation: any Operation, outputs: [Value], native: [DType]?) {
    let wide = try operation.widened()
    if let outputs = try? builder.add(wide, inputs) { return (wide, outputs, nil) }
    let outputs = try builder.add(operation, zip(inputs, dtypes).map { $0.cast(to: $1) })
    return (operation, outputs.map { $0.dtype.isFloating ? $0.cast(to: .f64) : $0 }, dtypes)
  }

  /// Notes what named dimensions are that have these sizes.
  private mutating func learn(_ shape: Shape, _ known: [Int]) {
    for (dimension, size) in zip(shape, known) { if let symbol = dimension.symbol { sizes[symbol] = size } }
  }
}

extension Operation {
  /// The same with every floating dtype and tensor among its attributes in f64.
  fileprivate func widened() throws(OperationError) -> Self {
    let names = attributeDescriptions.map(\.name)
    let values = zip(names, attributeValues).compactMap { name, value in value.widened.map { (name, $0) } }
    return try setting(Dictionary(values) { first, _ in first })
  }
}

extension AttributeValue {
  /// The same in f64; nil where that is the same.
  fileprivate var widened: AttributeValue? {
    switch self {
    case .dtype(let dtype) where dtype.isFloating && dtype != .f64: .dtype(.f64)
    case .tensor(let tensor) where tensor.dtype.isFloating: tensor.converted(to: .f64).map(AttributeValue.tensor)
    case .none, .boolean, .whole, .real, .dimension, .string, .dtype, .list, .tensor: nil
    }
  }
}
