import FlowDiagnostics
import FlowGraph
import FlowTensor

extension Resolver {
  func resolveFile(_ tree: SyntaxTree) {
    checkDefinitions(tree)
    run(tree.statements)
    addStandardOutputs()
    nameValues()
    for statement in tree.statements {
      if case .train(let settings) = statement.kind { resolveTraining(settings, at: statement.span) }
    }
  }

  /// Tells the graph what its values are called at the end of the file.
  private func nameValues() {
    var weak: [(name: String, binding: Frame.Binding)] = []
    builder.reserveNames(frame.bindings.count)
    for (name, binding) in frame.bindings where binding.kind != .constant {
      if case .tensor(let id) = binding.item {
        builder.name(builder.value(id), name)
      } else {
        weak.append((name, binding))
      }
    }
    for (name, binding) in weak.sorted(by: { $0.name < $1.name }) where isNumeric(binding.item) {
      if let value = silently({ alone(name, at: binding.place) }) { title(value.id, name) }
    }
  }

  /// The value of a name; of a number or list without a dtype, the one that it has where it meets nothing.
  private func alone(_ name: String, at span: SourceSpan) -> Value? {
    guard let binding = frame.bindings[name] else { return nil }
    if let known = binding.alone { return builder.value(known) }
    let value = tensor(binding.item, as: nil, at: span)
    frame.bindings[name]?.alone = value?.id
    return value
  }

  private func title(_ value: ValueID, _ name: String) {
    builder.name(builder.value(value), name)
    builder.label(builder.value(value), name)
  }

  /// Runs statements until one returns.
  func run(_ statements: [Statement]) {
    for statement in statements where frame.result == nil { run(statement) }
  }

  private func run(_ statement: Statement) {
    switch statement.kind {
    case .version, .importFile, .plugin, .define, .train: break
    case .constant(let name, let value): declareConstant(name, value)
    case .variable(let syntax): declare(syntax)
    case .assign(let targets, let value): assign(targets, value)
    case .update(let name, let value): update(name, value)
    case .output(let items): items.forEach(output)
    case .repeat(let count, let index, let body): repeated(count, index, body)
    case .if(let condition, let then, let otherwise):
      guard let taken = self.condition(condition) else { return poison(then + (otherwise ?? [])) }
      run(taken ? then : otherwise ?? [])
    case .return(let values):
      prepareScopes(variable: nil, values)
      frame.result = values.count == 1 ? evaluateAll(values[0]) : values.map(evaluate)
    }
  }

  private func checkDefinitions(_ tree: SyntaxTree) {
    var seen: [String: SourceSpan] = [:]
    var trainings = 0
    for statement in tree.statements {
      if case .train = statement.kind {
        trainings += 1
        if trainings > 1 { report("duplicate-name", "a second train block", at: statement.span) }
      }
      guard case .define(let syntax) = statement.kind else { continue }
      let name = syntax.name
      checkParameters(syntax)
      if let first = seen.updateValue(name.span, forKey: name.text) {
        report(
          "duplicate-name", "'\(name.text)' is defined twice", at: name.span, notes: [.init("first here", at: first)])
      } else if environment.prelude[name.text] != nil || environment.registry[name.text] != nil {
        report(
          Diagnostic(.note, id: "shadowed", "'\(name.text)' replaces the built-in one in this file", at: name.span))
      }
    }
  }

  private func checkParameters(_ definition: DefinitionSyntax) {
    var seen: [String: SourceSpan] = [:]
    for name in definition.parameters.map(\.name) where name.text != "_" {
      guard let first = seen.updateValue(name.span, forKey: name.text) else { continue }
      report(
        "duplicate-name", "'\(definition.name.text)' has two arguments '\(name.text)'", at: name.span,
        notes: [.init("first here", at: first)])
    }
  }

  // MARK: Names

  /// Gives a name to an item; a second time only inside a repeat.
  ///
  /// - Parameter place: where the item is computed; without it, the name.
  func bind(
    _ name: Name, _ item: Item, _ kind: Frame.Binding.Kind, place: SourceSpan? = nil,
    scopes: [(name: String, path: String)] = []
  ) {
    guard name.text != "_", isFree(name, kind) else { return }
    frame.bindings[name.text] = Frame.Binding(
      item: item, kind: kind, span: name.span, place: place ?? name.span, scopes: scopes)
    guard case .tensor(let id) = item, kind == .value else { return }
    builder.label(builder.value(id), frame.qualified(name.text))
  }

