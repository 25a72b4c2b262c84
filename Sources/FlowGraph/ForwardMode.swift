import FlowTensor

extension GraphBuilder {
  /// The derivative of each target along tangents of variables, as graph beside the forward computation; nil where a target
  /// does not depend on any of them.
  ///
  /// - Parameter tangents: one for each variable, of its type; treated as constants.
  public func pushforward(
    of targets: [Value], along variables: [Value], _ tangents: [Value]
  ) throws(GradientFault) -> [Value?] {
    precondition(variables.count == tangents.count, "a tangent for each variable")
    var sweep = ForwardSweep(self, variables: variables, tangents: tangents)
    try sweep.run(to: targets)
    return targets.map { sweep.tangent(of: $0) }
  }

  /// The product of the Hessian of a scalar by a variable with a vector, without forming the Hessian: forward over reverse.
  ///
  /// - Parameter vector: of the variable's type; treated as a constant. nil where the gradient does not depend on the variable.
  public func hessianProduct(
    of target: Value, by variable: Value, _ vector: Value
  ) throws(GradientFault) -> Value? {
    guard let gradient = try gradients(of: target, wrt: [variable])[0] else { return nil }
    return try pushforward(of: [gradient], along: [variable], [vector])[0]
  }

  /// The Gauss-Newton product `Jᵀ H J v`, with `J = ∂output/∂variable` and `H` the Hessian of `target` in `output`.
  ///
  /// - Source: Schraudolph, Fast curvature matrix-vector products for second-order gradient descent, 2002.
  public func gaussNewtonProduct(
    of target: Value, through output: Value, by variable: Value, _ vector: Value
  ) throws(GradientFault) -> Value? {
    guard let tangent = try pushforward(of: [output], along: [variable], [vector])[0],
      let curved = try hessianProduct(of: target, by: output, tangent)
    else { return nil }
    return try pullback(of: output, by: curved, wrt: [variable])[0]
  }
}

/// One walk from variables on to targets, over nothing but what lies between them.
private struct ForwardSweep {
  private let builder: GraphBuilder
  private let first: Int
  /// The tangent of each value; -1 where it is zero.
  private var table: [Int32]

  init(_ builder: GraphBuilder, variables: [Value], tangents: [Value]) {
    self.builder = builder
    let producers = builder.graph.producers
    first = variables.map { Int(producers[$0.id.int]) }.min() ?? 0
    table = Array(repeating: -1, count: builder.graph.valueCount)
    for (variable, tangent) in zip(variables, tangents) { table[variable.id.int] = tangent.id.index }
  }

  func tangent(of value: Value) -> Value? {
    let index = value.id.int < table.count ? table[value.id.int] : -1
    return index < 0 ? nil : builder.value(ValueID(Int(index)))
  }

  mutating func run(to targets: [Value]) throws(GradientFault) {
    let place = builder.place
    defer { builder.place = place }
    let isNeeded = needed(for: targets)
    let variables = table
    for index in first..<isNeeded.count where isNeeded[index] {
      let node = builder.graph.nodes[index]
      guard let operation = node.operation,
        builder.graph.operands(of: node).contains(where: { table[$0.int] >= 0 }),
        !node.results.contains(where: { variables[$0] >= 0 })
      else { continue }
      builder.place = builder.graph.spans[index] ?? place
      try visit(node, builder.graph.operations[operation])
    }
  }

  /// The nodes on which the targets depend.
  private func needed(for targets: [Value]) -> [Bool] {
    let graph = builder.graph
    let last = targets.map { Int(graph.producers[$0.id.int]) }.max() ?? -1
    var isNeeded = Array(repeating: false, count: last + 1)
    for target in targets { isNeeded[Int(graph.producers[target.id.int])] = true }
    for index in stride(from: last, through: first, by: -1)
    where isNeeded[index] && !graph.cutsGradient(graph.nodes[index]) {
      for operand in graph.operands(of: graph.nodes[index]) { isNeeded[Int(graph.producers[operand.int])] = true }
    }
    return isNeeded
  }

  private mutating func visit(_ node: Graph.Node, _ operation: some Operation) throws(GradientFault) {
    let call = Call(
      inputs: builder.graph.operands(of: node).map(builder.value),
      outputs: node.results.map { builder.value(ValueID($0)) }, builder: builder)
    let tangents = call.inputs.map { tangent(of: $0) }
    let name = operation.title
    for (result, tangent) in zip(node.results, try self.tangents(operation, name, call, tangents)) {
      if let tangent { table[result] = tangent.id.index }
    }
  }

  private func tangents(
    _ operation: some Operation, _ name: String, _ call: Call, _ tangents: [Value?]
  ) throws(GradientFault) -> [Value?] {
    let own: [Gradient]?
    do {
      own = try operation.jvp(call, zip(call.inputs, tangents).map { $1 ?? $0.zeros })
      try builder.throwFailure()
    } catch {
      throw .failed(operation: name, error, nil)
    }
    guard let own else { return try transposed(operation, name, call, tangents) }
    var results: [Value?] = []
    for result in own {
      switch result {
      case .value(let tangent): results.append(tangent)
      case .zero: results.append(nil)
      case .undefined(let reason): throw missing(name, reason)
      }
    }
    return results
  }

  /// The tangents of a node from its reverse rule: with `x̄ = Jᵀu` linear in `u`, the tangent `J v` is the derivative of
  /// `⟨x̄, v⟩` by `u`. What depends on `u` itself drops out, for nothing needs it.
  private func transposed(
    _ operation: some Operation, _ name: String, _ call: Call, _ tangents: [Value?]
  ) throws(GradientFault) -> [Value?] {
    let probes = call.outputs.map(\.zeros)
    let rules: [Gradient]
    do {
      rules = try operation.bprop(call, probes)
      try builder.throwFailure()
    } catch {
      throw .failed(operation: name, error, nil)
    }
    var results = [Value?](repeating: nil, count: probes.count)
    for ((rule, tangent), input) in zip(zip(rules, tangents), call.inputs) {
      guard let tangent else { continue }
      switch rule {
      case .zero: continue
      case .undefined(let reason): throw missing(name, reason)
      case .value(let gradient):
        let fitted = ReverseSweep.fit(gradient, to: input.shape)
        for (index, part) in try builder.pullback(of: fitted, by: tangent, wrt: probes).enumerated() {
          guard let part else { continue }
          results[index] = results[index].map { $0 + part } ?? part
        }
      }
    }
    return results
  }

  private func missing(_ name: String, _ reason: String) -> GradientFault {
    .undefined([GradientFault.Step(name, builder.place, reason: reason)])
  }
}
