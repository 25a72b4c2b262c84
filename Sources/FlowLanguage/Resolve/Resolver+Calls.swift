import FlowDiagnostics
import FlowGraph
import FlowTensor

/// An argument of a call, evaluated, and where it stands.
typealias Argument = (item: Item, span: SourceSpan)

extension Resolver {
  func evaluate(_ call: CallSyntax, at span: SourceSpan) -> [Item] {
    if let callable = findCallable(call.callee.text) { return evaluate(callable, call, supplying: [:]) }
    if let items = evaluateBuiltin(call) { return items }
    report(
      "unknown-operation", "no operation named '\(call.callee.text)'", at: call.callee.span,
      help: suggestion(call.callee.text, environment.callableNames(inPrelude: isInPrelude)))
    return [.poison]
  }

  func evaluate(_ callable: Callable, _ call: CallSyntax, supplying supplied: [String: Item]) -> [Item] {
    let hasCall = (call.arguments + call.labels.map(\.value)).contains {
      if case .call = $0.kind { true } else { false }
    }
    let initializers = hasCall ? callable.initializerParameters(in: environment) : (names: [], positions: [])
    let arguments = arguments(call) { evaluate($1, waiting: initializers.positions.contains($0)) }
    let labels = call.labels.map { label in
      (
        name: label.name, item: evaluate(label.value, waiting: initializers.names.contains(label.name.text)),
        span: label.value.place
      )
    }
    guard !arguments.contains(where: \.item.isPoison), !labels.contains(where: \.item.isPoison),
      hasDistinctLabels(call.labels)
    else { return [.poison] }
    return make(callable, call, arguments, labels, supplied)
  }

  private func make(
    _ callable: Callable, _ call: CallSyntax, _ arguments: [Argument],
    _ labels: [(name: Name, item: Item, span: SourceSpan)], _ supplied: [String: Item]
  ) -> [Item] {
    switch callable {
    case .definition(let record):
      return expand(record, call, arguments, labels, supplied)
    case .operation(let entry):
      return applyOperation(entry, call, arguments, labels, supplied)
    case .initializer(let bound):
      var whole = bound.syntax
      whole.labels += call.labels
      return make(bound.callable, whole, bound.arguments + arguments, bound.labels + labels, supplied)
    }
  }

  /// An argument; a call of an initializer waits for its shape and dtype where `isInitializer`.
  private func evaluate(_ argument: Expression, waiting isInitializer: Bool) -> Item {
    guard isInitializer, case .call(let call) = argument.kind, let callable = findCallable(call.callee.text),
      callable.isInitializer, !call.labels.contains(where: { $0.name.text == "shape" })
    else { return evaluate(argument) }
    let arguments = call.arguments.map { (item: evaluate($0), span: $0.place) }
    let labels = call.labels.map { (name: $0.name, item: evaluate($0.value), span: $0.value.place) }
    guard !arguments.contains(where: \.item.isPoison), !labels.contains(where: \.item.isPoison) else { return .poison }
    return .callable(
      .initializer(BoundCall(callable: callable, syntax: call, arguments: arguments, labels: labels)))
  }

  /// Whether no label is given twice; one that is is reported.
  func hasDistinctLabels(_ labels: [CallSyntax.Label], beside given: Set<String> = []) -> Bool {
    var seen = given
    for label in labels where !seen.insert(label.name.text).inserted {
      report("duplicate-name", "'\(label.name.text)' is given twice", at: label.name.span)
      return false
    }
    return true
  }

  // MARK: Operations

