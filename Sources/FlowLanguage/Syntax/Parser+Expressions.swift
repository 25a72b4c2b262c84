import FlowDiagnostics

extension Parser {
  mutating func expression() throws(Abandoned) -> Expression { try operation(atLeast: .or) }

  /// Operands joined by operators that bind at least so tightly.
  mutating func operation(atLeast minimum: Precedence) throws(Abandoned) -> Expression {
    var left = try operand(atLeast: minimum)
    while let operation = BinaryOperator(kind), operation.precedence >= minimum {
      left = operation == .power ? try power(left) : try chain(from: left, operation.precedence)
    }
    return left
  }

  private mutating func operand(atLeast minimum: Precedence) throws(Abandoned) -> Expression {
    switch kind {
    case .minus:
      if let least = leastWhole() { return least }
      return try unary(.minus, operandAtLeast: .minus)
    case .not where minimum <= .not: return try unary(.not, operandAtLeast: .not)
    case .not: return try fail(.expected("a value", found: found, help: "put brackets around 'not ...'"))
    default: return try indexed()
    }
  }

  private mutating func unary(
    _ operation: UnaryOperator, operandAtLeast minimum: Precedence
  ) throws(Abandoned) -> Expression {
    let sign = currentSpan
    advance()
    let operand = try nested { parser throws(Abandoned) in try parser.operation(atLeast: minimum) }
    try grow(from: height)
    return Expression(kind: .unary(operation, operand), span: sign.through(operand.span), place: sign)
  }

  /// Right-associative; its exponent may have a sign.
  private mutating func power(_ base: Expression) throws(Abandoned) -> Expression {
    let sign = currentSpan
    let tallest = height
    advance(joining: true)
    let exponent = try nested { parser throws(Abandoned) in try parser.operation(atLeast: .minus) }
    try grow(from: max(tallest, height))
    return Expression(
      kind: .binary(.power, base, exponent), span: base.span.through(exponent.span), place: sign)
  }

  /// Left-associative operators of one precedence, read in a loop: a chain of any length is one level.
  private mutating func chain(
    from first: Expression, _ precedence: Precedence
  ) throws(Abandoned) -> Expression {
    var links: [Expression.Link] = []
    var (tallest, spine) = (height, height)
    while let operation = BinaryOperator(kind), operation.precedence == precedence {
      let sign = currentSpan
      if precedence == .comparison, !links.isEmpty { report(.comparisonChain, at: sign) }
      advance(joining: true)
      let operand = try self.operation(atLeast: precedence.tighter)
      (tallest, spine) = (max(tallest, height), max(spine, height) + 1)
      links.append(Expression.Link(operation: operation, place: sign, operand: operand))
    }
    guard spine > SyntaxLimits.spine else {
      height = spine
      return Self.leaning(first, links)
    }
    try grow(from: tallest)
    return Self.joined(first, links)
  }

  private static func leaning(_ first: Expression, _ links: [Expression.Link]) -> Expression {
    links.reduce(first) { left, link in
      Expression(
        kind: .binary(link.operation, left, link.operand), span: left.span.through(link.operand.span),
        place: link.place)
    }
  }

  private static func joined(_ first: Expression, _ links: [Expression.Link]) -> Expression {
    guard let last = links.last else { return first }
    return Expression(kind: .chain(first, links), span: first.span.through(last.operand.span), place: last.place)
  }

  /// Notes that the expression just read is one higher than its parts, within the limit.
  mutating func grow(from tallest: Int) throws(Abandoned) {
    height = tallest + 1
    if height > SyntaxLimits.height { try fail(.nestingLimit) as Void }
  }
}

// MARK: - Brackets

