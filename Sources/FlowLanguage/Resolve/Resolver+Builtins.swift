import FlowDiagnostics
import FlowGraph
import FlowTensor

extension Resolver {
  /// Calls that are answered while resolving, and transformations of the graph; nil for any other name.
  func evaluateBuiltin(_ call: CallSyntax) -> [Item]? {
    let name = call.callee.text
    switch name {
    case "dtype", "shape", "rank": return [property(name, call)]
    case "dim": return [dimension(call)]
    case "scan": return scan(call)
    case "recompute": return recompute(call)
    case "params": return parameters(call).map(\.item)
    default: return derivative(call)
    }
  }

  // MARK: Compile-time properties

  private func property(_ name: String, _ call: CallSyntax) -> Item {
    guard let item = operands(call, count: 1...1)?.first?.item else { return .poison }
    guard let type = type(of: item, at: call.callee.span) else { return .poison }
    switch name {
    case "dtype": return .dtype(type.dtype)
    case "rank": return .scalar(.whole(type.shape.rank))
    default: return .shape(type.shape)
    }
  }

  private func dimension(_ call: CallSyntax) -> Item {
    guard let items = operands(call, count: 2...2), let type = type(of: items[0].item, at: call.callee.span),
      let axis = wholeNumber(items[1].item, "an axis", at: items[1].span)
    else { return .poison }
    let rank = type.shape.rank
    guard (-rank..<rank).contains(axis) else {
      report("index-out-of-range", "no axis \(axis) in \(type)", at: items[1].span)
      return .poison
    }
    return .scalar(WeakScalar(type.shape[axis < 0 ? axis + rank : axis]))
  }

  /// The type that an item has, or would have alone.
  private func type(of item: Item, at span: SourceSpan) -> TensorType? {
    switch item {
    case .tensor(let id): builder.graph.type(of: id)
    case .scalar(let scalar): TensorType(scalar.standardType)
    case .boolean: TensorType(.bool)
    case .list: tensor(item, as: nil, at: span)?.type
    case .string, .dtype, .callable, .poison: tensor(item, as: nil, at: span)?.type
    }
  }

  /// The arguments of a call; one that stands for several parameters as each of them.
  func arguments(_ call: CallSyntax) -> [Argument] { arguments(call) { evaluate($1) } }

  /// - Parameter value: what an argument is, from its position.
  func arguments(_ call: CallSyntax, _ value: (Int, Expression) -> Item) -> [Argument] {
    call.arguments.enumerated().flatMap { position, argument -> [Argument] in
      guard case .call(let inner) = argument.kind, inner.callee.text == "params", findCallable("params") == nil else {
        return [(value(position, argument), argument.place)]
      }
      return parameters(inner)
    }
  }

  /// The arguments of a call without labels; nil where a mistake was reported.
  func operands(_ call: CallSyntax, count: ClosedRange<Int>) -> [Argument]? {
    if let label = call.labels.first {
      report("unknown-attribute", "'\(call.callee.text)' has no attribute '\(label.name.text)'", at: label.name.span)
      return nil
    }
    let arguments = arguments(call)
    guard !arguments.contains(where: \.item.isPoison) else { return nil }
    guard count.contains(arguments.count) else {
      let least = count.lowerBound
      report(
        "wrong-arity",
        "'\(call.callee.text)' takes \(count.count == 1 ? "\(least)" : "at least \(least)") argument\(least == 1 ? "" : "s"), not \(arguments.count)",
        at: call.callee.span)
      return nil
    }
    return arguments
  }

  // MARK: Indexing

  /// `x[0, 1:3, :, -1]`, as one operation.
  func index(_ base: Expression, _ subscripts: [SubscriptSyntax], at span: SourceSpan) -> Item {
    let item = evaluate(base)
    if case .list(let entries) = item { return entry(of: entries, subscripts, at: span) }
    guard let value = tensor(item, as: nil, at: base.place) else { return .poison }
    guard subscripts.count <= value.shape.rank else {
      report(
        "index-out-of-range", "\(subscripts.count) indices for \(value.type), which has rank \(value.shape.rank)",
        at: span)
      return .poison
    }
    var selection: [AttributeValue] = []
    for entry in subscripts {
      guard let bounds = bounds(entry) else { return .poison }
      selection.append(.list(bounds))
    }
    return add("index", [value], ["at": .list(selection)], at: span).map { .tensor($0[0].id) } ?? .poison
  }

  /// What `index` is given for an axis: nothing for all of it, one entry, or the start, stop and step of a slice.
  private func bounds(_ entry: SubscriptSyntax) -> [AttributeValue]? {
    switch entry {
    case .at(let expression): return bound(expression).map { [$0] }
    case .range(nil, nil, nil, _): return []
    case .range(let start, let stop, let step, _):
      guard let stride = step.map(bound) ?? .some(.whole(1)) else { return nil }
      let isForward = if case .whole(let number) = stride { number > 0 } else { true }
      // A bound left out is one that every length clips.
      guard let first = start.map(bound) ?? .some(.whole(isForward ? 0 : .max)),
        let last = stop.map(bound) ?? .some(.whole(isForward ? .max : .min))
      else { return nil }
      return stride == .whole(1) ? [first, last] : [first, last, stride]
    }
  }

  /// A bound of a slice; nil where a mistake was reported.
  private func bound(_ expression: Expression) -> AttributeValue? {
    switch evaluate(expression) {
    case .scalar(.whole(let value)): return .whole(value)
    case .scalar(.dimension(let value)): return value.attributeValue
    case .poison: return nil
    case .tensor:
      report(
        "not-constant", "an index is a whole number known before the graph runs", at: expression.place,
        help: "gather(x, indices) takes a tensor")
    case let item: report("not-constant", "an index is a whole number, not \(item.kindName)", at: expression.place)
    }
    return nil
  }

  /// An entry of a compile-time list.
  private func entry(of entries: [Item], _ subscripts: [SubscriptSyntax], at span: SourceSpan) -> Item {
    guard subscripts.count == 1, case .at(let expression) = subscripts[0] else {
      report("bad-operand", "a list takes one index", at: span)
      return .poison
    }
    guard let position = wholeNumber(evaluate(expression), "an index", at: expression.place) else { return .poison }
    guard (-entries.count..<entries.count).contains(position) else {
      report("index-out-of-range", "index \(position) of a list of \(entries.count)", at: span)
      return .poison
    }
    return entries[position < 0 ? position + entries.count : position]
  }
}