  /// Whether a name may be given; what forbids it is reported.
  func isFree(_ name: Name, _ kind: Frame.Binding.Kind) -> Bool {
    if name.text == "step" || name.text == "training" {
      report("duplicate-name", "'\(name.text)' is built in", at: name.span, help: "choose another name")
      return false
    }
    let known = frame.bindings[name.text]
    guard let first = known?.span ?? (frame.definition == nil ? symbols[name.text] : nil) else { return true }
    if !frame.iterations.isEmpty, kind == .value, known?.kind == .value || known?.kind == .argument { return true }
    report(
      "duplicate-name", "'\(name.text)' has a value already", at: name.span,
      help: "a name is given once; inside repeat it may change", notes: [.init("first here", at: first)])
    return false
  }

  private func isNumeric(_ item: Item) -> Bool {
    switch item {
    case .tensor, .scalar, .boolean: true
    case .list: item.attributeValue.flatMap { Tensor(nested: $0) } != nil
    case .string, .dtype, .callable, .poison: false
    }
  }

  private func declareConstant(_ name: Name, _ expression: Expression) {
    let item = evaluate(expression)
    switch item {
    case .poison, .boolean, .string, .dtype, .callable: break
    case .list where item.attributeValue != nil: break
    case .scalar(let scalar) where scalar.isConstant: break
    case .tensor, .scalar, .list:
      report("not-constant", "a const is known before the graph runs; this is \(item.kindName)", at: expression.place)
      bind(name, .poison, .constant)
      return
    }
    bind(name, item, .constant)
    if frame.definition == nil { environment.userConstants[name.text] = item }
  }

  private func assign(_ targets: [Name], _ expression: Expression) {
    let variable = targets.first { $0.text != "_" }?.text
    let scopes = prepareScopes(variable: variable, [expression])
    if targets.count == 1, expression.directCall == nil {
      return bind(targets[0], evaluate(expression), .value, place: expression.place, scopes: scopes)
    }
    let items = evaluateAll(expression)
    guard items.count == targets.count else {
      if !items.contains(where: \.isPoison) {
        reportCounts(targets.count, items.count, expression)
      }
      for target in targets { bind(target, .poison, .value) }
      return
    }
    for (target, item) in zip(targets, items) { bind(target, item, .value, place: expression.place, scopes: scopes) }
  }

  private func reportCounts(_ names: Int, _ values: Int, _ expression: Expression) {
    if values == 0, let call = expression.directCall {
      report(
        "wrong-arity", "'\(call.callee.text)' returns nothing", at: expression.place, help: "end its block with return")
    } else {
      report("wrong-arity", "\(counted(names, "name")) for \(counted(values, "value"))", at: expression.place)
    }
  }

  private func update(_ name: Name, _ expression: Expression) {
    prepareScopes(variable: name.text, [expression])
    let target = lookUp(name)
    let item = evaluate(expression)
    guard case .tensor(let id) = target else {
      if !target.isPoison { reportNotVariable(name) }
      return
    }
    let variable = builder.value(id)
    guard let index = builder.graph.node(of: id).variable, builder.graph.variables[index].role.isUpdatable else {
      return reportNotVariable(name)
    }
    guard let value = tensor(item, as: variable.dtype, at: expression.place),
      fits(value, variable.type, what: "'\(name.text)'", at: expression.place)
    else { return }
    if !builder.update(variable, to: value) {
      report("duplicate-update", "'\(builder.graph.variables[index].name)' is updated twice", at: name.span)
    }
  }

  private func reportNotVariable(_ name: Name) {
    report(
      "not-a-variable", "'\(name.text)' is neither a state nor a param", at: name.span,
      help: "only those are kept between steps")
  }

  private func output(_ item: OutputSyntax) {
    guard frame.definition == nil else {
      return report("misplaced-statement", "a def has no outputs", at: item.name.span, help: "return the value")
    }
    if let expression = item.value { assign([item.name], expression) }
    let result = lookUp(item.name)
    let place = item.value?.place ?? item.name.span
    let isBound = frame.bindings[item.name.text] != nil
    guard let value = isBound ? alone(item.name.text, at: place) : tensor(result, as: nil, at: place) else { return }
    guard outputNames.insert(item.name.text).inserted else {
      return report("duplicate-name", "'\(item.name.text)' is an output already", at: item.name.span)
    }
    builder.output(item.name.text, value)
  }

