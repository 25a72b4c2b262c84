/// The gradient of a `recomputed` node: what lies between the node's further operands, or variables, and its results is built
/// a second time, where the backward pass has arrived, so that the first one's inner values need not be kept till then.
extension GraphBuilder {
  /// The gradients of the values that a recomputed part begins with.
  ///
  /// - Parameters:
  ///   - operands: the part's results, and then values that it begins with.
  ///   - count: how many of the operands are results.
  ///   - gradients: of each result; nil where it has none.
  ///   - isVariable: which values are treated as independent of what they were computed from.
  ///   - isActive: which values a gradient is wanted of.
  ///   - earlier: the gradient that such a value received before; what is added comes behind it, term by term, as if nothing
  ///     were computed again.
  func recomputing(
    _ operands: [Value], _ count: Int, _ gradients: [Value?], isVariable: (ValueID) -> Bool,
    isActive: (ValueID) -> Bool, earlier: (ValueID) -> Value?
  ) throws(GradientFault) -> [(value: Value, gradient: Value)] {
    guard let trigger = gradients.lazy.compactMap(\.self).first else { return [] }
    let results = operands[..<count].map(\.id)
    let part = RecomputedPart(graph, results, from: Set(operands[count...].map(\.id)), isVariable: isVariable)
    let copies: [ValueID: Value]
    do {
      copies = try copy(part, after: trigger)
    } catch {
      throw .failed(operation: "recomputed", error, nil)
    }
    let starts = part.starts.filter(isActive)
    var sweep = ReverseSweep(
      self,
      targets: zip(results, gradients).compactMap { result, gradient in
        gradient.map { (copies[result] ?? value(result), $0) }
      }, variables: starts.compactMap { copies[$0] })
    for start in starts {
      if let copy = copies[start], let gradient = earlier(start) { sweep.begin(copy, with: gradient) }
    }
    try sweep.run()
    return starts.compactMap { start in
      copies[start].flatMap { sweep.gradient(of: $0) }.map { (value(start), $0) }
    }
  }

  /// A second copy of a part's nodes, which starts once `trigger` is computed.
  private func copy(_ part: RecomputedPart, after trigger: Value) throws(OperationError) -> [ValueID: Value] {
    var copies: [ValueID: Value] = [:]
    let place = place
    defer { self.place = place }
    for start in part.starts {
      let copy = try one("after", [value(start), trigger])
      label(copy, graph.title(of: start))
      copies[start] = copy
    }
    for index in part.nodes {
      let node = graph.nodes[index]
      guard let operation = node.operation.map({ graph.operations[$0] }) else { continue }
      let inputs = graph.operands(of: node).map { copies[$0] ?? value($0) }
      let isSame = inputs.elementsEqual(graph.operands(of: node)) { $0.id == $1 }
      // Numbers are shared; random ones are drawn again, and are the same again.
      guard !isSame || operation.isRandom else { continue }
      self.place = graph.spans[index] ?? place
      let outputs = try add(isSame ? drawnAgain(operation) : operation, inputs)
      for (result, output) in zip(node.results, outputs) { copies[ValueID(result)] = output }
    }
    return copies
  }

  /// The same random numbers, by a node that is not the same.
  private func drawnAgain(_ operation: some Operation) throws(OperationError) -> any Operation {
    try operation.setting(["draw": .whole(graph.nodeCount)])
  }
}

extension Operation {
  var isRandom: Bool { Self.signature.takesCounter }
}

/// The nodes between values and what is computed from them.
private struct RecomputedPart {
  /// The values that it begins with, in the graph's order; the counter of random numbers is none.
  let starts: [ValueID]
  /// In the graph's order.
  let nodes: [Int]

  init(_ graph: Graph, _ results: [ValueID], from given: Set<ValueID>, isVariable: (ValueID) -> Bool) {
    var starts: Set<ValueID> = []
    var nodes: Set<Int> = []
    var pending = results
    while let value = pending.popLast() {
      let index = Int(graph.producers[value.int])
      let node = graph.nodes[index]
      if given.contains(value) || isVariable(value) || node.operation == nil {
        let isCounter = node.variable.map { graph.variables[$0].role == .counter } ?? false
        if !isCounter { starts.insert(value) }
      } else if nodes.insert(index).inserted {
        pending += graph.operands(of: node)
      }
    }
    self.starts = starts.sorted()
    self.nodes = nodes.sorted()
  }
}
