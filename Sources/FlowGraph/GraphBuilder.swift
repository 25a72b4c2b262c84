package import FlowDiagnostics
public import FlowTensor

/// Adds nodes to a graph. A class, for values that are being combined must see the same graph grow.
public final class GraphBuilder {
  public let registry: Registry
  /// What has been built so far.
  public private(set) var graph: Graph
  /// The place that further nodes get.
  package var place: SourceSpan?
  /// What further random nodes are named after; each gets a stream of its own.
  package var streamName = "random"
  /// The first thing that an operator of `Value` could not do.
  package private(set) var failure: OperationError?

  private var typeIndices: [TensorType: Int32] = [:]
  private var operationIndices: [OperationKey: Int32] = [:]
  private var streams: [String: Int] = [:]
  /// The index of each variable, by name.
  private var variableIndices: [String: Int]
  private var updated: Set<Int>
  private var freshDimensions = 0
  /// Operations that were added without attributes, by name, so that each is made and looked up once.
  private var plainOperations: [String: PlainOperation] = [:]
  /// Who adds nodes in this builder's place; see `init(forwardingTo:)`.
  private var forwarding: Forwarding?
  /// The types of results that were inferred before.
  private var inferredTypes: [InferenceKey: Int32] = [:]

  private struct PlainOperation {
    let operation: any Operation
    let index: Int32
    let arity: ClosedRange<Int>
  }

  /// An operation on one or two operands, whose types are given by their indices.
  private struct InferenceKey: Hashable {
    let operation: Int32
    let first: Int32
    let second: Int32
  }

  private struct OperationKey: Hashable {
    let kind: ObjectIdentifier
    let attributes: [AttributeValue]
  }

  /// Continues a graph, or starts an empty one.
  public init(_ graph: Graph = Graph(), registry: Registry) {
    self.graph = graph
    self.graph.rewrites = registry.rewrites
    self.registry = registry
    variableIndices = Dictionary(uniqueKeysWithValues: graph.variables.enumerated().map { ($1.name, $0) })
    updated = Set(graph.updates.map(\.variable))
    for (index, type) in graph.types.enumerated() { typeIndices[type] = Int32(index) }
    for (index, operation) in graph.operations.enumerated() { operationIndices[Self.key(operation)] = Int32(index) }
    freshDimensions = graph.types.reduce(0) {
      $0 + $1.shape.dimensions.count { $0.symbols.contains { $0.hasPrefix("?") } }
    }
  }

  /// Adds a node elsewhere, by its operation's name; gives the types of its results.
  public typealias Forwarding = (
    _ name: String, _ inputs: [ValueID], _ attributes: [String: AttributeValue]
  ) throws(OperationError) -> [TensorType]

  /// Stands for a builder elsewhere, which a plugin's rules cannot reach: `forward` adds the nodes there, and what they give is
  /// here a value of the same type, numbered in the order in which it came.
  public convenience init(forwardingTo forward: @escaping Forwarding) {
    self.init(registry: Registry())
    forwarding = forward
  }

  // MARK: Nodes

  /// Adds a node by its operation's name.
  public func add(
    _ name: String, _ inputs: [Value], _ attributes: [String: AttributeValue] = [:]
  ) throws(OperationError) -> [Value] {
    if let forwarding { return try forwarding(name, inputs.map(\.id), attributes).map { mirror($0) } }
    if attributes.isEmpty, let known = plainOperations[name], known.arity.contains(inputs.count) {
      return try add(known.operation, known.index, inputs)
    }
    guard let entry = registry[name] else {
      throw OperationError(.unknownOperation, "no operation named '\(name)'")
    }
    let arity = entry.signature.arity
    guard arity.contains(inputs.count) else { throw .wrongArity(entry, given: inputs.count) }
    guard entry.signature.takesCounter else {
      let operation = try entry.operation(attributes)
      let index = intern(operation)
      if attributes.isEmpty {
        plainOperations[name] = PlainOperation(operation: operation, index: index, arity: arity)
      }
      return try add(operation, index, inputs)
    }
    var attributes = attributes
    if attributes["stream"] == nil { attributes["stream"] = .string(uniqueStream()) }
    return try add(try entry.operation(attributes), [counter] + inputs)
  }

