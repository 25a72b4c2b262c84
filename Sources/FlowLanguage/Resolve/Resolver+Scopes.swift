import FlowDiagnostics
import FlowGraph

/// What the variables inside a call are named after (Language, "Scopes and names").
///
/// All calls of a statement that open a scope get their names, in the order they stand in the text, before any is expanded.
extension Resolver {
  /// Names the scopes of a statement and gives them under the names by which its result's members are found.
  @discardableResult
  func prepareScopes(variable: String?, _ expressions: [Expression]) -> [(name: String, path: String)] {
    if !frame.callPaths.isEmpty { frame.callPaths.removeAll(keepingCapacity: true) }
    builder.streamName = streamName(variable)
    guard expressions.contains(where: \.containsCall) else { return [] }
    let calls = expressions.flatMap(openingCalls)
    guard !calls.isEmpty else { return [] }
    let whole = variable == nil ? [] : expressions.compactMap(\.directCall?.callee.span)
    var counts: [String: Int] = [:]
    return calls.map { call, name in
      let isWhole = whole.contains(call.callee.span)
      let path = claim(variable, isWhole ? nil : name)
      frame.callPaths[call.callee.span] = path
      if isWhole { return ("", path) }
      counts[name, default: 0] += 1
      return (counts[name] == 1 ? name : "\(name)_\(counts[name, default: 1])", path)
    }
  }

  private func streamName(_ variable: String?) -> String {
    let name = variable ?? "return"
    return frame.stream.isEmpty ? name : "\(frame.stream).\(name)"
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
      "\(path).\(frame.numbered[path, default: 0] + iteration.index)"
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

  /// The calls of an expression that open a scope, with the definitions' names, in the order they stand in the text.
  private func openingCalls(_ expression: Expression) -> [(call: CallSyntax, name: String)] {
    var found: [(call: CallSyntax, name: String)] = []
    expression.visitCalls { call in
      guard case .definition(let record)? = findCallable(call.callee.text), opensScope(record, call) else { return }
      found.append((call, record.syntax.name.text))
    }
    return found.count < 2 ? found : found.sorted { $0.call.callee.span.start < $1.call.callee.span.start }
  }

  /// Whether a call holds variables: itself, through what it calls, or through a definition it is given.
  private func opensScope(_ record: DefinitionRecord, _ call: CallSyntax) -> Bool {
    if opensScope(record) { return true }
    return (call.arguments + call.labels.map(\.value)).contains { opensScope($0) { findCallable($0) } }
  }

  private func opensScope(_ argument: Expression, _ find: (String) -> Callable?) -> Bool {
    guard case .name(let name) = argument.kind, case .definition(let given)? = find(name) else { return false }
    return opensScope(given)
  }

  func opensScope(_ record: DefinitionRecord) -> Bool {
    let key = ObjectIdentifier(record)
    if let known = scopeMemo[key] { return known }
    scopeMemo[key] = false  // a definition that calls itself is reported when it runs
    let standards = record.syntax.parameters.compactMap(\.standard)
    let opens =
      record.syntax.body.contains { opensScope($0, record) }
      || standards.contains { opensScope($0) { environment.callable($0, inPrelude: record.isPrelude) } }
    scopeMemo[key] = opens
    return opens
  }

  private func opensScope(_ statement: Statement, _ record: DefinitionRecord) -> Bool {
    switch statement.kind {
    case .variable: true
    case .if(_, let then, let otherwise): (then + (otherwise ?? [])).contains { opensScope($0, record) }
    case .repeat(_, _, let body): body.contains { opensScope($0, record) }
    case .version, .importFile, .plugin, .constant, .assign, .update, .output, .define, .return, .train:
      statement.expressions.contains { expression in
        var opens = false
        expression.visitCalls { opens = opens || self.opens($0.callee.text, from: record) }
        return opens
      }
    }
  }

  private func opens(_ callee: String, from record: DefinitionRecord) -> Bool {
    guard case .definition(let inner)? = environment.callable(callee, inPrelude: record.isPrelude) else { return false }
    return opensScope(inner)
  }
}

extension Expression {
  var directCall: CallSyntax? {
    if case .call(let call) = kind { call } else { nil }
  }

  var containsCall: Bool {
    switch kind {
    case .whole, .real, .string, .boolean, .dtype, .name: return false
    case .call: return true
    case .list(let entries): return entries.contains(where: \.containsCall)
    case .unary(_, let operand): return operand.containsCall
    case .binary(_, let left, let right): return left.containsCall || right.containsCall
    case .index, .chain:
      var found = false
      visitCalls { _ in found = true }
      return found
    }
  }

  /// Shows `body` every call inside.
  func visitCalls(_ body: (CallSyntax) -> Void) {
    switch kind {
    case .whole, .real, .string, .boolean, .dtype, .name: break
    case .list(let entries): for entry in entries { entry.visitCalls(body) }
    case .call(let call):
      body(call)
      for argument in call.arguments { argument.visitCalls(body) }
      for label in call.labels { label.value.visitCalls(body) }
    case .index(let base, let subscripts):
      base.visitCalls(body)
      for entry in subscripts { entry.visitCalls(body) }
    case .unary(_, let operand): operand.visitCalls(body)
    case .binary(_, let left, let right):
      left.visitCalls(body)
      right.visitCalls(body)
    case .chain(let first, let links):
      first.visitCalls(body)
      for link in links { link.operand.visitCalls(body) }
    }
  }
}

extension SubscriptSyntax {
  fileprivate func visitCalls(_ body: (CallSyntax) -> Void) {
    switch self {
    case .at(let expression): expression.visitCalls(body)
    case .range(let start, let stop, let step, _): for bound in [start, stop, step] { bound?.visitCalls(body) }
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
