/// The text of expressions, broken into lines that fit.
///
/// What fits stays on one line. Brackets that do not fit hold their items below the first one, evenly filled, or, where
/// an item itself is too wide for that, one below the other two columns in. Operators end a line.
struct Layout {
  /// The statement's indent; nil where nothing may be broken.
  let indent: Int?

  /// An item between commas: `axis: 1` or `1`.
  struct Item {
    var prefix: String
    var value: Expression?

    init(_ prefix: String, _ value: Expression?) {
      self.prefix = prefix
      self.value = value
    }
  }

  func flat(_ item: Item) -> String { item.prefix + (item.value.map { flat($0) } ?? "") }

  private func fits(_ text: String, column: Int, before: Int) -> Bool {
    indent == nil || column + text.unicodeScalars.count + before <= Formatter.width
  }

  /// An expression that begins at a column, with columns kept free behind it.
  func lay(_ expression: Expression, column: Int, before: Int = 0) -> String {
    let line = flat(expression)
    guard !fits(line, column: column, before: before) else { return line }
    switch expression.kind {
    case .list(let items):
      return bracketed("[", items.map { Item("", $0) }, "]", column: column, before: before)
    case .call(let call):
      return bracketed(call.callee.text + "(", Self.items(call), ")", column: column, before: before)
    case .unary(let operation, let operand):
      let sign = Self.sign(operation)
      return sign + lay(operand, inside: .operand(of: operation), column: column + sign.count, before: before)
    case .binary, .chain: return operators(Self.spine(expression), column: column, before: before)
    case .whole, .real, .string, .boolean, .dtype, .name, .index: return line
    }
  }

  private func lay(_ expression: Expression, inside context: Context, column: Int, before: Int) -> String {
    guard context.needsBrackets(expression) else { return lay(expression, column: column, before: before) }
    return "(" + lay(expression, column: column + 1, before: before + 1) + ")"
  }

  static func items(_ call: CallSyntax) -> [Item] {
    call.arguments.map { Item("", $0) } + call.labels.map { Item($0.name.text + ": ", $0.value) }
  }
}

// MARK: - Commas

extension Layout {
  /// Items in brackets. The opening text may hold a name before the bracket.
  func bracketed(_ open: String, _ items: [Item], _ close: String, column: Int, before: Int) -> String {
    let texts = items.map { flat($0) }
    let line = open + texts.joined(separator: ", ") + close
    guard !fits(line, column: column, before: before), let indent, !items.isEmpty else { return line }
    let inner = column + open.unicodeScalars.count
    if inner <= Formatter.width / 2, let lines = Self.filled(texts, width: Formatter.width - inner, before: before + 1)
    {
      return open + lines.joined(separator: ",\n" + Self.spaces(inner)) + close
    }
    let deeper = Layout(indent: indent + 2)
    let lines = items.map { deeper.lay($0, column: indent + 2) }
    let separator = ",\n" + Self.spaces(indent + 2)
    return open + "\n" + Self.spaces(indent + 2) + lines.joined(separator: separator) + "\n" + Self.spaces(indent)
      + close
  }

  /// Items without brackets, the lines after the first two columns in.
  func commas(_ prefix: String, _ items: [Item], column: Int) -> String {
    let texts = items.map { flat($0) }
    let line = prefix + texts.joined(separator: ", ")
    guard !fits(line, column: column, before: 0), let indent else { return line }
    if let lines = Self.filled(texts, width: Formatter.width - column - prefix.unicodeScalars.count, before: 0) {
      return prefix + lines.joined(separator: ",\n" + Self.spaces(column + prefix.unicodeScalars.count))
    }
    let deeper = Layout(indent: indent + 2)
    return prefix + items.map { deeper.lay($0, column: indent + 2) }.joined(separator: ",\n" + Self.spaces(indent + 2))
  }

  private func lay(_ item: Item, column: Int) -> String {
    guard let value = item.value else { return item.prefix }
    return item.prefix + lay(value, column: column + item.prefix.unicodeScalars.count, before: 1)
  }

  /// Texts in as few lines as they need, which are then made as even as they can be; nil if one is wider than a line.
  private static func filled(_ texts: [String], width: Int, before: Int) -> [String]? {
    let widths = texts.map { $0.unicodeScalars.count + 2 }
    let available = width - before + 1
    guard let widest = widths.max(), widest <= available else { return nil }
    let fewest = breaks(widths, available).count
    var (low, high) = (widest, available)
    while low < high {
      let middle = (low + high) / 2
      if breaks(widths, middle).count <= fewest { high = middle } else { low = middle + 1 }
    }
    return breaks(widths, low).map { texts[$0].joined(separator: ", ") }
  }

  private static func breaks(_ widths: [Int], _ width: Int) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var (start, used) = (0, 0)
    for (index, item) in widths.enumerated() {
      if used + item > width, index > start {
        lines.append(start..<index)
        (start, used) = (index, 0)
      }
      used += item
    }
    return lines + [start..<widths.count]
  }

  static func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}

// MARK: - Operators

extension Layout {
  /// The operands of operators of one precedence, from the left, whether nested or in chains.
  static func spine(_ expression: Expression) -> (first: Expression, links: [Expression.Link]) {
    var (first, links) = (expression, [Expression.Link]())
    while links.isEmpty || (first.precedence == expression.precedence && expression.isLeftAssociative) {
      switch first.kind {
      case .binary(let operation, let left, let right):
        links.append(Expression.Link(operation: operation, place: first.place, operand: right))
        first = left
      case .chain(let left, let more):
        links += more.reversed()
        first = left
      case .whole, .real, .string, .boolean, .list, .dtype, .name, .call, .index, .unary:
        return (first, links.reversed())
      }
    }
    return (first, links.reversed())
  }

  /// Operands in lines that end with their operators, those after the first two columns in.
  private func operators(_ chain: (first: Expression, links: [Expression.Link]), column: Int, before: Int) -> String {
    guard let indent, let operation = chain.links.first?.operation else { return flat(chain.first) }
    let deeper = Layout(indent: indent + 2)
    var text = deeper.lay(chain.first, inside: .left(of: operation), column: column, before: 3)
    var used = Self.lastLine(text, from: column)
    for (index, link) in chain.links.enumerated() {
      let free = index + 1 < chain.links.count ? 4 : before
      let sign = " " + link.operation.rawValue
      let operand = deeper.flat(link.operand, inside: .right(of: link.operation))
      let isBroken = !fits(operand, column: used + sign.count + 1, before: free)
      text += sign + (isBroken ? "\n" + Self.spaces(indent + 2) : " ")
      let start = isBroken ? indent + 2 : used + sign.count + 1
      let laid = deeper.lay(link.operand, inside: .right(of: link.operation), column: start, before: free)
      text += laid
      used = Self.lastLine(laid, from: start)
    }
    return text
  }

  /// The column behind a text that began at a column.
  private static func lastLine(_ text: String, from column: Int) -> Int {
    guard let lineBreak = text.utf8.lastIndex(of: UInt8(ascii: "\n")) else { return column + text.unicodeScalars.count }
    return text[lineBreak...].unicodeScalars.count - 1
  }
}
