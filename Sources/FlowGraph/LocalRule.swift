extension GraphBuilder {
  /// What the reverse rule of one operation says of each of its inputs, in the input's shape: one edge of a graph, by itself.
  package func rule(
    _ operation: any Operation, _ call: Call, _ gradients: [Value]
  ) throws(OperationError) -> [Gradient] {
    let results = try operation.bprop(call, gradients)
    try throwFailure()
    guard results.count == call.inputs.count else {
      throw OperationError(.wrongArity, "\(results.count) gradients for \(call.inputs.count) inputs")
    }
    let fitted = zip(call.inputs, results).map { input, result -> Gradient in
      guard case .value(let gradient) = result else { return result }
      return .value(ReverseSweep.fit(gradient, to: input.shape))
    }
    try throwFailure()
    return fitted
  }

  /// What the operation's own forward rule says of each output; nil where it has none.
  package func forwardRule(
    _ operation: any Operation, _ call: Call, _ tangents: [Value]
  ) throws(OperationError) -> [Gradient]? {
    let results = try operation.jvp(call, tangents)
    try throwFailure()
    return results
  }
}
