import FlowDiagnostics

// What braces hold.

extension Parser {
  /// The inside of braces, with the comments that have no statement of their own.
  struct Block<Item> {
    var items: [Item]
    /// The comments inside what stands before the opening brace.
    var above: [String]
    /// The comment on the line of the opening brace.
    var opening: String?
    var closing: [String]
    var isOneLine: Bool
  }

  mutating func repetition(_ trivia: inout Statement.Trivia) throws(Abandoned) -> Statement.Kind {
    advance()
    let count = try expression()
    let index = take(.as) ? try plainName("an index") : nil
    return .repeat(
      count: count, index: index, body: try inner { parser throws(Abandoned) in try parser.block(&trivia) })
  }

  mutating func condition(_ trivia: inout Statement.Trivia) throws(Abandoned) -> Statement.Kind {
    advance()
    let condition = try expression()
    let then = try inner { parser throws(Abandoned) in try parser.block() }
    if kind == .lineEnd, current.kind == .else {
      report(.elseOnNewLine, at: currentSpan)
      look(joined: true)
    }
    trivia.leading += then.above
    trivia.trailing = then.opening
    guard take(.else) else {
      (trivia.closing, trivia.oneLine) = (then.closing, then.isOneLine)
      return .if(condition: condition, then: then.items, otherwise: nil)
    }
    trivia.thenClosing = then.closing
    let otherwise = try otherwise(&trivia, afterOneLine: then.isOneLine)
    return .if(condition: condition, then: then.items, otherwise: otherwise)
  }

  /// What follows `else`: a block, or one more `if`.
  private mutating func otherwise(
    _ trivia: inout Statement.Trivia, afterOneLine isOneLine: Bool
  ) throws(Abandoned) -> [Statement] {
    guard kind == .if else {
      let block = try inner { parser throws(Abandoned) in try parser.block() }
      trivia.oneLine = block.isOneLine && isOneLine
      return statements(of: block, &trivia)
    }
    var inner = Statement.Trivia()
    let start = index
    let kind = try nested { parser throws(Abandoned) in try parser.condition(&inner) }
    trivia.leading += inner.leading
    inner.leading = []
    trivia.oneLine = inner.oneLine && isOneLine
    inner.oneLine = trivia.oneLine
    return [Statement(kind: kind, span: span(from: start), trivia: inner)]
  }

  /// The comment on the line of `else` moves to the line below.
  private func statements(of block: Block<Statement>, _ trivia: inout Statement.Trivia) -> [Statement] {
    var items = block.items
    let opening = block.opening.map { [$0] } ?? []
    trivia.closing = items.isEmpty ? opening + block.closing : block.closing
    if !items.isEmpty { items[0].trivia.leading.insert(contentsOf: opening, at: 0) }
    return items
  }

  /// Reads a block of statements that is no definition's.
  private mutating func inner<Result>(
    _ body: (inout Parser) throws(Abandoned) -> Result
  ) throws(Abandoned) -> Result {
    let outer = surroundings
    if outer == .file { surroundings = .block }
    defer { surroundings = outer }
    return try body(&self)
  }

  mutating func training(_ trivia: inout Statement.Trivia) throws(Abandoned) -> Statement.Kind {
    advance()
    let block = try braced { parser in parser.setting() }
    place(block, in: &trivia)
    return .train(block.items)
  }

  private mutating func setting() -> Setting? {
    let read = item { (parser, _) throws(Abandoned) -> Setting in
      guard let name = try parser.label() else {
        if parser.kind == .name { parser.advance() }
        return try parser.fail(.expected("a setting, 'name: value'", found: parser.found))
      }
      return Setting(name: name, value: try parser.expression())
    }
    return read.map { setting, _, trivia in Setting(name: setting.name, value: setting.value, trivia: trivia) }
  }

  mutating func block() throws(Abandoned) -> Block<Statement> {
    try braced { parser in parser.statement() }
  }

  mutating func block(_ trivia: inout Statement.Trivia) throws(Abandoned) -> [Statement] {
    let block = try block()
    place(block, in: &trivia)
    return block.items
  }

  private func place<Item>(_ block: Block<Item>, in trivia: inout Statement.Trivia) {
    trivia.leading += block.above
    trivia.trailing = block.opening
    trivia.closing = block.closing
    trivia.oneLine = block.isOneLine
  }
}

// MARK: - Braces

extension Parser {
  /// The items between braces. An item that was given up is left out.
  mutating func braced<Item>(_ item: (inout Parser) -> Item?) throws(Abandoned) -> Block<Item> {
    guard kind == .braceOpen else { return try fail(.expected("'{'", found: found, help: braceHelp)) }
    return try nested { parser throws(Abandoned) in parser.bracedItems(item) }
  }

  private var braceHelp: String? {
    kind == .lineEnd && current.kind == .braceOpen ? "'{' stands on the line of its statement" : nil
  }

  private mutating func bracedItems<Item>(_ item: (inout Parser) -> Item?) -> Block<Item> {
    let open = index
    advance(joining: true)
    var trivia = Statement.Trivia()
    takeInnerComments(into: &trivia)
    var block = Block<Item>(
      items: [], above: trivia.leading, opening: takeTrailingComment(), closing: [], isOneLine: false)
    var count = 0
    while current.kind != .braceClose, !isUnclosed(open) {
      count += 1
      if let item = item(&self) { block.items.append(item) }
    }
    block.closing = closingComments(isEmpty: block.items.isEmpty)
    guard current.kind == .braceClose else { return block }
    advance()
    block.isOneLine = count <= 1 && !lexer.tokens[(open + 1)..<index].contains(where: \.startsLine)
    return block
  }

  /// Whether a block ends without its brace: at the end of the text, or at an unindented statement that no block holds.
  private mutating func isUnclosed(_ open: Int) -> Bool {
    let isEnd = current.kind == .end
    guard isEnd || (isUnindented && [.def, .train, .import, .plugin].contains(current.kind)) else { return false }
    guard unclosedAt != index else { return true }
    unclosedAt = index
    look(joined: true)
    let note = Diagnostic.Note("the block that begins here", at: span(of: lexer.tokens[open]))
    report(.missingBrace(found: found), at: faultSpan, notes: [note])
    return true
  }

  private var isUnindented: Bool {
    current.start == 0 || lexer.bytes[Int(current.start) - 1] == UInt8(ascii: "\n")
  }
}
