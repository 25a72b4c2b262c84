package import FlowDiagnostics

/// Reads a text into a tree by recursive descent.
///
/// A fault inside a statement gives that statement up and goes on with the next; at most one is reported for each.
struct Parser {
  /// A statement is given up; what is wrong with it has been reported.
  struct Abandoned: Error {}

  /// Where statements stand, which decides what they may be.
  enum Surroundings { case file, block, definition, unknown }

  let lexer: Lexer
  let file: UInt32
  var index = 0
  /// What the parser sees: the current token, or `lineEnd` where a line break ends the statement first.
  var kind = Token.Kind.end
  /// The brackets now open, outermost first.
  var openBrackets: [Int] = []
  /// Brackets, calls, signs, powers and blocks around the current token.
  var depth = 0
  /// The height of the tree of the expression read last.
  var height = 0
  /// The first comment that no statement has taken.
  var nextComment = 0
  var surroundings = Surroundings.file
  /// The token at which blocks were found to be unclosed, so that this is said once.
  var unclosedAt: Int?
  var diagnostics: [Diagnostic] = []

  init(_ text: String, file: UInt32) {
    var lexer = Lexer(text)
    lexer.scan()
    self.lexer = lexer
    self.file = file
    for (fault, start, end) in lexer.faults {
      diagnostics.append(fault.diagnostic(at: SourceSpan(file: file, start: UInt32(start), end: UInt32(end))))
    }
    look(joined: true)
  }
}

/// The tree of a text, and everything that is wrong with it. A tree with errors lacks the statements that hold them.
///
/// - Parameter file: The text's number in the `SourceMap`.
package func parse(_ text: String, file: UInt32) -> (tree: SyntaxTree, diagnostics: [Diagnostic]) {
  guard text.utf8.count <= SyntaxLimits.fileSize else {
    let start = SourceSpan(file: file, start: 0, end: 0)
    return (SyntaxTree(statements: []), [SyntaxFault.fileTooLarge.diagnostic(at: start)])
  }
  var parser = Parser(text, file: file)
  let tree = parser.tree()
  return (tree, parser.diagnostics)
}

/// A lone expression, as on a command line: `[[1, 2]]`, `hdf5("f.h5", x: "x")`.
package func parseExpression(_ text: String, file: UInt32) throws(Diagnostics) -> Expression {
  guard text.utf8.count <= SyntaxLimits.fileSize else {
    let start = SourceSpan(file: file, start: 0, end: 0)
    throw Diagnostics([SyntaxFault.fileTooLarge.diagnostic(at: start)])
  }
  var parser = Parser(text, file: file)
  return try parser.loneExpression()
}

extension Parser {
  /// An expression that is the whole of the text that is left.
  mutating func loneExpression() throws(Diagnostics) -> Expression {
    let value = try? expression()
    if value != nil, kind != .end { try? fail(.expected("the end", found: found)) as Void }
    guard let value, diagnostics.isEmpty else { throw Diagnostics(diagnostics) }
    return value
  }
}

// MARK: - Tokens

extension Parser {
  var current: Token { lexer.tokens[index] }

  /// Decides what the current token is to the grammar. After a binary operator or a comma, `joined`, and inside
  /// brackets, a line break is nothing.
  mutating func look(joined: Bool = false) {
    let token = lexer.tokens[index]
    kind = token.startsLine && !joined && openBrackets.isEmpty && token.kind != .end ? .lineEnd : token.kind
  }

  mutating func advance(joining joined: Bool = false) {
    if index + 1 < lexer.tokens.count { index += 1 }
    look(joined: joined)
  }

  /// Takes a token if it is there.
  mutating func take(_ wanted: Token.Kind) -> Bool {
    guard kind == wanted else { return false }
    advance(joining: wanted == .comma)
    return true
  }

  mutating func require(_ wanted: Token.Kind, _ what: String, help: String? = nil) throws(Abandoned) {
    guard take(wanted) else { return try fail(.expected(what, found: found, help: help)) }
  }

  mutating func openBracket() {
    openBrackets.append(index)
    advance()
  }

  mutating func closeBracket(_ wanted: Token.Kind, _ what: String) throws(Abandoned) {
    guard kind == wanted else { return try failInBrackets(expecting: what) }
    openBrackets.removeLast()
    advance()
  }
}

// MARK: - Places

extension Parser {
  func span(of token: Token) -> SourceSpan { SourceSpan(file: file, start: token.start, end: token.end) }

  var currentSpan: SourceSpan { span(of: current) }

  /// From the start of a token to the end of the one before the current.
  func span(from start: Int) -> SourceSpan {
    let first = lexer.tokens[start]
    return SourceSpan(file: file, start: first.start, end: max(first.end, lexer.tokens[max(index - 1, 0)].end))
  }

  func text(of token: Token) -> String { lexer.text(Int(token.start), Int(token.end)) }

  /// The current token as a message names it.
  var found: String {
    switch kind {
    case .lineEnd: "the end of the line"
    case .end: "the end of the text"
    default: "'" + text(of: current).prefix(24) + "'"
    }
  }

  /// Where the current token is missed: at it, or behind the one before where the line or the text ends.
  var faultSpan: SourceSpan {
    guard kind == .lineEnd || kind == .end, index > 0 else { return currentSpan }
    let end = lexer.tokens[index - 1].end
    return SourceSpan(file: file, start: end, end: end)
  }
}
