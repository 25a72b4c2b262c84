import FlowTensor

extension GraphBuilder {
  /// The Jacobian of a target by a variable, shaped as the target and then as the variable; nil where the target does not
  /// depend on the variable.
  ///
  /// Its rows, or its columns, are evaluated together: in reverse mode one for each element of the target, in forward mode
  /// one for each element of the variable, whichever are fewer, as far as sizes are known. Where an operation changes
  /// gradients on their way, it is rows.
  public func jacobian(of target: Value, by variable: Value) throws(GradientFault) -> Value? {
    if Self.hasFewer(variable, than: target), !graph.changesGradients(between: variable.id, target.id),
      let columns = try? columns(of: target, by: variable)
    {
      return columns
    }
    return try rows(of: target, by: variable)
  }

  /// The Hessian of a scalar by a variable, shaped as the variable twice: the columns of the gradient's Jacobian, by
  /// forward over reverse mode; by reverse over reverse where an operation has no other.
  ///
  /// - Returns: nil where the gradient does not depend on the variable.
  public func hessian(of target: Value, by variable: Value) throws(GradientFault) -> Value? {
    guard let gradient = try gradients(of: target, wrt: [variable])[0] else { return nil }
    if let columns = try? columns(of: gradient, by: variable) { return columns }
    return try rows(of: gradient, by: variable)
  }

  /// Reverse mode: the product of each unit vector in the target's place with the Jacobian.
  package func rows(of target: Value, by variable: Value) throws(GradientFault) -> Value? {
    let isScalar = target.shape.rank == 0
    let probe = try constant(isScalar ? 1 : 0, target.type)
    guard var rows = try pullback(of: target, by: probe, wrt: [variable])[0] else { return nil }
    if !isScalar { rows = try batched(rows, over: probe, units(of: target)) }
    return try built(rows.reshaped(to: Shape(target.shape.dimensions + variable.shape.dimensions)))
  }

  /// Forward mode: the product of the Jacobian with each unit vector in the variable's place.
  package func columns(of target: Value, by variable: Value) throws(GradientFault) -> Value? {
    let isScalar = variable.shape.rank == 0
    let probe = try constant(isScalar ? 1 : 0, variable.type)
    guard var columns = try pushforward(of: [target], along: [variable], [probe])[0] else { return nil }
    if !isScalar {
      columns = try batched(columns, over: probe, units(of: variable))
      columns = columns.transposed(Array(1..<columns.shape.rank) + [0])
    }
    return try built(
      columns.reshaped(to: Shape(target.shape.dimensions + variable.shape.dimensions)).cast(to: variable.dtype))
  }

  /// All unit vectors of a value's type, along a leading axis.
  private func units(of value: Value) throws(GradientFault) -> Value {
    do {
      let count = try value.shape.elementCount()
      let shape: Shape = [count, count]
      let eye = try one("eye", [], ["shape": shape.attributeValue, "dtype": .dtype(value.dtype)])
      return eye.reshaped(to: Shape([count] + value.shape.dimensions))
    } catch let error as OperationError {
      throw .failed(operation: "eye", error, nil)
    } catch {
      throw .failed(
        operation: "eye", OperationError(.sizeOverflow, "a Jacobian with more rows than 64 bits count"), nil)
    }
  }

  private func constant(_ number: Int, _ type: TensorType) throws(GradientFault) -> Value {
    do {
      return try fill(.whole(number), type)
    } catch {
      throw .failed(operation: "fill", error, nil)
    }
  }

  private func built(_ value: Value) throws(GradientFault) -> Value {
    do {
      try throwFailure()
      return value
    } catch {
      throw .failed(operation: "jacobian", error, nil)
    }
  }

  /// Whether one value has fewer elements than another for all sizes, as far as that can be told.
  private static func hasFewer(_ a: Value, than b: Value) -> Bool {
    guard let few = try? a.shape.elementCount(), let many = try? b.shape.elementCount() else { return false }
    if let few = few.size, let many = many.size { return few < many }
    return (many.divided(by: few)?.size ?? 0) > 1
  }
}

extension Graph {
  /// Whether an operation from one value to another declares a gradient that is not its derivative.
  fileprivate func changesGradients(between start: ValueID, _ end: ValueID) -> Bool {
    let (first, last) = (Int(producers[start.int]), Int(producers[end.int]))
    guard first <= last else { return false }
    return nodes[first...last].contains { node in
      node.operation.map { operations[$0].isNotDerivative && !operations[$0].isCut } ?? false
    }
  }
}
