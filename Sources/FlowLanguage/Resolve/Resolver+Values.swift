import FlowDiagnostics
import FlowGraph
import FlowTensor

/// From items to values of the graph.
extension Resolver {
  /// The tensor that an item stands for, of `dtype` where it has none of its own; nil where a mistake was reported.
  func tensor(_ item: Item, as dtype: DType?, at span: SourceSpan) -> Value? {
    switch item {
    case .poison: return nil
    case .tensor(let id): return builder.value(id)
    case .scalar(let scalar): return value(of: scalar, as: dtype, at: span)
    case .boolean(let flag): return value(of: .flag(flag), as: dtype, at: span)
    case .list:
      return item.attributeValue.flatMap { literal($0, as: dtype, at: span) } ?? reportList(item, at: span)
    case .string, .dtype, .callable:
      report("not-a-tensor", "\(item.kindName) where a tensor is needed", at: span)
      return nil
    }
  }

  private func reportList(_ item: Item, at span: SourceSpan) -> Value? {
    if case .list = item, item.attributeValue == nil, !item.isPoison {
      report(
        "bad-literal", "a list that is a tensor holds numbers only", at: span, help: "stack or concat joins tensors")
    }
    return nil
  }

  /// A list as a tensor of `dtype`; booleans stay booleans.
  private func literal(_ list: AttributeValue, as dtype: DType?, at span: SourceSpan) -> Value? {
    guard let tensor = Tensor(nested: list) else {
      report("bad-literal", "rows of different lengths, or mixed with booleans, are no tensor", at: span)
      return nil
    }
    let isNumeric = dtype != .bool && tensor.dtype != .bool
    let target = isNumeric ? dtype ?? tensor.dtype.alone : tensor.dtype.alone
    if tensor.dtype == .f64, !target.isFloating {
      report(
        "dtype-mismatch", "a list of fractions cannot be \(target)", at: span,
        help: "cast the tensor to a floating type")
      return nil
    }
    guard let converted = tensor.converted(to: target) else {
      report("bad-literal", "a number of the list does not fit in \(target)", at: span)
      return nil
    }
    return add("literal", [], ["values": .tensor(converted), "dtype": .dtype(target)], at: span)?.first
  }

  func value(of scalar: WeakScalar, as dtype: DType?, at span: SourceSpan) -> Value? {
    let target = dtype ?? scalar.standardType
    let key = ConstantKey(scalar: scalar, dtype: target)
    if let known = constants[key] { return builder.value(known) }
    guard accepts(scalar, target, at: span), let value = make(scalar, target, at: span) else { return nil }
    constants[key] = value.id
    return value
  }

  private func accepts(_ scalar: WeakScalar, _ target: DType, at span: SourceSpan) -> Bool {
    switch scalar.kind {
    case .boolean where target != .bool, .whole where target == .bool, .real where target == .bool:
      report(
        "dtype-mismatch", "a \(scalar.kind == .boolean ? "boolean" : "number") meets \(target)", at: span,
        help: "cast one of them")
      return false
    case .real where target.isInteger:
      report("dtype-mismatch", "a fraction meets \(target)", at: span, help: "cast the tensor to a floating type")
      return false
    case .whole, .real, .boolean: break
    }
    if case .whole(let number) = scalar, target.isInteger, Tensor(scalar: Int64(number)).converted(to: target) == nil {
      report("bad-literal", "\(number) does not fit in \(target)", at: span)
      return false
    }
    return true
  }

  private func make(_ scalar: WeakScalar, _ target: DType, at span: SourceSpan) -> Value? {
    switch scalar {
    case .whole(let number): return fill(.whole(number), target, at: span)
    case .real(let number): return fill(.real(number), target, at: span)
    case .dimension(let size): return fill(.dimension(size), target, at: span)
    case .flag(let flag): return fill(.boolean(flag), target, at: span)
    case .step: return cast(builder.step, to: target, at: span)
    case .apply(let operation): return make(operation, target, at: span)
    }
  }

  private func make(_ weak: WeakOperation, _ target: DType, at span: SourceSpan) -> Value? {
    let inner: DType =
      switch weak.kind {
      case .whole: .i64
      case .real: target
      case .boolean: weak.operands.contains { $0.kind == .real } ? .f32 : .i64
      }
    let inputs = weak.operands.compactMap { value(of: $0, as: $0.kind == .boolean ? .bool : inner, at: span) }
    guard inputs.count == weak.operands.count,
      let result = add(weak.operation, inputs, weak.attributes, at: span)?.first
    else { return nil }
    return cast(result, to: target, at: span)
  }

  private func fill(_ number: Scalar, _ dtype: DType, at span: SourceSpan) -> Value? {
    let value = add(
      "fill", [], ["value": number.attributeValue, "shape": .list([]), "dtype": .dtype(dtype)], at: span)
    return value?.first
  }

  func cast(_ value: Value, to dtype: DType, at span: SourceSpan) -> Value? {
    value.dtype == dtype ? value : add("cast", [value], ["dtype": .dtype(dtype)], at: span)?.first
  }

  /// Adds a node; a fault is reported at `span`.
  func add(
    _ operation: String, _ inputs: [Value], _ attributes: [String: AttributeValue], at span: SourceSpan,
    labels: [CallSyntax.Label] = []
  ) -> [Value]? {
    builder.place = ownPlace(span)
    do {
      return try builder.add(operation, inputs, attributes)
    } catch {
      report(error, at: span, labels: labels)
      return nil
    }
  }

  /// The place in the user's own file for what stands at `span`.
  func ownPlace(_ span: SourceSpan) -> SourceSpan {
    guard span.file != environment.mainFile else { return span }
    return calls.last { $0.span.file == environment.mainFile }?.span ?? span
  }
}

extension DType {
  /// What the numbers of a list are where they meet nothing.
  var alone: DType {
    switch self {
    case .i64: .i32
    case .f64: .f32
    case .f32, .f16, .bf16, .i32, .i16, .i8, .u8, .bool: self
    }
  }
}
