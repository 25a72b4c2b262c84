/// A tree in the canonical form: two spaces, lines of 120 columns, at most one blank line, comments kept, the fewest
/// brackets. What it prints reads back as the same tree, so that a canonical text is printed as it is.
package func format(_ tree: SyntaxTree) -> String {
  var formatter = Formatter()
  formatter.statements(tree.statements)
  formatter.comments(tree.trailing)
  return formatter.text
}

struct Formatter {
  static let width = 120

  private(set) var text = ""
  private var indent = 0

  /// Statements below one another.
  mutating func statements(_ statements: [Statement]) {
    for (index, statement) in statements.enumerated() {
      above(statement.trivia, isFirst: index == 0)
      self.statement(statement)
    }
  }

  mutating func comments(_ comments: [String]) {
    for comment in comments { line(comment) }
  }

  private mutating func line(_ content: String, trailing: String? = nil) {
    if !content.isEmpty { text += String(repeating: " ", count: indent) + content }
    if let trailing { text += "  " + trailing }
    text += "\n"
  }

  private mutating func above(_ trivia: Statement.Trivia, isFirst: Bool) {
    if trivia.blankLineBefore, !isFirst { line("") }
    comments(trivia.leading)
  }
}

// MARK: - Statements

extension Formatter {
  private mutating func statement(_ statement: Statement) {
    if let content = oneLine(statement), !Self.isBlock(statement) || indent + content.unicodeScalars.count <= Self.width
    {
      return line(content, trailing: statement.trivia.trailing)
    }
    let trivia = statement.trivia
    switch statement.kind {
    case .define(let definition): block(Self.head(definition, indent: indent), definition.body, trivia)
    case .repeat(let count, let index, let body): block(Self.head(count, index, indent: indent), body, trivia)
    case .if(let condition, let then, let otherwise): branches("", condition, then, otherwise, trivia)
    case .train(let settings): training(settings, trivia)
    case .version, .importFile, .plugin, .constant, .variable, .assign, .update, .output, .return: return
    }
  }

  private mutating func block(_ head: String, _ body: [Statement], _ trivia: Statement.Trivia) {
    line(head + " {", trailing: trivia.trailing)
    inside(body, closing: trivia.closing)
    line("}")
  }

  private mutating func inside(_ body: [Statement], closing: [String]) {
    indent += 2
    statements(body)
    comments(closing)
    indent -= 2
  }

  private mutating func training(_ settings: [Setting], _ trivia: Statement.Trivia) {
    line("train {", trailing: trivia.trailing)
    indent += 2
    for (index, setting) in settings.enumerated() {
      above(setting.trivia, isFirst: index == 0)
      line(Self.text(setting, indent: indent), trailing: setting.trivia.trailing)
    }
    comments(trivia.closing)
    indent -= 2
    line("}")
  }

  /// An `if` and what follows its `else`; an `if` there goes on in the same line unless comments stand above it.
  private mutating func branches(
    _ prefix: String, _ condition: Expression, _ then: [Statement], _ otherwise: [Statement]?,
    _ trivia: Statement.Trivia
  ) {
    let head = Self.lay(condition, after: prefix + "if ", indent: indent, before: 2)
    line(head + " {", trailing: trivia.trailing)
    inside(then, closing: otherwise == nil ? trivia.closing : trivia.thenClosing)
    guard let otherwise else { return line("}") }
    if let (condition, then, last, inner) = Self.elseIf(otherwise, trivia) {
      return branches("} else ", condition, then, last, inner)
    }
    line("} else {")
    inside(otherwise, closing: trivia.closing)
    line("}")
  }

  private static func elseIf(
    _ otherwise: [Statement], _ trivia: Statement.Trivia
  ) -> (Expression, [Statement], [Statement]?, Statement.Trivia)? {
    guard otherwise.count == 1, trivia.closing.isEmpty, otherwise[0].trivia.leading.isEmpty,
      case .if(let condition, let then, let last) = otherwise[0].kind
    else { return nil }
    return (condition, then, last, otherwise[0].trivia)
  }
}

// MARK: - Statements in one piece

extension Formatter {
  private static func isBlock(_ statement: Statement) -> Bool {
    switch statement.kind {
    case .define, .repeat, .if, .train: true
    case .version, .importFile, .plugin, .constant, .variable, .assign, .update, .output, .return: false
    }
  }

  /// A statement without a block, or a block that its author wrote on one line and that still can stand there.
  private func oneLine(_ statement: Statement) -> String? {
    switch statement.kind {
    case .define(let definition): return flat(Self.head(definition, indent: nil), definition.body, statement.trivia)
    case .repeat(let count, let index, let body):
      return flat(Self.head(count, index, indent: nil), body, statement.trivia)
    case .if(let condition, let then, let otherwise):
      return flatBranches(condition, then, otherwise, statement.trivia)
    case .train(let settings):
      guard statement.trivia.isFlat, settings.count <= 1, settings.allSatisfy(\.trivia.isBare) else { return nil }
      return settings.first.map { "train { \(Self.text($0, indent: nil)) }" } ?? "train {}"
    case .version, .importFile, .plugin, .constant, .variable, .assign, .update, .output, .return:
      return Self.plain(statement.kind, indent: indent)
    }
  }

  private func flat(_ head: String, _ body: [Statement], _ trivia: Statement.Trivia) -> String? {
    guard trivia.isFlat, body.count <= 1 else { return nil }
    guard let only = body.first else { return head + " {}" }
    guard only.trivia.isBare, let content = flat(only) else { return nil }
    return "\(head) { \(content) }"
  }

  private func flat(_ statement: Statement) -> String? {
    Self.isBlock(statement) ? oneLine(statement) : Self.plain(statement.kind, indent: nil)
  }

  private func flatBranches(
    _ condition: Expression, _ then: [Statement], _ otherwise: [Statement]?, _ trivia: Statement.Trivia
  ) -> String? {
    guard let first = flat("if " + Self.flat(condition), then, trivia) else { return nil }
    guard let otherwise else { return first }
    if let (condition, then, last, inner) = Self.elseIf(otherwise, trivia) {
      guard inner.trailing == nil else { return nil }
      return flatBranches(condition, then, last, inner).map { first + " else " + $0 }
    }
    return flat("else", otherwise, trivia).map { first + " " + $0 }
  }
}

extension Statement.Trivia {
  /// A block on one line, without comments inside.
  fileprivate var isFlat: Bool { oneLine && closing.isEmpty && thenClosing.isEmpty }

  /// Nothing but the statement.
  fileprivate var isBare: Bool { leading.isEmpty && trailing == nil }
}
