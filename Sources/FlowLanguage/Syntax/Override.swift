package import FlowDiagnostics

/// A change to a file that is asked for elsewhere: `train.optimizer.lr=0.01`, `train.batch=16`, `width=256`.
package struct Override: Sendable {
  /// What stands before the equals sign, between its points. A number is a positional argument, from 0.
  package var path: [String]
  package var span: SourceSpan
  package var value: Expression

  /// Reads `path=value`.
  ///
  /// - Parameter file: The number of the text in the `SourceMap`, so that a fault in the value has a place there.
  package init(_ text: String, file: UInt32) throws(Diagnostics) {
    var parser = Parser(text, file: file)
    do throws(Parser.Abandoned) {
      (path, span) = try parser.overridden()
    } catch {
      throw Diagnostics(parser.diagnostics)
    }
    value = try parser.loneExpression()
  }
}

extension Parser {
  /// `train.optimizer.lr=`; `train` is a word of its own, which no name begins with.
  fileprivate mutating func overridden() throws(Abandoned) -> (path: [String], span: SourceSpan) {
    let bytes = lexer.bytes.prefix(lexer.count)
    guard let sign = bytes.firstIndex(of: UInt8(ascii: "=")) else {
      return try fail(.expected("'name=value'", found: found))
    }
    let path = lexer.text(0, sign).split(separator: ".", omittingEmptySubsequences: false)
      .map { $0.filter { !$0.isWhitespace } }
    diagnostics = []
    while Int(current.start) < sign, current.kind != .end { index += 1 }
    let span = SourceSpan(file: file, start: 0, end: UInt32(sign))
    guard current.kind == .assign, path.allSatisfy({ !$0.isEmpty }) else {
      look(joined: true)
      return try fail(.expected("'name=value'", found: found))
    }
    reportLexerFaults(after: sign)
    advance(joining: true)
    return (path, span)
  }

  private mutating func reportLexerFaults(after offset: Int) {
    for (fault, start, end) in lexer.faults where start > offset {
      report(fault, at: SourceSpan(file: file, start: UInt32(start), end: UInt32(end)))
    }
  }
}

/// A tree with one constant, setting or argument of a setting changed, or added where the file leaves it out.
///
/// - Fails: with an `unknown-name` at the path where there is nothing to change.
package func overriding(_ tree: SyntaxTree, with change: Override) throws(Diagnostic) -> SyntaxTree {
  var tree = tree
  if change.path.first == "train", change.path.count > 1 {
    tree.statements = try statements(tree.statements, setting: change)
  } else {
    tree.statements = try statements(tree.statements, constant: change)
  }
  return tree
}

private func statements(_ statements: [Statement], constant change: Override) throws(Diagnostic) -> [Statement] {
  var statements = statements
  let wanted = change.path.joined(separator: ".")
  var names: [String] = ["train"]
  for (index, statement) in statements.enumerated() {
    guard case .constant(let name, _) = statement.kind else { continue }
    names.append(name.text)
    guard name.text == wanted else { continue }
    statements[index].kind = .constant(name, change.value)
    return statements
  }
  let help = nearestName(to: wanted, among: names).map { "did you mean '\($0)'?" }
  throw change.unknown("no constant named '\(wanted)'", help: help ?? "settings are written train.batch=16")
}

private func statements(_ statements: [Statement], setting change: Override) throws(Diagnostic) -> [Statement] {
  var statements = statements
  for (index, statement) in statements.enumerated() {
    guard case .train(var settings) = statement.kind else { continue }
    let name = change.path[1]
    if let place = settings.firstIndex(where: { $0.name.text == name }) {
      settings[place].value = try expression(settings[place].value, with: change, at: 2)
    } else {
      settings.append(Setting(name: Name(text: name, span: change.span), value: try change.added()))
    }
    statements[index].kind = .train(settings)
    return statements
  }
  throw change.unknown("no 'train' block to change", help: "add train { minimize: ... } to the file")
}

/// An expression with the argument that the path leads to changed. A bare name becomes a call.
private func expression(_ old: Expression, with change: Override, at depth: Int) throws(Diagnostic) -> Expression {
  guard depth < change.path.count else { return change.value }
  var call: CallSyntax
  switch old.kind {
  case .call(let found): call = found
  case .name(let name): call = CallSyntax(callee: Name(text: name, span: old.span), arguments: [], labels: [])
  default:
    let parent = change.path.prefix(depth).joined(separator: ".")
    throw change.unknown("'\(parent)' has no arguments", help: "set \(parent) itself")
  }
  let word = change.path[depth]
  if let position = Int(word) {
    guard call.arguments.indices.contains(position) else {
      throw change.unknown("no argument \(position) of '\(call.callee.text)'", help: nil)
    }
    call.arguments[position] = try expression(call.arguments[position], with: change, at: depth + 1)
  } else if let position = call.labels.firstIndex(where: { $0.name.text == word }) {
    call.labels[position].value = try expression(call.labels[position].value, with: change, at: depth + 1)
  } else {
    let value = try change.only(at: depth)
    call.labels.append(CallSyntax.Label(name: Name(text: word, span: change.span), value: value))
  }
  var new = old
  new.kind = .call(call)
  return new
}

extension Override {
  /// What a setting that the file leaves out is taken to be when an argument of it is set.
  fileprivate var standard: Expression? {
    guard path.count > 2, path[1] == "optimizer" else { return nil }
    return Expression(kind: .name("sgd"), span: span, place: span)
  }

  /// The value of a setting that the file leaves out.
  fileprivate func added() throws(Diagnostic) -> Expression {
    if let standard { return try expression(standard, with: self, at: 2) }
    return try only(at: 1)
  }

  /// The value of what is added, to which the path must lead.
  fileprivate func only(at depth: Int) throws(Diagnostic) -> Expression {
    guard depth + 1 == path.count else {
      throw unknown("the file does not set '\(path.prefix(depth + 1).joined(separator: "."))'", help: nil)
    }
    return value
  }

  fileprivate func unknown(_ message: String, help: String?) -> Diagnostic {
    Diagnostic(id: "unknown-name", message, at: span, help: help)
  }
}
