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
