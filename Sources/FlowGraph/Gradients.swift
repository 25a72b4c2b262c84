import FlowTensor

extension GraphBuilder {
  /// The gradient of a scalar with respect to each variable, as graph; nil where the target does not depend on it.
  ///
  /// Each variable is treated as independent of what it was computed from.
  public func gradients(of target: Value, wrt variables: [Value]) throws(GradientFault) -> [Value?] {
    guard target.shape.rank == 0, target.dtype.isFloating else { throw .notScalar(target.type) }
    let one: Value
    do {
      one = try fill(.whole(1), target.type)
    } catch {
      throw .failed(operation: "fill", error, nil)
    }
    return try pullback(of: target, by: one, wrt: variables)
  }

  /// The product of `seed`, shaped as `target`, with the Jacobian of `target` by each variable.
  public func pullback(of target: Value, by seed: Value, wrt variables: [Value]) throws(GradientFault) -> [Value?] {
    var sweep = ReverseSweep(self, targets: [(target, seed)], variables: variables)
    try sweep.run()
    return variables.map { sweep.gradient(of: $0) }
  }
}

extension Graph {
  /// This graph and, behind it, the gradients of `target` by `variables`; nil where it does not depend on one.
  public func gradients(
    of target: ValueID, wrt variables: [ValueID], registry: Registry
  ) throws(GradientFault) -> (graph: Graph, gradients: [ValueID?]) {
    let builder = GraphBuilder(self, registry: registry)
    let gradients = try builder.gradients(of: builder.value(target), wrt: variables.map(builder.value))
    return (builder.graph, gradients.map { $0?.id })
  }
}

extension Graph {
  /// Whether the results of a node count as constants.
  func cutsGradient(_ node: Node) -> Bool {
    node.operation.map { operations[$0].isCut } ?? false
  }
}

/// One walk from targets back to variables, over nothing but what lies between them.
struct ReverseSweep {
  private let builder: GraphBuilder
  private let variables: Set<ValueID>
  private let nodes: Range<Int>
  /// The first value of the walk: the tables below begin there, so that a short walk in a long graph costs little.
  private let base: Int
  /// Which values depend on a variable.
  private var isActive: [Bool]
  /// The gradient of each value so far: filled once, contributions added in the order of the walk. -1 where there is none.
  private var table: [Int32]
  /// The node through which a value's first contribution came: the way back to the target.
  private var consumers: [Int32]

  init(_ builder: GraphBuilder, targets: [(target: Value, seed: Value)], variables: [Value]) {
    self.builder = builder
    self.variables = Set(variables.map(\.id))
    let graph = builder.graph
    let last = targets.map { Int(graph.producers[$0.target.id.int]) }.max() ?? 0
    let first = variables.map { Int(graph.producers[$0.id.int]) }.min() ?? last
    nodes = first..<max(last + 1, first)
    base = Int(graph.nodes[first].firstResult)
    let count = max(graph.nodes[last].results.upperBound - base, 0)
    isActive = Array(repeating: false, count: count)
    table = Array(repeating: -1, count: count)
    consumers = Array(repeating: -1, count: count)
    for variable in variables where variable.id.int - base < count { isActive[variable.id.int - base] = true }
    for index in nodes {
      let node = graph.nodes[index]
      guard graph.sources(of: node).contains(where: { depends($0) }), !graph.cutsGradient(node) else { continue }
      for result in node.results { isActive[result - base] = true }
    }
    for (target, seed) in targets where depends(target.id) {
      table[target.id.int - base] = (gradient(of: target).map { $0 + seed } ?? seed).id.index
    }
  }

  /// Whether a value depends on a variable.
  private func depends(_ value: ValueID) -> Bool {
    let index = value.int - base
    return isActive.indices.contains(index) && isActive[index]
  }

  private func entry(_ result: Int) -> Int32 { table.indices.contains(result - base) ? table[result - base] : -1 }

  func gradient(of variable: Value) -> Value? {
    let index = entry(variable.id.int)
    return index < 0 ? nil : builder.value(ValueID(Int(index)))
  }

  /// Lets a variable begin with what it received already.
  mutating func begin(_ variable: Value, with gradient: Value) { table[variable.id.int - base] = gradient.id.index }

  mutating func run() throws(GradientFault) {
    let place = builder.place
    defer { builder.place = place }
    for index in nodes.reversed() {
      let node = builder.graph.nodes[index]
      guard let operation = node.operation, node.results.contains(where: { entry($0) >= 0 }),
        builder.graph.operands(of: node).contains(where: { depends($0) })
      else { continue }
      builder.place = builder.graph.spans[index] ?? place
      try visit(index, node, builder.graph.operations[operation])
    }
  }