  /// Adds a node of an operation with one output.
  public func one(
    _ name: String, _ inputs: [Value], _ attributes: [String: AttributeValue] = [:]
  ) throws(OperationError) -> Value {
    let outputs = try add(name, inputs, attributes)
    guard let output = outputs.first, outputs.count == 1 else {
      throw OperationError(.wrongArity, "'\(name)' gives \(outputs.count) values where one is needed")
    }
    return output
  }

  /// Adds a node.
  public func add(_ operation: any Operation, _ inputs: [Value]) throws(OperationError) -> [Value] {
    if forwarding != nil { return try add(operation.title, inputs, operation.attributesByName) }
    return try add(operation, intern(operation), inputs)
  }

  private func add(
    _ operation: any Operation, _ index: Int32, _ inputs: [Value]
  ) throws(OperationError) -> [Value] {
    guard graph.nodes.count < Graph.maximumNodes else {
      throw OperationError(.limit, "the graph has more than \(Graph.maximumNodes) nodes")
    }
    let key = inferenceKey(index, inputs)
    if let key, let type = inferredTypes[key] { return append(source: index, inputs.map(\.id), [type]) }
    let outputs = try operation.infer(inputs.map(\.type))
    for output in outputs { try Self.check(output) }
    let types = outputs.map { intern(naming($0)) }
    // A size that no rule can express is another one each time.
    if let key, outputs.count == 1, !outputs[0].shape.contains(.unknown) { inferredTypes[key] = types[0] }
    return append(source: index, inputs.map(\.id), types)
  }

  private func inferenceKey(_ operation: Int32, _ inputs: [Value]) -> InferenceKey? {
    guard let first = inputs.first, inputs.count <= 2 else { return nil }
    return InferenceKey(
      operation: operation, first: graph.typeIndices[first.id.int],
      second: inputs.count == 2 ? graph.typeIndices[inputs[1].id.int] : -1)
  }

  /// Adds a node whose results have the types with these indices.
  private func append(source: Int32, _ operands: [ValueID], _ types: [Int32]) -> [Value] {
    let firstResult = graph.producers.count
    graph.nodes.append(
      Graph.Node(
        source: source, firstOperand: Int32(graph.operands.count), operandCount: Int32(operands.count),
        firstResult: Int32(firstResult), resultCount: Int32(types.count)))
    graph.operands += operands
    graph.spans.append(place)
    let node = Int32(graph.nodes.count - 1)
    for type in types {
      graph.producers.append(node)
      graph.typeIndices.append(type)
    }
    return (0..<types.count).map { Value(builder: self, id: ValueID(firstResult + $0)) }
  }

  // MARK: Variables

  /// Declares a variable.
  ///
  /// - Precondition: the name is not taken; see `isTaken`.
  public func variable(
    _ name: String, _ role: Graph.Variable.Role, _ type: TensorType, initial: Value? = nil
  ) -> Value {
    let index = graph.variables.count
    precondition(variableIndices.updateValue(index, forKey: name) == nil, "a second variable named \(name)")
    let value = append(source: Int32(-1 - index), [], [intern(naming(type))])[0]
    graph.variables.append(
      Graph.Variable(
        name: name, role: role, type: value.type, value: value.id, initial: initial?.id, span: place))
    graph.labels[value.id] = name
    return value
  }

  /// A value that stands for one elsewhere; see `init(forwardingTo:)`.
  public func mirror(_ type: TensorType) -> Value { variable("%\(graph.valueCount)", .input, type) }

  public func isTaken(_ name: String) -> Bool { variableIndices[name] != nil }

  package func variable(named name: String) -> Value? { variableIndices[name].map { value(graph.variables[$0].value) } }

  /// The training step, `i64`.
  package var step: Value { supplied("step", .step, TensorType(.i64)) }

  /// The seed and the step, `i64[2]`.
  package var counter: Value { supplied("counter", .counter, TensorType(.i64, [2])) }

