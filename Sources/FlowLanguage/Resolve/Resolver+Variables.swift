import FlowDiagnostics
import FlowGraph
import FlowTensor

extension Resolver {
  /// Declares an input, parameter or state.
  func declare(_ syntax: VariableSyntax) {
    guard syntax.role != .input || frame.definition == nil else {
      return report("misplaced-statement", "a def has no inputs", at: syntax.name.span, help: "give it an argument")
    }
    let kind: Frame.Binding.Kind = syntax.role == .input ? .input : .variable
    guard isFree(syntax.name, kind) else { return }
    let name = frame.qualified(syntax.name.text)
    let item = makeVariable(syntax, name: name)
    bind(syntax.name, item, kind)
    usedPaths.insert(name)
    for (index, character) in zip(name.indices, name) where character == "." {
      usedPaths.insert(String(name[..<index]))
    }
  }

  private func makeVariable(_ syntax: VariableSyntax, name: String) -> Item {
    let declared = syntax.type.map { resolve($0, introducingSymbols: syntax.role == .input) }
    if case .some(.none) = declared { return .poison }
    guard syntax.value != nil || declared != nil else {
      report("missing-type", "'\(syntax.name.text)' needs a type or a value", at: syntax.name.span)
      return .poison
    }
    guard !builder.isTaken(name) else {
      report("duplicate-name", "a variable is named '\(name)' already", at: syntax.name.span)
      return .poison
    }
    let type = declared ?? nil
    var initial: Value?
    if let expression = syntax.value {
      initial = self.initial(expression, type, stream: "initial \(name)")
      guard let initial,
        type == nil || fits(initial, type ?? initial.type, what: "'\(syntax.name.text)'", at: expression.place)
      else { return .poison }
    } else if syntax.role != .input {
      report(
        "missing-value", "'\(syntax.name.text)' needs a first value", at: syntax.name.span,
        help: "= zeros, = load(...), a literal")
      return .poison
    }
    guard let final = type ?? initial?.type else { return .poison }
    builder.place = ownPlace(syntax.name.span)
    return .tensor(builder.variable(name, role(syntax), final, initial: initial).id)
  }

  private func role(_ syntax: VariableSyntax) -> Graph.Variable.Role {
    switch syntax.role {
    case .input: .input
    case .param: .parameter
    case .state: frame.slotOwner.map { .slot(syntax.name.text, of: $0) } ?? .state
    }
  }

  /// The first value of a variable: an initializer gets the declared shape and dtype.
  private func initial(_ expression: Expression, _ type: TensorType?, stream: String) -> Value? {
    let outer = builder.streamName
    builder.streamName = stream
    defer { builder.streamName = outer }
    let item: Item
    switch expression.kind {
    case .name(let text) where frame.bindings[text]?.item.isCallable ?? true:
      let name = Name(text: text, span: expression.span)
      guard let callable = initializer(name) else {
        item = lookUp(name)
        break
      }
      item = evaluateInitializer(
        callable, CallSyntax(callee: name, arguments: [], labels: []), type, at: expression.place)
    case .call(let call):
      guard let callable = findCallable(call.callee.text) else {
        item = evaluate(expression)
        break
      }
      item = evaluateInitializer(callable, call, type, at: expression.place)
    default: item = evaluate(expression)
    }
    return tensor(item, as: type?.dtype, at: expression.place)
  }

  private func initializer(_ name: Name) -> Callable? {
    guard frame.bindings[name.text] == nil, environment.constant(name.text, inPrelude: isInPrelude) == nil else {
      guard case .callable(let callable)? = frame.bindings[name.text]?.item else { return nil }
      return callable
    }
    return findCallable(name.text)
  }

  private func evaluateInitializer(
    _ callable: Callable, _ call: CallSyntax, _ type: TensorType?, at span: SourceSpan
  ) -> Item {
    var supplied: [String: Item] = [:]
    if callable.isInitializer {
      if let type {
        supplied = ["shape": .shape(type.shape), "dtype": .dtype(type.dtype)]
      } else if !call.labels.contains(where: { $0.name.text == "shape" }) {
        report(
          "missing-type", "an initializer needs the variable's type", at: span,
          help: "param w: f32[2, 3] = \(call.callee.text)")
        return .poison
      }
    }
    let items = evaluate(callable, call, supplying: supplied)
    guard items.count == 1 else {
      if !items.contains(where: \.isPoison) {
        report("wrong-arity", "an initializer gives one value, not \(items.count)", at: span)
      }
      return .poison
    }
    return items[0]
  }

