import FlowDiagnostics

// Reporting a fault, and going on behind it.

extension Parser {
  mutating func report(_ fault: SyntaxFault, at span: SourceSpan, notes: [Diagnostic.Note] = []) {
    diagnostics.append(fault.diagnostic(at: span, notes: notes))
  }

  /// Reports a fault at the current token and gives the statement up. What the lexer rejected was reported by it.
  mutating func fail<Result>(_ fault: SyntaxFault) throws(Abandoned) -> Result {
    if kind != .invalid { report(fault, at: faultSpan) }
    throw Abandoned()
  }

  /// The same where a bracket is open, which is most often the one that its author forgot to close.
  mutating func failInBrackets<Result>(expecting what: String) throws(Abandoned) -> Result {
    guard let open = openBrackets.last else { return try fail(.expected(what, found: found)) }
    if kind == .assign, lexer.tokens[index - 1].kind == .name, lexer.tokens[index - 1].startsLine {
      index -= 1
      look()
    }
    let token = lexer.tokens[open]
    let note = Diagnostic.Note("'\(text(of: token))' is opened here", at: span(of: token))
    if kind != .invalid { report(.expected(what, found: found), at: faultSpan, notes: [note]) }
    throw Abandoned()
  }

  /// One level further in, for brackets, calls, signs, powers and blocks.
  mutating func nested<Result>(_ body: (inout Parser) throws(Abandoned) -> Result) throws(Abandoned) -> Result {
    guard depth < SyntaxLimits.nesting else { return try fail(.nestingLimit) }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  /// Leaves a statement that was given up: to the next line that can begin one, or to the end of the block.
  ///
  /// A line inside unclosed brackets begins a statement only where it looks like one. A block on the way is read for its
  /// own faults, its statements are dropped.
  mutating func recover() {
    var open = openBrackets.count
    openBrackets = []
    while true {
      let token = current
      switch token.kind {
      case .end, .braceClose: return look(joined: true)
      case .braceOpen:
        dropBlock()
        continue
      case _ where token.startsLine && (open <= 0 || looksLikeStatement): return look(joined: true)
      case .parenOpen, .bracketOpen: open += 1
      case .parenClose, .bracketClose: open -= 1
      default: break
      }
      index += 1
    }
  }

  private mutating func dropBlock() {
    guard depth < SyntaxLimits.nesting else { return skipBraces() }
    let outer = surroundings
    surroundings = .unknown
    look(joined: true)
    _ = try? block()
    surroundings = outer
  }

  /// To behind the brace that closes the current one, reading nothing.
  private mutating func skipBraces() {
    var open = 0
    repeat {
      if current.kind == .braceOpen { open += 1 }
      if current.kind == .braceClose { open -= 1 }
      index += 1
    } while open > 0 && current.kind != .end
  }

  /// `param ...`, `a = ...` or `a, b = ...`. None of these can stand inside brackets.
  private var looksLikeStatement: Bool {
    let tokens = lexer.tokens
    if current.kind.beginsStatement { return tokens[index + 1].kind != .colon }
    var ahead = index
    while tokens[ahead].kind == .name {
      if tokens[ahead + 1].kind == .assign { return true }
      guard tokens[ahead + 1].kind == .comma else { return false }
      ahead += 2
    }
    return false
  }
}