  private mutating func visit(
    _ index: Int, _ node: Graph.Node, _ operation: some Operation
  ) throws(GradientFault) {
    let call = Call(
      inputs: builder.graph.operands(of: node).map(builder.value),
      outputs: node.results.map { builder.value(ValueID($0)) }, builder: builder)
    guard !type(of: operation).isRecomputed else { return try visitRecomputed(index, call) }
    let gradients = call.outputs.map { gradient(of: $0) ?? $0.zeros }
    let results: [Gradient]
    do {
      results = try operation.bprop(call, gradients)
      try builder.throwFailure()
    } catch {
      throw .failed(operation: operation.title, error, path(through: index, error.message))
    }
    precondition(results.count == call.inputs.count, "\(operation.title): a gradient for each input")
    for (input, result) in zip(call.inputs, results) where depends(input.id) {
      switch result {
      case .zero: continue
      case .undefined(let reason): throw .undefined(path(through: index, reason, on: input.id))
      case .value(let gradient): try accumulate(gradient, into: input, from: index, operation.title)
      }
    }
  }

  private mutating func visitRecomputed(_ index: Int, _ call: Call) throws(GradientFault) {
    let parts: [(value: Value, gradient: Value)]
    do {
      parts = try builder.recomputing(
        call.inputs, call.outputs.count, call.outputs.map { gradient(of: $0) }, isVariable: { variables.contains($0) },
        isActive: { depends($0) }, earlier: { gradient(of: builder.value($0)) })
    } catch {
      throw error.behind(way(back: index)) { name in
        let graph = builder.graph
        let start = call.inputs.first { depends($0.id) && graph.title(of: $0.id) == name }
        return graph.way(to: start?.id) { activeOperand(of: $0) }
      }
    }
    for (value, gradient) in parts {
      if self.gradient(of: value) == nil { consumers[value.id.int - base] = Int32(index) }
      table[value.id.int - base] = gradient.id.index
    }
  }

  private mutating func accumulate(
    _ contribution: Value, into input: Value, from node: Int, _ operation: String
  ) throws(GradientFault) {
    var sum = Self.fit(contribution, to: input.shape)
    if let earlier = gradient(of: input) { sum = earlier + sum } else { consumers[input.id.int - base] = Int32(node) }
    do {
      try builder.throwFailure()
    } catch {
      throw .failed(operation: operation, error, nil)
    }
    table[input.id.int - base] = sum.id.index
  }

  /// Undoes broadcasting: a rule gives its gradient in the output's shape, or in any that broadcasts to the input's.
  static func fit(_ gradient: Value, to shape: Shape) -> Value {
    if gradient.shape.equals(shape) == true { return gradient }
    if shape.broadcast(with: gradient.shape) == gradient.shape { return gradient.summed(to: shape) }
    if shape.broadcast(with: gradient.shape) == shape { return gradient.broadcast(to: shape) }
    return gradient.summed(to: shape)
  }

  /// From the target through a node, whose gradient is missing, on to a variable.
  private func path(through index: Int, _ reason: String, on operand: ValueID? = nil) -> [GradientFault.Step] {
    let graph = builder.graph
    var steps = way(back: index)
    steps[steps.count - 1].reason = reason
    return steps + graph.way(to: operand ?? activeOperand(of: graph.nodes[index])) { activeOperand(of: $0) }
  }

  /// From the target to a node.
  private func way(back index: Int) -> [GradientFault.Step] {
    let graph = builder.graph
    var back: [Int] = []
    var node = index
    while node >= 0 {
      back.append(node)
      let reached = graph.nodes[node].results.filter { consumers[$0 - base] >= 0 }
      // Of several results one that is a position, for a gradient that reaches it is why there is none.
      let result = reached.first { !graph.type(of: ValueID($0)).dtype.isFloating } ?? reached.first
      node = result.map { Int(consumers[$0 - base]) } ?? -1
    }
    let last = back.last ?? index
    let target = graph.nodes[last].results.first { entry($0) >= 0 } ?? graph.nodes[last].results.lowerBound
    let steps = [GradientFault.Step(graph.title(of: ValueID(target)), graph.spans[last])]
    return steps + back.reversed().map { .init(graph.operationName(of: graph.nodes[$0]), graph.spans[$0]) }
  }

  private func activeOperand(of node: Graph.Node) -> ValueID? {
    builder.graph.operands(of: node).first { depends($0) }
  }
}

extension Graph {
  /// The operands that the results of a node are computed from: of one that passes its first ones on, those.
  fileprivate func sources(of node: Node) -> ArraySlice<ValueID> {
    let isTransparent = node.operation.map { Swift.type(of: operations[$0]).isTransparent } ?? false
    return isTransparent ? operands(of: node).prefix(node.results.count) : operands(of: node)
  }

  /// From a value on to a variable.
  ///
  /// - Parameter next: the operand through which a node depends on a variable; nil where it depends on none.
  func way(to value: ValueID?, through next: (Node) -> ValueID?) -> [GradientFault.Step] {
    var steps: [GradientFault.Step] = []
    var value = value
    while let known = value {
      let index = Int(producers[known.int])
      value = next(nodes[index])
      steps.append(.init(value == nil ? title(of: known) : operationName(of: nodes[index]), spans[index]))
    }
    return steps
  }
}