  private func supplied(_ name: String, _ role: Graph.Variable.Role, _ type: TensorType) -> Value {
    // A name that no file can declare, for this variable is the engine's.
    variable(named: "@\(name)") ?? variable("@\(name)", role, type)
  }

  /// Sets what a step writes over the variable whose value is `variable`; false where it is none or has an update already.
  package func update(_ variable: Value, to value: Value) -> Bool {
    guard let index = graph.node(of: variable.id).variable, updated.insert(index).inserted else { return false }
    graph.updates.append(Graph.Update(variable: index, value: value.id))
    return true
  }

  package func output(_ name: String, _ value: Value) {
    graph.outputs.append(Graph.Output(name: name, value: value.id))
  }

  /// Calls a value by a name; a first name stays.
  package func label(_ value: Value, _ name: String) {
    if graph.labels[value.id] == nil { graph.labels[value.id] = name }
  }

  package func name(_ value: Value, _ name: String) { graph.names[name] = value.id }

  /// Makes room for as many names.
  package func reserveNames(_ count: Int) { graph.names.reserveCapacity(count) }

  // MARK: Constants

  /// A tensor filled with one number; a size not known yet may be that number.
  public func fill(_ number: Scalar, _ type: TensorType) throws(OperationError) -> Value {
    try one(
      "fill", [],
      ["value": number.attributeValue, "shape": type.shape.attributeValue, "dtype": .dtype(type.dtype)])
  }

  public func value(_ id: ValueID) -> Value { Value(builder: self, id: id) }

  /// Remembers the first failure of a chain of operators; `Value`'s operators cannot throw.
  package func attempt(_ fallback: Value, _ body: () throws(OperationError) -> Value) -> Value {
    do {
      return try body()
    } catch {
      if failure == nil { failure = error }
      return fallback
    }
  }

  /// Throws what an operator could not do since the last call.
  package func throwFailure() throws(OperationError) {
    guard let failure else { return }
    self.failure = nil
    throw failure
  }

  private func uniqueStream() -> String {
    let count = streams[streamName, default: 0] + 1
    streams[streamName] = count
    return count == 1 ? streamName : "\(streamName)#\(count)"
  }

  // MARK: Sharing

  private func intern(_ type: TensorType) -> Int32 {
    if let index = typeIndices[type] { return index }
    let index = Int32(graph.types.count)
    graph.types.append(type)
    typeIndices[type] = index
    return index
  }

  private func intern(_ operation: any Operation) -> Int32 {
    let key = Self.key(operation)
    if let index = operationIndices[key] { return index }
    let index = Int32(graph.operations.count)
    graph.operations.append(operation)
    operationIndices[key] = index
    return index
  }

  private static func key(_ operation: some Operation) -> OperationKey {
    OperationKey(kind: operation.identity, attributes: operation.attributeValues)
  }

  /// Gives sizes that a shape rule could not express names of their own.
  private func naming(_ type: TensorType) -> TensorType {
    guard type.shape.dimensions.contains(.unknown) else { return type }
    var named = type
    for (axis, dimension) in type.shape.dimensions.enumerated() where dimension == .unknown {
      freshDimensions += 1
      named.shape.dimensions[axis] = Dimension(symbol: "?\(freshDimensions)")
    }
    return named
  }

  private static func check(_ type: TensorType) throws(OperationError) {
    guard type.shape.rank <= Shape.maximumRank else {
      throw OperationError(.limit, "a tensor of rank \(type.shape.rank): the limit is \(Shape.maximumRank)")
    }
    guard type.shape.sizes == nil || type.byteCount != nil else { throw .sizeOverflow }
  }
}

extension OperationError {
  static func wrongArity(_ entry: Registry.Entry, given: Int) -> OperationError {
    let arity = entry.signature.arity
    let expected =
      arity.count == 1
      ? "\(arity.lowerBound)"
      : arity.upperBound == Int32.max
        ? "at least \(arity.lowerBound)" : "\(arity.lowerBound) to \(arity.upperBound)"
    return OperationError(
      .wrongArity, "'\(entry.name)' takes \(expected) tensor\(expected == "1" ? "" : "s"), not \(given)",
      help: "\(entry.name): \(entry.signature.text)")
  }
}
