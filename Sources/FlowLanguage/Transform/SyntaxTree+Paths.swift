import FlowDiagnostics

extension SyntaxTree {
  /// The tree with the paths that are read, of `load`, `data` and `validation`, replaced. Only literal paths are.
  package func mappingPaths(_ change: (String) -> String) -> SyntaxTree {
    var tree = self
    tree.statements = statements.map { $0.mappingPaths(change) }
    return tree
  }
}

extension Statement {
  private func copy(_ kind: Kind) -> Statement {
    var statement = self
    statement.kind = kind
    return statement
  }

  fileprivate func mappingPaths(_ change: (String) -> String) -> Statement {
    func map(_ expression: Expression) -> Expression { expression.mappingPaths(change) }
    switch kind {
    case .version, .importFile, .plugin: return self
    case .constant(let name, let value): return copy(.constant(name, map(value)))
    case .variable(var syntax):
      syntax.value = syntax.value.map(map)
      return copy(.variable(syntax))
    case .assign(let names, let value): return copy(.assign(names, map(value)))
    case .update(let name, let value): return copy(.update(name, map(value)))
    case .output(let items):
      return copy(.output(items.map { OutputSyntax(name: $0.name, value: $0.value.map(map)) }))
    case .define(var syntax):
      syntax.body = syntax.body.map { $0.mappingPaths(change) }
      return copy(.define(syntax))
    case .repeat(let count, let index, let body):
      return copy(.repeat(count: count, index: index, body: body.map { $0.mappingPaths(change) }))
    case .if(let condition, let then, let otherwise):
      return copy(
        .if(
          condition: condition, then: then.map { $0.mappingPaths(change) },
          otherwise: otherwise?.map { $0.mappingPaths(change) }))
    case .return(let values): return copy(.return(values.map(map)))
    case .train(let settings): return copy(.train(settings.map { $0.mappingPaths(change) }))
    }
  }
}

extension Setting {
  fileprivate func mappingPaths(_ change: (String) -> String) -> Setting {
    var setting = self
    if ["data", "validation"].contains(name.text), case .call(let call) = value.kind {
      setting.value.kind = .call(call.mappingFirstPath(change))
    }
    return setting
  }
}

extension Expression {
  fileprivate func mappingPaths(_ change: (String) -> String) -> Expression {
    var copy = self
    switch kind {
    case .whole, .real, .string, .boolean, .dtype, .name: break
    case .list(let entries): copy.kind = .list(entries.map { $0.mappingPaths(change) })
    case .call(var call):
      call.arguments = call.arguments.map { $0.mappingPaths(change) }
      call.labels = call.labels.map { CallSyntax.Label(name: $0.name, value: $0.value.mappingPaths(change)) }
      copy.kind = .call(call.callee.text == "load" ? call.mappingFirstPath(change) : call)
    case .index(let base, let subscripts): copy.kind = .index(base.mappingPaths(change), subscripts)
    case .unary(let sign, let operand): copy.kind = .unary(sign, operand.mappingPaths(change))
    case .binary(let sign, let left, let right):
      copy.kind = .binary(sign, left.mappingPaths(change), right.mappingPaths(change))
    case .chain(let first, let links):
      copy.kind = .chain(
        first.mappingPaths(change),
        links.map { Link(operation: $0.operation, place: $0.place, operand: $0.operand.mappingPaths(change)) })
    }
    return copy
  }
}

extension CallSyntax {
  fileprivate func mappingFirstPath(_ change: (String) -> String) -> CallSyntax {
    guard let first = arguments.first, case .string(let path) = first.kind else { return self }
    var call = self
    call.arguments[0].kind = .string(change(path))
    return call
  }
}
