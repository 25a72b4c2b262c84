import FlowDiagnostics
import FlowGraph
import FlowTensor

extension Resolver {
  /// An expression that stands for one value.
  func evaluate(_ expression: Expression) -> Item {
    guard case .call(let call) = expression.kind else { return nested(expression) { single(expression) } ?? .poison }
    let items = nested(expression) { evaluate(call, at: expression.place) } ?? [.poison]
    if items.count == 1 { return items[0] }
    if !items.contains(where: \.isPoison) {
      report(
        "wrong-arity", items.isEmpty ? "this gives no value" : "this gives \(items.count) values where one is needed",
        at: expression.place, help: items.isEmpty ? nil : "name them: a, b = ...")
    }
    return .poison
  }

  /// An expression that may stand for several values.
  func evaluateAll(_ expression: Expression) -> [Item] {
    guard case .call(let call) = expression.kind else { return [evaluate(expression)] }
    return nested(expression) { evaluate(call, at: expression.place) } ?? [.poison]
  }

  /// What `body` gives, one level deeper; nil where that is too deep.
  private func nested<Result>(_ expression: Expression, _ body: () -> Result) -> Result? {
    guard depth < Self.maximumDepth else {
      report("limit", "expressions and calls are nested more than \(Self.maximumDepth) deep", at: expression.place)
      return nil
    }
    depth += 1
    defer { depth -= 1 }
    return body()
  }

  private func single(_ expression: Expression) -> Item {
    switch expression.kind {
    case .whole(let number): .scalar(.whole(number))
    case .real(let number): .scalar(.real(number))
    case .string(let text): .string(text)
    case .boolean(let flag): .boolean(flag)
    case .dtype(let dtype): .dtype(dtype)
    case .list(let entries): list(entries)
    case .name(let text): lookUp(Name(text: text, span: expression.span))
    case .index(let base, let subscripts): index(base, subscripts, at: expression.place)
    case .unary(let sign, let operand): unary(sign, operand, at: expression.place)
    case .binary(let sign, let left, let right):
      binary(sign, evaluate(left), evaluate(right), at: expression.place)
    case .chain(let first, let links):
      links.reduce(evaluate(first)) { binary($1.operation, $0, evaluate($1.operand), at: $1.place) }
    case .call: evaluate(expression)
    }
  }

  private func list(_ entries: [Expression]) -> Item {
    let items = entries.map(evaluate)
    return items.contains(where: \.isPoison) ? .poison : .list(items)
  }

  // MARK: Names

  /// What a name stands for: a value, const or argument, then a dimension, then a definition or an operation.
  func lookUp(_ name: Name) -> Item {
    if let item = known(name.text) { return item }
    if name.text == "training" { return .boolean(environment.options.isTraining) }
    if name.text == "step" { return .scalar(.step) }
    if let item = environment.constant(name.text, inPrelude: isInPrelude) { return item }
    if symbols[name.text] != nil, frame.definition == nil { return .scalar(.dimension(Dimension(symbol: name.text))) }
    if name.text.contains(".") { return member(name) }
    if let callable = findCallable(name.text) { return .callable(callable) }
    report("unknown-name", "no value named '\(name.text)'", at: name.span, help: suggestedValue(name.text))
    return .poison
  }

  private func known(_ name: String) -> Item? {
    guard let index = frame.bindings.index(forKey: name) else { return nil }
    frame.bindings.values[index].isUsed = true
    return frame.bindings.values[index].item
  }

  /// The nearest value, else the nearest definition or operation.
  private func suggestedValue(_ name: String) -> String? {
    let values = frame.bindings.keys.sorted() + environment.userConstants.keys + symbols.keys
    return suggestion(name, values) ?? suggestion(name, environment.callableNames(inPrelude: isInPrelude))
  }

  /// `h.w`: a variable inside the scope that a call on the way to `h` opened; in a file also a variable's whole name.
  private func member(_ name: Name) -> Item {
    let parts = name.text.split(separator: ".", maxSplits: 1).map(String.init)
    let binding = frame.bindings[parts[0]]
    if binding?.item.isPoison ?? false { return .poison }
    if let binding, let item = member(parts[1], of: binding) {
      frame.bindings[parts[0]]?.isUsed = true
      return item
    }
    if frame.definition == nil, let variable = builder.variable(named: name.text) { return .tensor(variable.id) }
    guard let binding else {
      report("unknown-name", "no value named '\(name.text)'", at: name.span, help: suggestedValue(name.text))
      return .poison
    }
    reportNoMember(parts, binding, at: name.span)
    return .poison
  }

  private func member(_ name: String, of binding: Frame.Binding) -> Item? {
    for scope in binding.scopes {
      let prefix = scope.name.isEmpty ? "" : scope.name + "."
      guard name.hasPrefix(prefix),
        let variable = builder.variable(named: "\(scope.path).\(name.dropFirst(prefix.count))")
      else { continue }
      return .tensor(variable.id)
    }
    return nil
  }

  private func reportNoMember(_ parts: [String], _ binding: Frame.Binding, at span: SourceSpan) {
    let members = binding.scopes.flatMap { scope in
      builder.graph.variables.map(\.name).filter { $0.hasPrefix(scope.path + ".") }.map { name in
        ([parts[0], scope.name].filter { !$0.isEmpty } + [String(name.dropFirst(scope.path.count + 1))]).joined(
          separator: ".")
      }
    }
    let help =
      members.isEmpty ? "no call that it was assigned from has parameters" : "it has \(members.joined(separator: ", "))"
    report(
      "unknown-name", "'\(parts[0])' has no parameter '\(parts[1])'", at: span,
      help: suggestion(parts.joined(separator: "."), members) ?? help)
  }