  // MARK: Types

  func resolve(_ syntax: TypeSyntax, introducingSymbols: Bool) -> TensorType? {
    guard let dtype = element(syntax.element), let shape = shape(syntax.dimensions, introducingSymbols, at: syntax.span)
    else {
      return nil
    }
    guard shape.rank <= Shape.maximumRank else {
      report("limit", "a tensor of rank \(shape.rank): the limit is \(Shape.maximumRank)", at: syntax.span)
      return nil
    }
    let type = TensorType(dtype, shape)
    guard shape.sizes == nil || type.byteCount != nil else {
      report(OperationError.sizeOverflow, at: syntax.span)
      return nil
    }
    return type
  }

  private func element(_ element: TypeSyntax.Element) -> DType? {
    switch element {
    case .named(let dtype): return dtype
    case .of(let expression):
      switch evaluate(expression) {
      case .dtype(let dtype): return dtype
      case .poison: return nil
      case let item:
        report("not-a-type", "a type is needed, not \(item.kindName)", at: expression.place)
        return nil
      }
    }
  }

  private func shape(_ dimensions: TypeSyntax.Dimensions, _ introducing: Bool, at span: SourceSpan) -> Shape? {
    switch dimensions {
    case .scalar: return .scalar
    case .of(let expression):
      let item = evaluate(expression)
      return shape(item, at: expression.place)
    case .list(let expressions):
      if introducing { expressions.forEach(introduce) }
      var sizes: [Dimension] = []
      for expression in expressions {
        guard let size = size(evaluate(expression), at: expression.place) else { return nil }
        sizes.append(size)
      }
      return Shape(sizes)
    }
  }

  /// A list of sizes as a shape.
  private func shape(_ item: Item, at span: SourceSpan) -> Shape? {
    guard !item.isPoison else { return nil }
    guard case .list(let items) = item else {
      report("not-a-size", "a list of sizes is needed, not \(item.kindName)", at: span)
      return nil
    }
    let sizes = items.compactMap { size($0, at: span) }
    return sizes.count == items.count ? Shape(sizes) : nil
  }

  private func size(_ item: Item, at span: SourceSpan) -> Dimension? {
    switch item {
    case .scalar(.whole(let size)):
      guard size >= 0 else {
        report("not-a-size", "a size of \(size)", at: span)
        return nil
      }
      return Dimension(size)
    case .scalar(.dimension(let size)): return size
    case .poison: return nil
    default:
      report("not-a-size", "a size is a whole number known before the graph runs, not \(item.kindName)", at: span)
      return nil
    }
  }

  /// A name that means nothing yet becomes a symbolic dimension.
  private func introduce(_ expression: Expression) {
    guard case .name(let name) = expression.kind, frame.bindings[name] == nil, symbols[name] == nil else { return }
    symbols[name] = expression.span
  }
}

extension Callable {
  /// Whether a call may give this label.
  func takes(_ label: String) -> Bool {
    switch self {
    case .definition(let record): record.syntax.parameters.contains { $0.name.text == label }
    case .operation(let entry): entry.attributes.contains { $0.name == label }
    case .initializer(let bound): bound.callable.takes(label)
    }
  }

  /// Whether a declaration supplies its shape and dtype.
  var isInitializer: Bool { takes("shape") && takes("dtype") }

  /// Which parameters stand for initializers: those whose own default is one.
  func initializerParameters(in environment: Environment) -> (names: Set<String>, positions: Set<Int>) {
    guard case .definition(let record) = self else { return ([], []) }
    var found: (names: Set<String>, positions: Set<Int>) = ([], [])
    for (position, parameter) in record.orderedParameters.enumerated() {
      guard case .name(let name)? = parameter.standard?.kind,
        environment.callable(name, inPrelude: record.isPrelude)?.isInitializer ?? false
      else { continue }
      found.names.insert(parameter.name.text)
      found.positions.insert(position)
    }
    return found
  }
}

extension Item {
  var isCallable: Bool {
    if case .callable = self { true } else { false }
  }
}
