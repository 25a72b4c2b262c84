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
    var sweep = ReverseSweep(self, target: target, seed: seed, variables: variables)
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

/// One walk from a target back to variables, over nothing but what lies between them.
private struct ReverseSweep {
  private let builder: GraphBuilder
  private let target: Value
  private let nodes: Range<Int>
  /// Which values depend on a variable.
  private var isActive: [Bool]
  /// The gradient of each value so far: filled once, contributions added in the order of the walk. -1 where there is none.
  private var table: [Int32]
  /// The node through which a value's first contribution came: the way back to the target.
  private var consumers: [Int32]

  init(_ builder: GraphBuilder, target: Value, seed: Value, variables: [Value]) {
    self.builder = builder
    self.target = target
    let graph = builder.graph
    let last = Int(graph.producers[target.id.int])
    let first = variables.map { Int(graph.producers[$0.id.int]) }.min() ?? last
    nodes = first..<(last + 1)
    isActive = Array(repeating: false, count: graph.valueCount)
    table = Array(repeating: -1, count: graph.valueCount)
    consumers = Array(repeating: -1, count: graph.valueCount)
    for variable in variables { isActive[variable.id.int] = true }
    for index in nodes {
      let node = graph.nodes[index]
      guard graph.operands(of: node).contains(where: { isActive[$0.int] }) else { continue }
      for result in node.results { isActive[result] = true }
    }
    if isActive[target.id.int] { table[target.id.int] = seed.id.index }
  }

  func gradient(of variable: Value) -> Value? {
    let index = table[variable.id.int]
    return index < 0 ? nil : builder.value(ValueID(Int(index)))
  }

  mutating func run() throws(GradientFault) {
    let place = builder.place
    defer { builder.place = place }
    for index in nodes.reversed() {
      let node = builder.graph.nodes[index]
      guard let operation = node.operation, node.results.contains(where: { table[$0] >= 0 }),
        builder.graph.operands(of: node).contains(where: { isActive[$0.int] })
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
    let gradients = call.outputs.map { gradient(of: $0) ?? $0.zeros }
    let results: [Gradient]
    do {
      results = try operation.bprop(call, gradients)
      try builder.throwFailure()
    } catch {
      throw .failed(operation: type(of: operation).name, error, path(through: index, error.message))
    }
    precondition(results.count == call.inputs.count, "\(type(of: operation).name): a gradient for each input")
    for (input, result) in zip(call.inputs, results) where isActive[input.id.int] {
      switch result {
      case .zero: continue
      case .undefined(let reason): throw .undefined(path(through: index, reason))
      case .value(let gradient): try accumulate(gradient, into: input, from: index, type(of: operation).name)
      }
    }
  }

  private mutating func accumulate(
    _ contribution: Value, into input: Value, from node: Int, _ operation: String
  ) throws(GradientFault) {
    var sum = fit(contribution, to: input.shape)
    if let earlier = gradient(of: input) { sum = earlier + sum } else { consumers[input.id.int] = Int32(node) }
    do {
      try builder.throwFailure()
    } catch {
      throw .failed(operation: operation, error, nil)
    }
    table[input.id.int] = sum.id.index
  }

  /// Undoes broadcasting: a rule gives its gradient in the output's shape, or in any that broadcasts to the input's.
  private func fit(_ gradient: Value, to shape: Shape) -> Value {
    if gradient.shape.equals(shape) == true { return gradient }
    if shape.broadcast(with: gradient.shape) == gradient.shape { return gradient.summed(to: shape) }
    if shape.broadcast(with: gradient.shape) == shape { return gradient.broadcast(to: shape) }
    return gradient.summed(to: shape)
  }

  /// From the target through a node, whose gradient is missing, on to a variable.
  private func path(through index: Int, _ reason: String) -> [GradientFault.Step] {
    let graph = builder.graph
    var back: [Int] = []
    var node = index
    while node >= 0 {
      back.append(node)
      let next = graph.nodes[node].results.lazy.map { Int(consumers[$0]) }.first { $0 >= 0 }
      node = next ?? -1
    }
    var steps = [GradientFault.Step(graph.title(of: target.id), graph.spans[Int(graph.producers[target.id.int])])]
    for node in back.reversed() { steps.append(.init(graph.operationName(of: graph.nodes[node]), graph.spans[node])) }
    steps[steps.count - 1].reason = reason
    return steps + forward(from: index)
  }

  private func forward(from index: Int) -> [GradientFault.Step] {
    let graph = builder.graph
    var steps: [GradientFault.Step] = []
    var node = index
    while let operand = graph.operands(of: graph.nodes[node]).first(where: { isActive[$0.int] }) {
      node = Int(graph.producers[operand.int])
      let isVariable = !graph.operands(of: graph.nodes[node]).contains { isActive[$0.int] }
      steps.append(
        .init(isVariable ? graph.title(of: operand) : graph.operationName(of: graph.nodes[node]), graph.spans[node]))
      if isVariable { break }
    }
    return steps
  }
}
