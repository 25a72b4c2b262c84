import FlowDiagnostics
import FlowGraph
import FlowTensor

/// Derivatives as expressions: each extends the graph (Language, "Derivatives").
extension Resolver {
  /// A derivative of the operands of a call; nil for any other call.
  func derivative(_ call: CallSyntax) -> [Item]? {
    switch call.callee.text {
    case "grad": gradients(call)
    case "jacobian":
      [
        matrix(call) { (target, variable) throws(GradientFault) in
          try builder.jacobian(of: target, by: variable)
        }
      ]
    case "hessian":
      [
        matrix(call, ofGradient: true) { (target, variable) throws(GradientFault) in
          try builder.hessian(of: target, by: variable)
        }
      ]
    case "vjp":
      [
        product(call, Roles(variable: 1, vector: 2, vectorLike: 0, resultLike: 1)) { (values) throws(GradientFault) in
          try builder.pullback(of: values[0], by: values[2], wrt: [values[1]])[0]
        }
      ]
    case "jvp":
      [
        product(call, Roles(variable: 1, vector: 2, vectorLike: 1, resultLike: 0)) { (values) throws(GradientFault) in
          try builder.pushforward(of: [values[0]], along: [values[1]], [values[2]])[0]
        }
      ]
    case "hvp":
      [
        product(call, Roles(variable: 1, vector: 2, vectorLike: 1, resultLike: 1)) { (values) throws(GradientFault) in
          try builder.hessianProduct(of: values[0], by: values[1], values[2])
        }
      ]
    case "ggn":
      [
        product(call, Roles(variable: 2, vector: 3, vectorLike: 2, resultLike: 2)) { (values) throws(GradientFault) in
          try builder.gaussNewtonProduct(of: values[0], through: values[1], by: values[2], values[3])
        }
      ]
    default: nil
    }
  }

  /// Which operand of a product with a derivative is what; the vector is the last.
  private struct Roles {
    let variable: Int
    let vector: Int
    let vectorLike: Int
    let resultLike: Int
  }

  /// `grad(y, a, b)`: the derivatives of a scalar by each of the others.
  private func gradients(_ call: CallSyntax) -> [Item] {
    guard let values = values(call, count: 2...10_000), let target = values.first else { return [.poison] }
    let variables = Array(values.dropFirst())
    for variable in variables { guard isVariable(variable.value, at: variable.span) else { return [.poison] } }
    builder.place = ownPlace(call.callee.span)
    do {
      let gradients = try builder.gradients(of: target.value, wrt: variables.map(\.value))
      return zip(variables, gradients).map { variable, gradient in
        .tensor(
          (gradient ?? disconnected(variable.value, from: target.value, variable.value.type, at: variable.span)).id)
      }
    } catch {
      report(error.diagnostic(at: call.callee.span))
      return [.poison]
    }
  }

  /// All derivatives of one value by another: of the target, or of its gradient.
  private func matrix(
    _ call: CallSyntax, ofGradient: Bool = false, _ build: (Value, Value) throws(GradientFault) -> Value?
  ) -> Item {
    guard let values = values(call, count: 2...2), isVariable(values[1].value, at: values[1].span) else {
      return .poison
    }
    let (target, variable) = (values[0].value, values[1].value)
    guard target.dtype.isFloating || ofGradient else {
      report("dtype-mismatch", "a Jacobian of \(target.type): only floating values have one", at: call.callee.span)
      return .poison
    }
    builder.place = ownPlace(call.callee.span)
    do {
      if let result = try build(target, variable) { return .tensor(result.id) }
      let rows = ofGradient ? variable.shape : target.shape
      let type = TensorType(variable.dtype, Shape(rows.dimensions + variable.shape.dimensions))
      return .tensor(disconnected(variable, from: target, type, at: call.callee.span).id)
    } catch {
      report(error.diagnostic(at: call.callee.span))
      return .poison
    }
  }

  /// A product of a derivative with a vector.
  private func product(
    _ call: CallSyntax, _ roles: Roles, _ build: ([Value]) throws(GradientFault) -> Value?
  ) -> Item {
    let count = roles.vector + 1
    guard let arguments = operands(call, count: count...count), let tensors = tensors(Array(arguments.dropLast())),
      isVariable(tensors[roles.variable].value, at: tensors[roles.variable].span)
    else { return .poison }
    var values = tensors.map(\.value)
    let like = values[roles.vectorLike]
    let place = arguments[roles.vector].span
    guard let vector = tensor(arguments[roles.vector].item, as: like.dtype, at: place),
      fits(vector, like.type, what: "the vector of '\(call.callee.text)'", at: place)
    else { return .poison }
    values.append(vector)
    builder.place = ownPlace(call.callee.span)
    do {
      let result = try build(values)
      let target = values[0]
      let variable = values[roles.variable]
      let shape = values[roles.resultLike]
      return .tensor((result ?? disconnected(variable, from: target, shape.type, at: call.callee.span)).id)
    } catch {
      report(error.diagnostic(at: call.callee.span))
      return .poison
    }
  }

  private typealias Operand = (value: Value, span: SourceSpan)

  private func values(_ call: CallSyntax, count: ClosedRange<Int>) -> [Operand]? {
    operands(call, count: count).flatMap(tensors)
  }

  private func tensors(_ arguments: [Argument]) -> [Operand]? {
    var values: [Operand] = []
    for argument in arguments {
      guard let value = tensor(argument.item, as: nil, at: argument.span) else { return nil }
      values.append((value, argument.span))
    }
    return values
  }

  private func isVariable(_ value: Value, at span: SourceSpan) -> Bool {
    if value.dtype.isFloating { return true }
    report("dtype-mismatch", "a derivative by \(value.type): only floating values have one", at: span)
    return false
  }

  /// Zeros of a type, for a derivative by what the target does not depend on.
  private func disconnected(_ variable: Value, from target: Value, _ type: TensorType, at span: SourceSpan) -> Value {
    let names = (builder.graph.title(of: target.id), builder.graph.title(of: variable.id))
    let message = "'\(names.0)' does not depend on '\(names.1)': the gradient is zero"
    switch environment.options.disconnected {
    case .ignore: break
    case .warn: report(Diagnostic(.warning, id: "disconnected", message, at: span))
    case .error: report("disconnected", message, at: span)
    }
    let attributes: [String: AttributeValue] = [
      "value": .whole(0), "shape": type.shape.attributeValue, "dtype": .dtype(type.dtype),
    ]
    return add("fill", [], attributes, at: span)?.first ?? variable
  }
}