  /// Without any `output`: the values that no other value uses, in the order of their lines.
  private func addStandardOutputs() {
    guard builder.graph.outputs.isEmpty else { return }
    var unused: [(name: String, binding: Frame.Binding)] = []
    for (name, binding) in frame.bindings where !binding.isUsed && binding.kind == .value && isNumeric(binding.item) {
      unused.append((name, binding))
    }
    for (name, binding) in unused.sorted(by: { $0.binding.span.start < $1.binding.span.start }) {
      if let value = alone(name, at: binding.place) { builder.output(name, value) }
    }
  }

  // MARK: Blocks

  private func repeated(_ count: Expression, _ index: Name?, _ body: [Statement]) {
    guard let times = wholeNumber(evaluate(count), "the count of a repeat", at: count.place) else {
      return poison(body)
    }
    guard (0...Graph.maximumNodes).contains(times) else {
      return report("bad-value", "a repeat of \(times); it may be 0 to \(Graph.maximumNodes)", at: count.place)
    }
    let outer = index.flatMap { frame.bindings[$0.text] }
    if let index, let outer {
      report(
        "duplicate-name", "'\(index.text)' has a value already", at: index.span,
        notes: [.init("first here", at: outer.span)])
    }
    frame.iterations.append(Frame.Iteration(index: 0))
    for iteration in 0..<times where frame.result == nil {
      frame.iterations[frame.iterations.count - 1].index = iteration
      if let index, outer == nil {
        frame.bindings[index.text] = Frame.Binding(
          item: .scalar(.whole(iteration)), kind: .constant, span: index.span, place: index.span)
      }
      let errors = errorCount
      run(body)
      if errorCount > errors { break }
    }
    let finished = frame.iterations.removeLast()
    for (base, first) in finished.bases { frame.numbered[base] = first + times }
    if let index, outer == nil { frame.bindings[index.text] = nil }
  }

  /// Gives the names of a block that cannot be resolved, so that what uses them is silent.
  private func poison(_ body: [Statement]) {
    for statement in body {
      switch statement.kind {
      case .constant(let name, _), .update(let name, _): poison([name])
      case .variable(let syntax): poison([syntax.name])
      case .assign(let names, _): poison(names)
      case .repeat(_, _, let inner): poison(inner)
      case .if(_, let then, let otherwise): poison(then + (otherwise ?? []))
      case .return: frame.result = [.poison]
      case .version, .importFile, .plugin, .output, .define, .train: break
      }
    }
  }

  private func poison(_ names: [Name]) {
    for name in names where name.text != "_" && frame.bindings[name.text] == nil {
      frame.bindings[name.text] = Frame.Binding(item: .poison, kind: .value, span: name.span, place: name.span)
    }
  }

  private func condition(_ expression: Expression) -> Bool? {
    switch evaluate(expression) {
    case .boolean(let value): return value
    case .poison: return nil
    case let item:
      report(
        "not-constant", "a condition is true or false before the graph runs; this is \(item.kindName)",
        at: expression.place,
        help: "where(condition, a, b) chooses element by element")
      return nil
    }
  }

  func wholeNumber(_ item: Item, _ what: String, at span: SourceSpan) -> Int? {
    switch item {
    case .scalar(.whole(let value)): return value
    case .poison: return nil
    default:
      report(
        "not-constant", "\(what) is a whole number known before the graph runs; this is \(item.kindName)", at: span)
      return nil
    }
  }

  /// Whether a value has the type that is declared; what depends on sizes not known yet is decided later.
  func fits(_ value: Value, _ type: TensorType, what: String, at span: SourceSpan) -> Bool {
    if value.dtype != type.dtype {
      report("dtype-mismatch", "\(what) is \(type), its value \(value.type)", at: span, help: "cast the value")
      return false
    }
    if value.shape.equals(type.shape) == false {
      report("shape-mismatch", "\(what) is \(type), its value \(value.type)", at: span)
      return false
    }
    return true
  }
}

extension Graph.Variable.Role {
  /// Whether a step may write it.
  var isUpdatable: Bool {
    switch self {
    case .parameter, .state, .slot: true
    case .input, .counter, .step: false
    }
  }
}