  private func applyOperation(
    _ entry: Registry.Entry, _ call: CallSyntax, _ arguments: [Argument],
    _ labels: [(name: Name, item: Item, span: SourceSpan)], _ supplied: [String: Item]
  ) -> [Item] {
    let visible = entry.attributes.filter { !$0.isHidden }
    guard knows(visible.map(\.name), call.labels, "'\(entry.name)' has no attribute") else { return [.poison] }
    let tensorCount = tensorCount(entry, arguments.map(\.item))
    let positional = arguments.dropFirst(tensorCount)
    guard positional.count <= visible.count else {
      report(
        "wrong-arity",
        "'\(entry.name)' takes at most \(counted(tensorCount + visible.count, "argument")), not \(arguments.count)",
        at: call.callee.span, help: "\(entry.name): \(entry.signature.text)")
      return [.poison]
    }
    var given = supplied
    var spans: [String: SourceSpan] = [:]
    for (attribute, argument) in zip(visible, positional) {
      given[attribute.name] = argument.item
      spans[attribute.name] = argument.span
    }
    guard hasDistinctLabels(call.labels, beside: Set(spans.keys)) else { return [.poison] }
    for label in labels {
      given[label.name.text] = label.item
      spans[label.name.text] = label.span
    }
    guard let attributes = constants(given, spans, call) else { return [.poison] }
    if entry.name == "load", attributes["data"] == nil { return load(attributes, call) }
    return apply(
      entry.name, Array(arguments.prefix(tensorCount)), attributes, at: call.callee.span, labels: call.labels)
  }

  /// Whether all labels are among `names`; another is reported, as `complaint` and the label.
  func knows(_ names: [String], _ labels: [CallSyntax.Label], _ complaint: String) -> Bool {
    guard let label = labels.first(where: { !names.contains($0.name.text) }) else { return true }
    report(
      "unknown-attribute", "\(complaint) '\(label.name.text)'", at: label.name.span,
      help: suggestion(label.name.text, names))
    return false
  }

  /// How many leading arguments are tensor inputs; the rest are attributes.
  private func tensorCount(_ entry: Registry.Entry, _ items: [Item]) -> Int {
    let inputs = entry.signature.inputs.filter { !$0.isHidden }
    if inputs.contains(where: \.isVariadic) { return items.count { $0.isOperand } }
    var count = inputs.count { !$0.isOptional }
    while count < min(inputs.count, items.count), case .tensor = items[count] { count += 1 }
    return min(count, items.count)
  }

  private func constants(
    _ items: [String: Item], _ spans: [String: SourceSpan], _ call: CallSyntax
  ) -> [String: AttributeValue]? {
    var values: [String: AttributeValue] = [:]
    for (name, item) in items {
      guard let value = item.attributeValue else {
        report(
          "not-constant", "'\(name)' is known before the graph runs; this is \(item.kindName)",
          at: spans[name] ?? call.callee.span)
        return nil
      }
      values[name] = value
    }
    return values
  }

  /// Adds an operation; scalars without a dtype take that of the tensors they meet, and stay weak where they meet none.
  func apply(
    _ operation: String, _ operands: [Argument], _ attributes: [String: AttributeValue],
    at span: SourceSpan, labels: [CallSyntax.Label] = []
  ) -> [Item] {
    let tensorCount = operands.count { $0.item.isTensor }
    if tensorCount == 0 {
      if let weak = weakened(operation, operands.map(\.item), attributes, at: span) { return [weak] }
      if operation == "cast", let number = cast(operands, attributes) { return [number] }
    }
    let met = tensorCount == operands.count ? nil : dtypeMet(operands)
    var inputs: [Value] = []
    inputs.reserveCapacity(operands.count)
    for operand in operands {
      let dtype = operand.item.listKind == .boolean ? nil : met
      guard let value = tensor(operand.item, as: dtype, at: operand.span) else { return [.poison] }
      inputs.append(value)
    }
    guard let outputs = add(operation, inputs, attributes, at: span, labels: labels) else { return [.poison] }
    return outputs.map { .tensor($0.id) }
  }

  /// A number or list that is cast to a type that holds it is of that type from the start.
  private func cast(_ operands: [Argument], _ attributes: [String: AttributeValue]) -> Item? {
    guard let operand = operands.first, case .dtype(let target)? = attributes["dtype"],
      target.isFloating || target == .i64
    else { return nil }
    switch operand.item.listKind {
    case .whole?: break
    case .real? where target.isFloating: break
    case .real?, .boolean?, nil: return nil
    }
    return tensor(operand.item, as: target, at: operand.span).map { .tensor($0.id) } ?? .poison
  }

