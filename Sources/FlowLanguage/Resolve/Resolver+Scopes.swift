import FlowDiagnostics
import FlowGraph

/// What the variables inside a call are named after (Language, "Scopes and names").
///
/// All calls of a statement that open a scope get their names, in the order they stand in the text, before any is expanded.
extension Resolver {
  /// Names the scopes of a statement and gives them under the names by which its result's members are found.
  @discardableResult
  func prepareScopes(variable: String?, _ expressions: [Expression]) -> [(name: String, path: String)] {
    frame.callPaths.removeAll(keepingCapacity: true)
    builder.streamName = streamName(variable)
    var scopes: [(name: String, path: String)] = []
    for expression in expressions {
      let isDirect = expression.directCall != nil
      for call in openingCalls(expression) {
        let name = call.callee.text
        let isWhole = isDirect && call.callee.span == expression.directCall?.callee.span
        let path = claim(variable, isWhole && variable != nil ? nil : name)
        frame.callPaths[call.callee.span] = path
        let number = scopes.count { $0.name == name || $0.name.hasPrefix("\(name)_") } + 1
        scopes.append((isWhole && variable != nil ? "" : number == 1 ? name : "\(name)_\(number)", path))
      }
    }
    return scopes
  }

  private func streamName(_ variable: String?) -> String {
    [frame.stream, variable ?? "return"].filter { !$0.isEmpty }.joined(separator: ".")
  }

  /// Takes the first free path: of the variable itself, or of a definition's name behind it.
  private func claim(_ variable: String?, _ definition: String?) -> String {
    var attempt = 1
    while true {
      let suffix = attempt == 1 ? "" : "_\(attempt)"
      let path: String
      let base: String
      if let variable, let definition {
        base = frame.qualified(variable)
        path = "\(numbered(base)).\(definition)\(suffix)"
      } else {
        base = frame.qualified((variable ?? definition ?? "") + suffix)
        path = variable == nil ? base : numbered(base)
      }
      let isBaseTaken = path != base && definition == nil && plainPaths.contains(base)
      if !isBaseTaken, !usedPaths.contains(path) {
        usedPaths.insert(path)
        if path == base { plainPaths.insert(path) } else { notePrefixes(base) }
        return path
      }
      attempt += 1
    }
  }

  /// The base with the number of each running iteration, going on where an earlier repeat on it stopped.
  private func numbered(_ base: String) -> String {
    frame.iterations.reduce(base) { path, iteration in
      "\(path).\(iteration.bases[path] ?? frame.numbered[path, default: 0] + iteration.index)"
    }
  }

  /// Remembers which bases the running iterations number, so that a later repeat goes on.
  private func notePrefixes(_ base: String) {
    var path = base
    for index in frame.iterations.indices {
      let first = frame.numbered[path, default: 0]
      frame.iterations[index].bases[path] = first
      path = "\(path).\(first + frame.iterations[index].index)"
    }
  }

  /// The calls of an expression that open a scope, in the order their names stand in the text.
  private func openingCalls(_ expression: Expression) -> [CallSyntax] {
    var found: [CallSyntax] = []
    var pending = [expression]
    while let next = pending.popLast() {
      if case .call(let call) = next.kind, let callable = findCallable(call.callee.text), opensScope(callable, call) {
        found.append(call)
      }
      pending += next.children
    }
    return found.sorted { $0.callee.span.start < $1.callee.span.start }
  }

  /// Whether a call holds variables, itself or through what it calls.
  private func opensScope(_ callable: Callable, _ call: CallSyntax) -> Bool {
    guard case .definition(let record) = callable else { return false }
    if opensScope(record) { return true }
    return (call.arguments + call.labels.map(\.value)).contains { argument in
      guard case .name(let name) = argument.kind, case .definition(let given)? = findCallable(name) else { return false }
      return opensScope(given)
    }
  }

  private func opensScope(_ record: DefinitionRecord) -> Bool {
    let key = ObjectIdentifier(record)
    if let known = scopeMemo[key] { return known }
    scopeMemo[key] = false  // a definition that calls itself is reported when it runs
    let opens = record.syntax.body.contains { opensScope($0, record) }
    scopeMemo[key] = opens
    return opens
  }

  private func opensScope(_ statement: Statement, _ record: DefinitionRecord) -> Bool {
    switch statement.kind {
    case .variable: true
    case .if(_, let then, let otherwise): (then + (otherwise ?? [])).contains { opensScope($0, record) }
    case .repeat(_, _, let body): body.contains { opensScope($0, record) }
    case .version, .importFile, .plugin, .constant, .assign, .update, .output, .define, .return, .train:
      statement.expressions.contains { calls(in: $0).contains { opens($0, from: record) } }
    }
  }

  private func opens(_ callee: String, from record: DefinitionRecord) -> Bool {
    guard case .definition(let inner)? = environment.callable(callee, inPrelude: record.isPrelude) else { return false }
    return opensScope(inner)
  }

  private func calls(in expression: Expression) -> [String] {
    var names: [String] = []
    var pending = [expression]
    while let next = pending.popLast() {
      if case .call(let call) = next.kind { names.append(call.callee.text) }
      pending += next.children
    }
    return names
  }
}

extension Expression {
  var directCall: CallSyntax? {
    if case .call(let call) = kind { call } else { nil }
  }

  /// The expressions directly inside.
  package var children: [Expression] {
    switch kind {
    case .whole, .real, .string, .boolean, .dtype, .name: []
    case .list(let entries): entries
    case .call(let call): call.arguments + call.labels.map(\.value)
    case .index(let base, let subscripts): [base] + subscripts.flatMap(\.expressions)
    case .unary(_, let operand): [operand]
    case .binary(_, let left, let right): [left, right]
    case .chain(let first, let links): [first] + links.map(\.operand)
    }
  }
}

extension SubscriptSyntax {
  var expressions: [Expression] {
    switch self {
    case .at(let expression): [expression]
    case .range(let start, let stop, let step, _): [start, stop, step].compactMap(\.self)
    }
  }
}

extension Statement {
  /// The expressions of a statement that holds no others.
  var expressions: [Expression] {
    switch kind {
    case .constant(_, let value), .assign(_, let value), .update(_, let value): [value]
    case .output(let items): items.compactMap(\.value)
    case .return(let values): values
    case .version, .importFile, .plugin, .variable, .define, .repeat, .if, .train: []
    }
  }
}
