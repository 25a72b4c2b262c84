import FlowDiagnostics

extension Parser {
  mutating func tree() -> SyntaxTree {
    var statements: [Statement] = []
    while current.kind != .end {
      if current.kind == .braceClose {
        report(.strayBrace, at: currentSpan)
        advance()
        look(joined: true)
      } else if let statement = statement(isFirst: index == 0) {
        statements.append(statement)
      }
    }
    return SyntaxTree(statements: statements, trailing: closingComments(isEmpty: statements.isEmpty))
  }

  /// One statement with its comments, or nil where it was given up.
  mutating func statement(isFirst: Bool = false) -> Statement? {
    if current.kind == .flow, !isFirst { report(.misplaced("flow", allowed: "first in a file"), at: currentSpan) }
    return item { parser, trivia throws(Abandoned) in try parser.statementKind(&trivia) }
      .map { kind, span, trivia in Statement(kind: kind, span: span, trivia: trivia) }
  }

  /// A statement or setting with its place and comments; nil where it was given up, the parser being behind it.
  mutating func item<Content>(
    _ read: (inout Parser, inout Statement.Trivia) throws(Abandoned) -> Content
  ) -> (Content, SourceSpan, Statement.Trivia)? {
    var trivia = leadingTrivia()
    let start = index
    do throws(Abandoned) {
      look(joined: true)
      let content = try read(&self, &trivia)
      let span = span(from: start)
      finish(&trivia)
      try endLine()
      return (content, span, trivia)
    } catch {
      if index == start { skipToken() }
      recover()
      return nil
    }
  }

  /// So that a statement that begins with what cannot begin one is left behind.
  private mutating func skipToken() {
    guard current.kind != .end, current.kind != .braceClose, current.kind != .braceOpen else { return }
    if current.kind == .parenOpen || current.kind == .bracketOpen { openBrackets.append(index) }
    index += 1
  }

  /// Takes the comments of a statement that was read to its end.
  private mutating func finish(_ trivia: inout Statement.Trivia) {
    takeInnerComments(into: &trivia)
    guard let comment = takeTrailingComment() else { return }
    let isBlock = lexer.tokens[index - 1].kind == .braceClose
    if isBlock, !trivia.oneLine { trivia.closing.append(comment) } else { trivia.trailing = comment }
  }

  /// A statement ends with its line, or with the block that holds it.
  private mutating func endLine() throws(Abandoned) {
    switch kind {
    case .lineEnd, .end, .braceClose: return
    case _ where unclosedAt == index: return
    case _ where kind.beginsStatement || kind == .name: return try fail(.secondStatement)
    default: return try fail(.expected("the end of the line", found: found, help: operatorHelp))
    }
  }

  private var operatorHelp: String? {
    kind == .assign ? "'==' compares" : nil
  }

  mutating func statementKind(_ trivia: inout Statement.Trivia) throws(Abandoned) -> Statement.Kind {
    if kind.isReserved, lexer.tokens[index + 1].kind == .assign { return try fail(.reservedWord(text(of: current))) }
    restrict()
    switch kind {
    case .flow: return try version()
    case .import: return .importFile(path: try quotedWord("a path"))
    case .plugin: return .plugin(name: try quotedWord("a plugin's name"))
    case .const: return try constant()
    case .input: return try variable(.input)
    case .param: return try variable(.param)
    case .state: return try variable(.state)
    case .update: return try update()
    case .output: return try output()
    case .def: return try definition(&trivia)
    case .return: return try returned()
    case .repeat: return try repetition(&trivia)
    case .if: return try condition(&trivia)
    case .train: return try training(&trivia)
    case .name: return try assignment()
    case .else: return try fail(.expected("a statement", found: found, help: "'else' follows the '}' of an 'if'"))
    default: return try fail(.expected("a statement", found: found))
    }
  }

  /// Reports a statement where its kind is not allowed, and reads it all the same.
  private mutating func restrict() {
    let word = text(of: current)
    switch (kind, surroundings) {
    case (_, .unknown): return
    case (.import, .block), (.plugin, .block), (.def, .block), (.train, .block), (.import, .definition),
      (.plugin, .definition), (.def, .definition), (.train, .definition):
      report(.misplaced(word, allowed: "outside of all blocks"), at: currentSpan)
    case (.input, .definition), (.output, .definition):
      report(.misplaced(word, allowed: "outside of definitions"), at: currentSpan)
    case (.return, .file), (.return, .block): report(.misplaced(word, allowed: "in a definition"), at: currentSpan)
    default: return
    }
  }
}

// MARK: - Plain statements

extension Parser {
  private mutating func version() throws(Abandoned) -> Statement.Kind {
    advance()
    guard kind == .whole else { return try fail(.expected("the version of the format", found: found, help: "flow 1")) }
    let span = currentSpan
    let version = whole()
    if version != 1 { report(.unsupportedVersion(version), at: span) }
    return .version(version)
  }

  private mutating func quotedWord(_ what: String) throws(Abandoned) -> String {
    advance()
    guard kind == .string else { return try fail(.expected("\(what) in quotes", found: found)) }
    return string()
  }

  private mutating func constant() throws(Abandoned) -> Statement.Kind {
    advance()
    let name = try name("the constant's name")
    try require(.assign, "'='")
    return .constant(name, try expression())
  }

  private mutating func update() throws(Abandoned) -> Statement.Kind {
    advance()
    let name = try name("the name of a state or parameter")
    try require(.assign, "'='")
    return .update(name, try expression())
  }

  /// The list may be empty: `output` alone changes nothing.
  private mutating func output() throws(Abandoned) -> Statement.Kind {
    advance()
    guard kind != .lineEnd, kind != .end, kind != .braceClose else { return .output([]) }
    var items: [OutputSyntax] = []
    repeat {
      let name = try name("the name of a value")
      items.append(OutputSyntax(name: name, value: take(.assign) ? try expression() : nil))
    } while take(.comma)
    return .output(items)
  }

  private mutating func returned() throws(Abandoned) -> Statement.Kind {
    advance()
    var values = [try expression()]
    while take(.comma) { values.append(try expression()) }
    return .return(values)
  }

  private mutating func assignment() throws(Abandoned) -> Statement.Kind {
    var targets = [try name("a name", mayDiscard: true)]
    while take(.comma) { targets.append(try name("a name", mayDiscard: true)) }
    let isCall = kind == .parenOpen || kind == .lineEnd || kind == .end
    try require(.assign, "'='", help: isCall ? "a statement gives a value a name: y = ..." : nil)
    return .assign(targets, try expression())
  }

  /// A name that is declared or assigned.
  mutating func name(_ what: String, mayDiscard: Bool = false) throws(Abandoned) -> Name {
    let token = current
    guard kind == .name else {
      return try fail(kind.isReserved ? .reservedWord(text(of: token)) : .expected(what, found: found))
    }
    let name = Name(text: text(of: token), span: currentSpan)
    if name.text == "_", !mayDiscard { report(.discardedName, at: name.span) }
    advance()
    return name
  }

  /// A name without points.
  mutating func plainName(_ what: String) throws(Abandoned) -> Name {
    let name = try name(what)
    if name.text.utf8.contains(UInt8(ascii: ".")) { report(.dottedName(name.text, role: what), at: name.span) }
    return name
  }
}
