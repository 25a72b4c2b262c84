import FlowDiagnostics
import FlowGraph
import FlowTensor

extension Draft {
  /// The draft with concrete types: sizes are put in for names, and each node's types inferred once.
  ///
  /// Where nothing is symbolic the draft stays as it is.
  func bound(_ reachability: Reachability, _ request: PlanRequest) throws(PlanError) -> Draft {
    let binding = try Binding(graph, request.types)
    guard types.contains(where: { !$0.isConcrete }) else { return self }
    var inference = Inference(self, binding, request)
    try inference.run(reachability)
    return inference.draft
  }
}

/// One walk over the nodes in order, which gives every value a concrete type.
private struct Inference {
  private(set) var draft: Draft
  private var binding: Binding
  private let request: PlanRequest
  private var numbers: [TensorType: Int32] = [:]
  /// What each operation of the graph has become; -1 where it was not met yet.
  private var operations: [Int32]
  /// Whether sizes can change anything about a type or an operation of the graph.
  private let isSymbolicType: [Bool]
  private let isSymbolicOperation: [Bool]
  /// Operation and operand types that were inferred before, and the types of their results.
  private var known = SequenceTable()
  private var results: [[Int32]] = []

  init(_ draft: Draft, _ binding: Binding, _ request: PlanRequest) {
    self.draft = draft
    self.binding = binding
    self.request = request
    for (index, type) in draft.types.enumerated() { numbers[type] = Int32(index) }
    operations = draft.operations.indices.map { _ in -1 }
    isSymbolicType = draft.types.map { !$0.isConcrete }
    isSymbolicOperation = draft.operations.map(\.hasSymbolicAttributes)
  }

  mutating func run(_ reachability: Reachability) throws(PlanError) {
    let graph = draft.graph
    var next = 0
    for index in graph.nodes.indices where reachability.isNeeded[index] || reachability.isTyped[index] {
      let node = graph.nodes[index]
      if let variable = node.variable {
        try type(variable, node)
      } else if next < draft.nodes.count, draft.nodes[next].origin == index {
        let planned = draft.nodes[next]
        draft.nodes[next].operation = try infer(planned, draft.operands[planned.operands])
        next += 1
      } else {
        try inferUnneeded(index, node, reachability)
      }
    }
  }

  private mutating func type(_ variable: Int, _ node: Graph.Node) throws(PlanError) {
    let declared = draft.graph.variables[variable]
    guard let type = request.types[variable] ?? (try? declared.type.substituting(binding.sizes)) else {
      throw .tooLarge
    }
    guard type.isConcrete else {
      let symbol = type.shape.dimensions.lazy.flatMap(\.symbols).first ?? ""
      throw .unboundDimension(symbol, variable: declared.name, span: declared.span)
    }
    for value in node.results { draft.typeIndices[value] = intern(type) }
  }

  /// A node that is not run: only its types count.
  private mutating func inferUnneeded(
    _ index: Int, _ node: Graph.Node, _ reachability: Reachability
  ) throws(PlanError) {
    let operands = draft.graph.operands(of: node).map { reachability.source(of: $0, in: draft.graph).index }
    let typed = Draft.Node(
      origin: Int32(index), operation: Int32(node.operation ?? 0), firstOperand: 0,
      operandCount: Int32(operands.count), firstResult: Int32(node.results.lowerBound),
      resultCount: Int32(node.results.count))
    _ = try infer(typed, operands[...])
  }

  /// Gives a node's results their types; returns its operation with sizes in it.
  private mutating func infer(_ node: Draft.Node, _ operands: ArraySlice<Int32>) throws(PlanError) -> Int32 {
    let inputs = operands.map { draft.typeIndices[Int($0)] }
    let graph = draft.graph
    let isFixed =
      !isSymbolicOperation[Int(node.operation)]
      && node.results.allSatisfy { !isSymbolicType[Int(graph.typeIndices[$0])] }
      && graph.operands[graph.nodes[Int(node.origin)].operands].elementsEqual(inputs) {
        graph.typeIndices[$0.int] == $1
      }
    guard !isFixed else { return node.operation }
    do throws(OperationError) {
      let operation = try concrete(node.operation)
      let outputs = try outputTypes(operation, inputs)
      guard outputs.count == node.resultCount else {
        throw OperationError(.shapeMismatch, "its results are \(outputs.count), not \(node.resultCount)")
      }
      let isForeign = draft.operations[Int(operation)].plugin != nil
      for (value, type) in zip(node.results, outputs) { try assign(type, to: value, isForeign: isForeign) }
      return operation
    } catch {
      let types = inputs.map { draft.types[Int($0)] }
      throw .fault(
        RuntimeFault(graph: graph, node: Int(node.origin), inputTypes: types, reason: .operation(error)))
    }
  }

  /// - Parameter isForeign: whether a plugin's shape rule is to blame.
  private mutating func assign(_ index: Int32, to value: Int, isForeign: Bool) throws(OperationError) {
    let declared = draft.graph.type(of: ValueID(value)).shape
    let type = draft.types[Int(index)]
    guard type.isConcrete, type.shape.rank == declared.rank else {
      throw OperationError(
        isForeign ? .pluginFailure : .shapeMismatch, "the result is \(type) where \(declared) was inferred")
    }
    for (dimension, size) in zip(declared.dimensions, type.shape.dimensions) {
      if let symbol = dimension.symbol, symbol.hasPrefix("?"), let size = size.size {
        binding.bind(derived: symbol, to: size)
      }
    }
    draft.typeIndices[value] = index
  }

  private mutating func outputTypes(_ operation: Int32, _ inputs: [Int32]) throws(OperationError) -> [Int32] {
    let (index, isNew) = known.insert([operation] + inputs)
    if !isNew { return results[index] }
    let inferred = try draft.operations[Int(operation)].infer(inputs.map { draft.types[Int($0)] })
    for type in inferred where type.isConcrete && type.byteCount == nil { throw .sizeOverflow }
    results.append(inferred.map { intern($0) })
    return results[index]
  }

  /// The operation with sizes put in for the names in its attributes.
  private mutating func concrete(_ operation: Int32) throws(OperationError) -> Int32 {
    guard isSymbolicOperation[Int(operation)] else { return operation }
    if operations[Int(operation)] >= 0 { return operations[Int(operation)] }
    let sizes = binding.sizes
    let bound = try draft.operations[Int(operation)].renamingDimensions { sizes[$0].map { Dimension($0) } }
    let index = Int32(draft.operations.count)
    draft.operations.append(bound)
    operations[Int(operation)] = index
    return index
  }

  private mutating func intern(_ type: TensorType) -> Int32 {
    if let index = numbers[type] { return index }
    let index = Int32(draft.types.count)
    draft.types.append(type)
    numbers[type] = index
    return index
  }
}