  func findCallable(_ name: String) -> Callable? {
    if case .callable(let callable)? = frame.bindings[name]?.item { return callable }
    let isInPrelude = isInPrelude
    if let known = isInPrelude ? preludeCallables[name] : userCallables[name] { return known }
    guard let callable = environment.callable(name, inPrelude: isInPrelude) else { return nil }
    if isInPrelude { preludeCallables[name] = callable } else { userCallables[name] = callable }
    return callable
  }

  // MARK: Operators

  private func unary(_ sign: UnaryOperator, _ expression: Expression, at span: SourceSpan) -> Item {
    switch (sign, evaluate(expression)) {
    case (_, .poison): return .poison
    case (.minus, .scalar(.whole(let value))):
      guard value != .min else { return overflow(at: span) }
      return .scalar(.whole(-value))
    case (.minus, .scalar(.real(let value))): return .scalar(.real(-value))
    case (.minus, .scalar(.dimension(let size))):
      guard let negated = try? Dimension(0).subtracting(size) else { return overflow(at: span) }
      return .scalar(.dimension(negated))
    case (.not, .boolean(let value)): return .boolean(!value)
    case (_, let item):
      guard item.isOperand else {
        report("bad-operand", "'\(sign.rawValue)' of \(item.kindName)", at: span)
        return .poison
      }
      return apply(sign == .minus ? "neg" : "not", [(item, span)], [:], at: span).first ?? .poison
    }
  }

  private func binary(_ sign: BinaryOperator, _ a: Item, _ b: Item, at span: SourceSpan) -> Item {
    if a.isPoison || b.isPoison { return .poison }
    if let item = compared(sign, a, b) { return item }
    if case .scalar(let x) = a, case .scalar(let y) = b {
      do {
        if let item = try WeakScalar.folded(sign, x, y) { return item }
      } catch {
        return report(error, sign, at: span)
      }
    }
    if sign == .power, case .scalar(.whole(let exponent)) = b, exponent < 0, isWhole(a) {
      return report(.negativePower, sign, at: span)
    }
    if sign == .divide, case .scalar(let x) = a, case .scalar(let y) = b, x.kind == .whole, y.kind == .whole {
      return report(.wholeDivision, sign, at: span)
    }
    guard a.isOperand, b.isOperand else {
      report("bad-operand", "'\(sign.rawValue)' between \(a.kindName) and \(b.kindName)", at: span)
      return .poison
    }
    return apply(sign.operation, [(a, span), (b, span)], [:], at: span).first ?? .poison
  }

  /// Comparisons and logic of what is known before the graph runs.
  private func compared(_ sign: BinaryOperator, _ a: Item, _ b: Item) -> Item? {
    let equal: Bool
    switch (a, b) {
    case (.boolean(let x), .boolean(let y)):
      if sign == .and { return .boolean(x && y) }
      if sign == .or { return .boolean(x || y) }
      equal = x == y
    case (.string(let x), .string(let y)): equal = x == y
    case (.dtype(let x), .dtype(let y)): equal = x == y
    case (.callable(let x), .callable(let y)): equal = x.name == y.name
    default: return nil
    }
    return sign == .equal ? .boolean(equal) : sign == .notEqual ? .boolean(!equal) : nil
  }

  private func isWhole(_ item: Item) -> Bool {
    switch item {
    case .scalar(let scalar): scalar.kind == .whole
    case .tensor(let id): !builder.graph.type(of: id).dtype.isFloating
    default: false
    }
  }

  private func overflow(at span: SourceSpan) -> Item { report(.overflow, .add, at: span) }

  private func report(_ fault: ArithmeticFault, _ sign: BinaryOperator, at span: SourceSpan) -> Item {
    switch fault {
    case .overflow: report("size-overflow", "the result of '\(sign.rawValue)' does not fit in 64 bits", at: span)
    case .wholeDivision:
      report("dtype-mismatch", "'/' of whole numbers", at: span, help: "floor_div, or write one with a point: 2.0")
    case .negativePower:
      report(
        "dtype-mismatch", "a whole number to a negative power", at: span, help: "write the base with a point: 2.0 ** -1"
      )
    case .divisionByZero: report("bad-value", "a remainder of division by zero", at: span)
    }
    return .poison
  }
}

extension Item {
  /// Whether an operation can take it.
  var isOperand: Bool {
    switch self {
    case .tensor, .scalar, .boolean, .list: true
    case .string, .dtype, .callable, .poison: false
    }
  }
}

extension BinaryOperator {
  /// The operation behind the sign.
  var operation: String {
    switch self {
    case .power: "pow"
    case .matmul: "matmul"
    case .multiply: "mul"
    case .divide: "div"
    case .remainder: "mod"
    case .add: "add"
    case .subtract: "sub"
    case .less: "less"
    case .lessOrEqual: "less_equal"
    case .greater: "greater"
    case .greaterOrEqual: "greater_equal"
    case .equal: "equal"
    case .notEqual: "not_equal"
    case .and: "and"
    case .or: "or"
    }
  }
}