  /// What operands without a dtype become: that of the first tensor operand that is no condition, else what all such need.
  private func dtypeMet(_ operands: [Argument]) -> DType? {
    var weak: [Item] = []
    for operand in operands {
      switch operand.item {
      case .tensor(let id):
        let dtype = builder.graph.type(of: id).dtype
        if dtype != .bool { return dtype }
      case .scalar, .list: weak.append(operand.item)
      case .boolean, .string, .dtype, .callable, .poison: break
      }
    }
    return weak.isEmpty ? nil : Self.common(weak)
  }

  /// The dtype of numbers that meet only each other.
  private static func common(_ items: [Item]) -> DType {
    if items.contains(where: { $0.listKind == .real }) { return .f32 }
    let hasStep = items.contains { if case .scalar(let scalar) = $0 { scalar.standardType == .i64 } else { false } }
    return hasStep ? .i64 : .i32
  }

  /// The operation as a weak scalar, where all operands are and its result follows their dtype.
  private func weakened(
    _ operation: String, _ items: [Item], _ attributes: [String: AttributeValue], at span: SourceSpan
  ) -> Item? {
    var operands: [WeakScalar] = []
    for item in items {
      switch item {
      case .scalar(let scalar): operands.append(scalar)
      case .boolean(let flag): operands.append(.flag(flag))
      case .tensor, .string, .dtype, .list, .callable, .poison: return nil
      }
    }
    guard !operands.isEmpty, let entry = environment.registry[operation],
      entry.signature.arity.contains(operands.count), let made = try? entry.operation(attributes),
      let kind = weakKind(made, operands)
    else { return nil }
    let number = WeakScalar.folded(operation, operands, kind) { made.number($0) }
    if let number { return .scalar(number) }
    let key = WeakOperation.Key(operation: operation, attributes: attributes, operands: operands)
    let weak = weakOperations[key] ?? WeakOperation(key, kind)
    guard weak.depth <= WeakOperation.maximumDepth else {
      report(
        "limit", "a number computed by more than \(WeakOperation.maximumDepth) operations, one upon the other",
        at: span,
        help: "cast it to a type")
      return .poison
    }
    weakOperations[key] = weak
    return .scalar(.apply(weak))
  }

  private func weakKind(_ operation: any Operation, _ operands: [WeakScalar]) -> WeakScalar.Kind? {
    let isWhole = operands.allSatisfy { $0.kind != .real }
    return (isWhole ? Self.weakKind(operation, operands, [.i32, .i64], .whole) : nil)
      ?? Self.weakKind(operation, operands, [.f32, .f64], .real)
  }

  /// The kind of the result, where it is a scalar that follows the operands' dtype through both of `dtypes`.
  private static func weakKind(
    _ operation: any Operation, _ operands: [WeakScalar], _ dtypes: [DType], _ kind: WeakScalar.Kind
  ) -> WeakScalar.Kind? {
    var isFlag = true
    for dtype in dtypes {
      let types = operands.map { TensorType($0.kind == .boolean ? .bool : dtype) }
      guard let results = try? operation.infer(types), results.count == 1, results[0].shape.rank == 0 else {
        return nil
      }
      if results[0].dtype == .bool { continue }
      isFlag = false
      guard results[0].dtype == dtype else { return nil }
    }
    return isFlag ? .boolean : kind
  }

