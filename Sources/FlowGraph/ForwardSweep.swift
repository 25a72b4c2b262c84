import FlowTensor

/// One walk in forward mode from variables on to targets, over nothing but what lies between them.
struct ForwardSweep {
  private let builder: GraphBuilder
  private let first: Int
  /// The tangent of each value; -1 where it is zero or undefined.
  private var table: [Int32]
  private let variables: Set<ValueID>
  /// The values whose tangent is undefined: an error only where a target needs one.
  private var breaks: [ValueID: Break] = [:]

  /// Where, and why, a value has no tangent.
  private struct Break {
    let node: Int
    /// The operand whose tangent is missing, or goes no further.
    let operand: ValueID
    /// nil where the operand's own is undefined.
    var reason: String?
    /// Where the operation says nothing at all of its gradient.
    var error: OperationError?
  }

  init(_ builder: GraphBuilder, variables: [Value], tangents: [Value]) {
    self.builder = builder
    self.variables = Set(variables.map(\.id))
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
    for index in first..<isNeeded.count where isNeeded[index] {
      let node = builder.graph.nodes[index]
      guard let operation = node.operation, builder.graph.operands(of: node).contains(where: { depends($0) }),
        !node.results.contains(where: { variables.contains(ValueID($0)) })
      else { continue }
      builder.place = builder.graph.spans[index] ?? place
      try visit(index, node, builder.graph.operations[operation])
    }
    for target in targets { if let found = breaks[target.id] { throw fault(of: target, found) } }
  }

  /// Whether a value's tangent is not zero.
  private func depends(_ value: ValueID) -> Bool { table[value.int] >= 0 || breaks[value] != nil }

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

  private mutating func visit(_ index: Int, _ node: Graph.Node, _ operation: some Operation) throws(GradientFault) {
    let call = Call(
      inputs: builder.graph.operands(of: node).map(builder.value),
      outputs: node.results.map { builder.value(ValueID($0)) }, builder: builder)
    do {
      let isWhole = call.inputs.allSatisfy { breaks[$0.id] == nil }
      if isWhole, let own = try operation.jvp(call, call.inputs.map { tangent(of: $0) ?? $0.zeros }) {
        try builder.throwFailure()
        take(own, index, call)
      } else {
        try transpose(operation, index, call)
      }
    } catch let error as OperationError where error.kind == .noGradient {
      for output in call.outputs { stop(output, index, call, error.message, error) }
    } catch let error as OperationError {
      throw .failed(operation: operation.title, error, nil)
    } catch let error as GradientFault {
      throw error
    } catch {
      preconditionFailure("a rule throws \(error)")
    }
  }

  private mutating func take(_ tangents: [Gradient], _ index: Int, _ call: Call) {
    for (output, tangent) in zip(call.outputs, tangents) {
      switch tangent {
      case .value(let tangent): table[output.id.int] = tangent.id.index
      case .zero: continue
      case .undefined(let reason): stop(output, index, call, reason)
      }
    }
  }

  private mutating func stop(
    _ output: Value, _ index: Int, _ call: Call, _ reason: String, _ error: OperationError? = nil
  ) {
    guard let operand = call.inputs.first(where: { depends($0.id) }) else { return }
    breaks[output.id] = Break(node: index, operand: operand.id, reason: reason, error: error)
  }

  /// The tangents of a node from its reverse rule: with `x̄ = Jᵀu` linear in `u`, the tangent `J v` is the derivative of
  /// `⟨x̄, v⟩` by `u`. What depends on `u` itself drops out, for nothing needs it.
  private mutating func transpose(_ operation: some Operation, _ index: Int, _ call: Call) throws {
    let probes = call.outputs.map(\.zeros)
    let rules = try operation.bprop(call, probes)
    try builder.throwFailure()
    for (rule, input) in zip(rules, call.inputs) where depends(input.id) {
      switch rule {
      case .zero: continue
      case .undefined(let reason):
        for output in call.outputs {
          breaks[output.id] = Break(node: index, operand: input.id, reason: reason)
        }
      case .value(let gradient):
        guard breaks[input.id] == nil, let tangent = tangent(of: input) else {
          for output in call.outputs { breaks[output.id] = Break(node: index, operand: input.id) }
          continue
        }
        let fitted = ReverseSweep.fit(gradient, to: input.shape)
        let parts = try builder.pullback(of: fitted, by: tangent, wrt: probes)
        for (output, part) in zip(call.outputs, parts) {
          guard let part else { continue }
          table[output.id.int] = (self.tangent(of: output).map { $0 + part } ?? part).id.index
        }
      }
    }
    try breakPositions(operation, index, call, probes)
  }

  /// Whole-numbered results beside floating ones: whether they have a gradient shows when one reaches them.
  private mutating func breakPositions(
    _ operation: some Operation, _ index: Int, _ call: Call, _ probes: [Value]
  ) throws(OperationError) {
    guard call.outputs.contains(where: \.dtype.isFloating) else { return }
    for (position, output) in call.outputs.enumerated() where output.dtype.isInteger {
      var reached = probes
      reached[position] = try builder.fill(.whole(0), TensorType(.f32, output.shape))
      for (rule, input) in zip(try operation.bprop(call, reached), call.inputs) where depends(input.id) {
        guard case .undefined(let reason) = rule else { continue }
        breaks[output.id] = Break(node: index, operand: input.id, reason: reason)
      }
    }
  }

  /// From a target through the node that has no tangent on to a variable.
  private func fault(of target: Value, _ found: Break) -> GradientFault {
    let graph = builder.graph
    var steps = [GradientFault.Step(graph.title(of: target.id), graph.spans[Int(graph.producers[target.id.int])])]
    var next: Break? = found
    var operand = target.id
    var origin = found
    while let step = next {
      steps.append(.init(graph.operationName(of: graph.nodes[step.node]), graph.spans[step.node]))
      origin = step
      operand = step.operand
      next = step.reason == nil ? breaks[operand] : nil
    }
    steps[steps.count - 1].reason = origin.reason
    steps += graph.way(to: operand) { node in
      graph.operands(of: node).first {
        depends($0) && !node.results.contains(where: { variables.contains(ValueID($0)) })
      }
    }
    guard let error = origin.error else { return .undefined(steps) }
    return .failed(operation: graph.operationName(of: graph.nodes[origin.node]), error, steps)
  }
}
