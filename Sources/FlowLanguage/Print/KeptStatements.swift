import FlowGraph

/// What of a file's text stays beside its flat graph: the `train` block and the consts and definitions that it needs.
struct KeptStatements {
  private(set) var train: Statement?
  private(set) var heads: [Statement] = []
  private(set) var names: Set<String> = []
  private(set) var plugins: [String] = []

  init(_ tree: SyntaxTree?) {
    let statements = tree?.statements ?? []
    plugins = tree?.requests.plugins.map(\.text) ?? []
    train = statements.first(where: \.isTrain)
    guard let train else { return }
    var declared: [String: Statement] = [:]
    for statement in statements { if let name = statement.declaredName { declared[name] = statement } }
    var pending = train.mentioned
    while let name = pending.popLast() {
      guard let statement = declared[name], names.insert(name).inserted else { continue }
      pending += statement.mentioned
    }
    heads = statements.filter { $0.declaredName.map(names.contains) ?? false }
  }
}

extension Statement {
  fileprivate var isTrain: Bool {
    if case .train = kind { true } else { false }
  }

  fileprivate var declaredName: String? {
    switch kind {
    case .constant(let name, _): name.text
    case .define(let syntax): syntax.name.text
    case .version, .importFile, .plugin, .variable, .assign, .update, .output, .repeat, .if, .return, .train: nil
    }
  }

  /// The names that a statement mentions, inner blocks included.
  fileprivate var mentioned: [String] {
    switch kind {
    case .version, .importFile, .plugin: []
    case .constant(_, let value), .assign(_, let value), .update(_, let value): value.mentioned
    case .variable(let syntax): (syntax.value?.mentioned ?? []) + (syntax.type?.mentioned ?? [])
    case .output(let items): items.flatMap { $0.value?.mentioned ?? [$0.name.text] }
    case .define(let syntax):
      syntax.parameters.flatMap { $0.standard?.mentioned ?? [] } + syntax.body.flatMap(\.mentioned)
    case .repeat(let count, _, let body): count.mentioned + body.flatMap(\.mentioned)
    case .if(let condition, let then, let otherwise):
      condition.mentioned + (then + (otherwise ?? [])).flatMap(\.mentioned)
    case .return(let values): values.flatMap(\.mentioned)
    case .train(let settings): settings.flatMap(\.value.mentioned)
    }
  }

  /// A `train` block whose values are named: what an expression there stands for is in the graph already.
  func naming(_ training: TrainingSettings?, _ names: ValueNames) -> Statement {
    guard case .train(var settings) = kind, let training else { return self }
    for index in settings.indices {
      let place = settings[index].value.place
      func name(_ text: String) -> Expression { Expression(kind: .name(text), span: place, place: place) }
      switch settings[index].name.text {
      case "minimize": settings[index].value = name(names[training.minimize])
      case "report": settings[index].value.kind = .list(training.report.map { name($0.name) })
      default: break
      }
    }
    var statement = self
    statement.kind = .train(settings)
    return statement
  }
}

extension TypeSyntax {
  fileprivate var mentioned: [String] {
    var names: [String] = []
    if case .of(let expression) = element { names += expression.mentioned }
    switch dimensions {
    case .scalar: break
    case .list(let sizes): names += sizes.flatMap(\.mentioned)
    case .of(let expression): names += expression.mentioned
    }
    return names
  }
}

extension Expression {
  fileprivate var mentioned: [String] {
    switch kind {
    case .whole, .real, .string, .boolean, .dtype: []
    case .name(let name): [name]
    case .list(let entries): entries.flatMap(\.mentioned)
    case .call(let call):
      [call.callee.text] + call.arguments.flatMap(\.mentioned) + call.labels.flatMap(\.value.mentioned)
    case .index(let base, let subscripts): base.mentioned + subscripts.flatMap(\.mentioned)
    case .unary(_, let operand): operand.mentioned
    case .binary(_, let left, let right): left.mentioned + right.mentioned
    case .chain(let first, let links): first.mentioned + links.flatMap(\.operand.mentioned)
    }
  }
}

extension SubscriptSyntax {
  fileprivate var mentioned: [String] {
    switch self {
    case .at(let expression): expression.mentioned
    case .range(let start, let stop, let step, _): [start, stop, step].flatMap { $0?.mentioned ?? [] }
    }
  }
}