  private func load(_ attributes: [String: AttributeValue], _ call: CallSyntax) -> [Item] {
    guard case .string(let path)? = attributes["path"], case .string(let name) = attributes["name"] ?? .string(""),
      case .string(let format) = attributes["format"] ?? .string("")
    else {
      report(
        "bad-attribute", "'load' takes a path and the tensor's name", at: call.callee.span,
        help: "load(\"file.h5\", \"group/name\")")
      return [.poison]
    }
    let request = FileRequest(path: path, name: name, format: format, span: ownPlace(call.callee.span))
    switch environment.files[request] {
    case nil:
      wanted.append(request)
      return [.poison]
    case .failure(let failure):
      report("unreadable-file", failure.message, at: call.callee.span, help: failure.help)
      return [.poison]
    case .success(let loaded):
      var attributes = attributes
      attributes["data"] = .tensor(loaded.tensor)
      return apply("load", [], attributes, at: call.callee.span)
    }
  }

  // MARK: Definitions

  func expand(
    _ record: DefinitionRecord, _ call: CallSyntax, _ arguments: [Argument],
    _ labels: [(name: Name, item: Item, span: SourceSpan)], _ supplied: [String: Item]
  ) -> [Item] {
    let name = record.syntax.name.text
    guard !isRunning(record) else {
      report("recursion", "'\(name)' calls itself", at: call.callee.span, help: "repeat runs a block several times")
      return [.poison]
    }
    guard calls.count < Self.maximumCalls else {
      report("limit", "calls are nested more than \(Self.maximumCalls) deep", at: call.callee.span)
      return [.poison]
    }
    var given = supplied
    guard collect(record, call, arguments, labels, into: &given) else { return [.poison] }
    let path = frame.callPaths[call.callee.span]
    let inner = Frame(
      path: path ?? frame.path, stream: path ?? "\(builder.streamName).\(name)", definition: record,
      slotOwner: frame.slotOwner)
    return run(record, in: inner, given, at: call.callee.span)
  }

  /// Runs a definition's body with its arguments bound.
  func run(_ record: DefinitionRecord, in inner: Frame, _ given: [String: Item], at span: SourceSpan) -> [Item] {
    let outer = (frame, builder.streamName)
    inner.enclosing = frame
    calls.append(ActiveCall(name: record.syntax.name.text, span: span))
    frame = inner
    defer {
      calls.removeLast()
      (frame, builder.streamName) = outer
    }
    for parameter in record.syntax.parameters {
      let item = given[parameter.name.text] ?? parameter.standard.map(evaluate) ?? .poison
      frame.bindings[parameter.name.text] = Frame.Binding(
        item: item, kind: .argument, span: parameter.name.span, place: parameter.name.span)
    }
    let errors = errorCount
    run(record.syntax.body)
    return errorCount == errors ? frame.result ?? [] : [.poison]
  }

  private func isRunning(_ record: DefinitionRecord) -> Bool {
    var outer: Frame? = frame
    while let known = outer {
      if known.definition === record { return true }
      outer = known.enclosing
    }
    return false
  }

  /// Matches arguments to a definition's parameters: in order, then by label.
  private func collect(
    _ record: DefinitionRecord, _ call: CallSyntax, _ arguments: [Argument],
    _ labels: [(name: Name, item: Item, span: SourceSpan)], into given: inout [String: Item]
  ) -> Bool {
    let name = record.syntax.name.text
    let parameters = record.orderedParameters
    guard arguments.count <= parameters.count else {
      report(
        "wrong-arity", "'\(name)' takes at most \(counted(parameters.count, "argument")), not \(arguments.count)",
        at: call.callee.span)
      return false
    }
    var positional: Set<String> = []
    for (parameter, argument) in zip(parameters, arguments) {
      given[parameter.name.text] = argument.item
      positional.insert(parameter.name.text)
    }
    guard knows(parameters.map(\.name.text), call.labels, "'\(name)' has no argument") else { return false }
    guard hasDistinctLabels(call.labels, beside: positional) else { return false }
    for label in labels { given[label.name.text] = label.item }
    if let missing = parameters.first(where: { $0.standard == nil && given[$0.name.text] == nil }) {
      report("wrong-arity", "'\(name)' needs '\(missing.name.text)'", at: call.callee.span)
      return false
    }
    return true
  }
}

/// `3 arguments`, `1 argument`.
func counted(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