extension Parser {
  /// What brackets hold, with commas between and perhaps one at the end. The current token opens them.
  mutating func bracketed<Item>(
    _ close: Token.Kind, _ what: String, _ item: (inout Parser) throws(Abandoned) -> Item
  ) throws(Abandoned) -> [Item] {
    try nested { parser throws(Abandoned) in
      parser.openBracket()
      var items: [Item] = []
      var tallest = 0
      while parser.kind != close {
        parser.height = 0
        items.append(try item(&parser))
        tallest = max(tallest, parser.height)
        guard parser.take(.comma) else { break }
      }
      try parser.closeBracket(close, items.isEmpty ? what : "',' or \(what)")
      try parser.grow(from: tallest)
      return items
    }
  }

  private mutating func indexed() throws(Abandoned) -> Expression {
    var value = try primary()
    while kind == .bracketOpen {
      let (bracket, below) = (currentSpan, height)
      let subscripts = try bracketed(.bracketClose, "']'") { parser throws(Abandoned) in try parser.subscripting() }
      if subscripts.isEmpty { report(.expected("an index", found: "']'"), at: span(of: lexer.tokens[index - 1])) }
      try grow(from: max(below, height))
      let end = lexer.tokens[index - 1].end
      value = Expression(
        kind: .index(value, subscripts),
        span: SourceSpan(file: file, start: value.span.start, end: end), place: bracket)
    }
    return value
  }

  /// `3`, or `start:stop:step` with any part missing.
  private mutating func subscripting() throws(Abandoned) -> SubscriptSyntax {
    let start = index
    var tallest = 0
    let first = try bound(&tallest)
    guard take(.colon) else {
      guard let first else { return try fail(.expected("an index", found: found)) }
      return .at(first)
    }
    let stop = try bound(&tallest)
    let step = take(.colon) ? try bound(&tallest) : nil
    height = tallest
    return .range(start: first, stop: stop, step: step, span: span(from: start))
  }

  private mutating func bound(_ tallest: inout Int) throws(Abandoned) -> Expression? {
    guard kind != .colon, kind != .comma, kind != .bracketClose else { return nil }
    let value = try expression()
    tallest = max(tallest, height)
    return value
  }

  mutating func parenthesized() throws(Abandoned) -> Expression {
    let start = index
    var value = try nested { parser throws(Abandoned) in
      parser.openBracket()
      let value = try parser.expression()
      try parser.closeBracket(.parenClose, "')'")
      return value
    }
    value.span = span(from: start)
    return value
  }

  mutating func list() throws(Abandoned) -> Expression {
    let start = index
    let place = currentSpan
    let items = try bracketed(.bracketClose, "']'") { parser throws(Abandoned) in try parser.expression() }
    return Expression(kind: .list(items), span: span(from: start), place: place)
  }
}

// MARK: - Calls

extension Parser {
  /// A name, plain or dotted, and its arguments if brackets follow.
  mutating func nameOrCall() throws(Abandoned) -> Expression {
    let start = index
    let name = Name(text: text(of: current), span: currentSpan)
    if name.text == "_" { report(.discardedName, at: name.span) }
    advance()
    height = 1
    guard kind == .parenOpen else { return Expression(kind: .name(name.text), span: name.span, place: name.span) }
    var call = CallSyntax(callee: name, arguments: [], labels: [])
    _ = try bracketed(.parenClose, "')'") { parser throws(Abandoned) in try parser.argument(of: &call) }
    return Expression(kind: .call(call), span: span(from: start), place: name.span)
  }

  private mutating func argument(of call: inout CallSyntax) throws(Abandoned) {
    if let label = try label() { return call.labels.append(CallSyntax.Label(name: label, value: try expression())) }
    let value = try expression()
    if !call.labels.isEmpty { report(.positionalAfterLabel, at: value.place) }
    call.arguments.append(value)
  }

  /// A name before a colon, which may be a reserved word.
  mutating func label() throws(Abandoned) -> Name? {
    guard kind == .name || kind.isReserved, lexer.tokens[index + 1].kind == .colon else { return nil }
    let label = Name(text: text(of: current), span: currentSpan)
    if label.text.utf8.contains(UInt8(ascii: ".")) { report(.dottedName(label.text, role: "a label"), at: label.span) }
    advance()
    advance()
    return label
  }
}
