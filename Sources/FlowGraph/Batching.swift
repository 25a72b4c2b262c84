public import FlowTensor

/// What an operand, or a result, is in a batch of evaluations of its node.
public enum BatchedValue {
  /// The same in all of them.
  case shared(Value)
  /// One for each, along a leading axis.
  case each(Value)
}

/// A node that is evaluated for a whole batch of operands at once.
public struct BatchedCall {
  /// The node as one evaluation sees it.
  public let call: Call
  /// For a rule, at least one differs within the batch.
  public let operands: [BatchedValue]
  /// How many evaluations there are.
  public let size: Dimension

  /// The operands, where none differs within the batch: their node is another one only because a node before it is.
  var sharedOperands: [Value]? {
    var values: [Value] = []
    for operand in operands {
      guard case .shared(let value) = operand else { return nil }
      values.append(value)
    }
    return values
  }

  /// A shape behind the batch's axis.
  public func shape(_ shape: Shape) -> Shape { Shape([size] + shape.dimensions) }

  /// An operand with the batch's axis, along which it is repeated where it is shared.
  public func leading(_ index: Int) -> Value {
    switch operands[index] {
    case .each(let value): value
    case .shared(let value): value.broadcast(to: shape(value.shape))
    }
  }

  /// An operand that broadcasts with others of `rank` axes behind the batch's.
  ///
  /// - Parameter own: the shape to see it in; its own where left out.
  public func aligned(_ index: Int, rank: Int, as own: Shape? = nil) -> Value {
    let own = own ?? call.inputs[index].shape
    switch operands[index] {
    case .shared(let value): return value.reshaped(to: own)
    case .each(let value):
      let ones = [Dimension](repeating: 1, count: max(rank - own.rank, 0))
      return value.reshaped(to: shape(Shape(ones + own.dimensions)))
    }
  }

  /// The results of an operation on operands that carry the batch's axis.
  public func adding(_ operation: any Operation, _ inputs: [Value]) throws(OperationError) -> [BatchedValue] {
    try call.builder.add(operation, inputs).map(BatchedValue.each)
  }

  /// The results of an operation on all operands, each with the batch's axis.
  public func adding(_ operation: any Operation) throws(OperationError) -> [BatchedValue] {
    try adding(operation, operands.indices.map(leading))
  }

  /// The node's result from a value of as many elements for each evaluation.
  public func result(_ value: Value) -> [BatchedValue] { [.each(value.reshaped(to: shape(call.outputs[0].shape)))] }
}

extension Int {
  /// An axis once another has come in front; counted from the end it stays.
  package var behindBatch: Int { self < 0 ? self : self + 1 }
}

extension GraphBuilder {
  /// A value that depends on a probe, evaluated together for a whole batch of what may stand in the probe's place.
  ///
  /// - Parameter seeds: the batch, along a leading axis before the probe's own.
  /// - Returns: the value's batch, along a leading axis.
  package func batched(_ value: Value, over probe: Value, _ seeds: Value) throws(GradientFault) -> Value {
    var sweep = BatchSweep(self, probe: probe, seeds: seeds)
    return try sweep.run(to: value)
  }
}

/// One walk from a probe on to a value, which does each node's work for all seeds.
private struct BatchSweep {
  private let builder: GraphBuilder
  private let size: Dimension
  private let first: Int
  /// What values have become that depend on the probe.
  private var table: [ValueID: BatchedValue]

  init(_ builder: GraphBuilder, probe: Value, seeds: Value) {
    self.builder = builder
    size = seeds.shape[0]
    first = Int(builder.graph.producers[probe.id.int]) + 1
    table = [probe.id: .each(seeds)]
  }

  mutating func run(to target: Value) throws(GradientFault) -> Value {
    let place = builder.place
    defer { builder.place = place }
    let isNeeded = needed(for: target)
    for (index, isNeeded) in zip(first..., isNeeded) where isNeeded {
      let node = builder.graph.nodes[index]
      guard let operation = node.operation,
        builder.graph.operands(of: node).contains(where: { table[$0] != nil })
      else { continue }
      builder.place = builder.graph.spans[index] ?? place
      try visit(node, builder.graph.operations[operation])
    }
    switch table[target.id] ?? .shared(target) {
    case .each(let value): return value
    case .shared(let value): return value.broadcast(to: Shape([size] + value.shape.dimensions))
    }
  }

  /// Which of the nodes behind the probe the target depends on.
  private func needed(for target: Value) -> [Bool] {
    let graph = builder.graph
    let last = Int(graph.producers[target.id.int])
    guard last >= first else { return [] }
    var isNeeded = Array(repeating: false, count: last + 1 - first)
    isNeeded[last - first] = true
    for index in (first...last).reversed() where isNeeded[index - first] {
      for operand in graph.operands(of: graph.nodes[index]) {
        let producer = Int(graph.producers[operand.int]) - first
        if producer >= 0 { isNeeded[producer] = true }
      }
    }
    return isNeeded
  }

  private mutating func visit(_ node: Graph.Node, _ operation: some Operation) throws(GradientFault) {
    let operands = builder.graph.operands(of: node).map { table[$0] ?? .shared(builder.value($0)) }
    let call = Call(
      inputs: builder.graph.operands(of: node).map(builder.value),
      outputs: node.results.map { builder.value(ValueID($0)) }, builder: builder)
    let batch = BatchedCall(call: call, operands: operands, size: size)
    do {
      let results: [BatchedValue]
      if let shared = batch.sharedOperands {
        results = try builder.add(operation, shared).map(BatchedValue.shared)
      } else if let made = try operation.batched(batch) {
        results = made
      } else {
        results = try unrolled(batch, operation)
      }
      try builder.throwFailure()
      try check(results, batch, operation)
      for (output, result) in zip(call.outputs, results) { table[output.id] = result }
    } catch {
      throw .failed(operation: operation.title, error, nil)
    }
  }

  /// A rule gives each result for the batch, of the type that the node's has for one evaluation.
  private func check(
    _ results: [BatchedValue], _ batch: BatchedCall, _ operation: some Operation
  ) throws(OperationError) {
    for (output, result) in zip(batch.call.outputs, results) {
      guard case .each(let value) = result, value.shape.equals(batch.shape(output.shape)) == false else { continue }
      throw .shapeMismatch("'\(operation.title)' gives \(value.shape) for a batch of \(output.shape)")
    }
  }

  /// Each evaluation alone, and their results side by side.
  private func unrolled(
    _ batch: BatchedCall, _ operation: some Operation
  ) throws(OperationError) -> [BatchedValue] {
    guard let count = size.size else {
      throw OperationError(
        .limit, "'\(operation.title)' has no rule for many evaluations at once, and how many is not known yet: \(size)",
        help: "give the input fixed sizes")
    }
    guard count > 0 else {
      return try batch.call.outputs.map { (output) throws(OperationError) in
        .each(try builder.fill(.whole(0), TensorType(output.dtype, batch.shape(output.shape))))
      }
    }
    var columns = batch.call.outputs.map { _ in [Value]() }
    for index in 0..<count {
      let at: [String: AttributeValue] = ["at": .list([.list([.whole(index)])])]
      let inputs = batch.operands.map { operand in
        switch operand {
        case .shared(let value): value
        case .each(let value): value.applying("index", at)
        }
      }
      for (column, result) in try builder.add(operation, inputs).enumerated() { columns[column].append(result) }
    }
    return try columns.map { (column) throws(OperationError) in .each(try builder.one("stack", column)) }
  }
}
