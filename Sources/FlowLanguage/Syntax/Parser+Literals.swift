import FlowDiagnostics
import FlowTensor

// The smallest expressions.

extension Parser {
  mutating func primary() throws(Abandoned) -> Expression {
    switch kind {
    case .name: return try nameOrCall()
    case .parenOpen: return try parenthesized()
    case .bracketOpen: return try list()
    case .dtype: return try typeName()
    case .whole, .real, .string, .true, .false, .inf, .nan: return literal()
    case _ where kind.isReserved: return try fail(.reservedWord(text(of: current)))
    case .end where !openBrackets.isEmpty: return try failInBrackets(expecting: "a value")
    default: return try fail(.expected("a value", found: found, help: valueHelp))
    }
  }

  private var valueHelp: String? {
    guard index > 0 else { return nil }
    switch (lexer.tokens[index - 1].kind, kind) {
    case (.slash, .slash): return "floor_div(a, b) divides whole numbers"
    case (_, .assign): return "'==' compares"
    default: return nil
    }
  }

  private mutating func literal() -> Expression {
    let place = currentSpan
    let spelling = spelling(of: current)
    let kind = literalKind()
    height = 1
    return Expression(kind: kind, span: place, place: place, spelling: spelling)
  }

  private mutating func literalKind() -> Expression.Kind {
    switch kind {
    case .whole: return .whole(whole())
    case .real: return .real(real())
    case .string: return .string(string())
    case .true: return constant(.boolean(true))
    case .false: return constant(.boolean(false))
    case .inf: return constant(.real(.infinity))
    default: return constant(.real(.nan))
    }
  }

  private mutating func constant(_ kind: Expression.Kind) -> Expression.Kind {
    advance()
    return kind
  }

  private mutating func typeName() throws(Abandoned) -> Expression {
    let (token, place) = (current, currentSpan)
    advance()
    height = 1
    guard kind != .parenOpen, let dtype = dtype(token) else {
      return try fail(.expected("a value", found: "a call of a type", help: "cast(x, \(text(of: token))) converts"))
    }
    return Expression(kind: .dtype(dtype), span: place, place: place)
  }

  func dtype(_ token: Token) -> DType? { DType(rawValue: text(of: token)) }
}

// MARK: - Numbers

extension Parser {
  private func bytes(of token: Token) -> ArraySlice<UInt8> { lexer.bytes[Int(token.start)..<Int(token.end)] }

  /// The number's own text where its author wrote an exponent or underscores.
  private func spelling(of token: Token) -> String? {
    guard token.kind == .whole || token.kind == .real else { return nil }
    let isPlain = bytes(of: token).allSatisfy { $0 != UInt8(ascii: "_") && $0 | 0x20 != UInt8(ascii: "e") }
    return isPlain ? nil : text(of: token).lowercased()
  }

  /// The whole number at the current token.
  mutating func whole() -> Int {
    let token = current
    let span = currentSpan
    advance()
    guard let value = Self.whole(bytes(of: token)) else {
      report(.numberRange(text(of: token)), at: span)
      return 0
    }
    return value
  }

  private static func whole(_ digits: ArraySlice<UInt8>) -> Int? {
    var value = 0
    for digit in digits where digit != UInt8(ascii: "_") {
      let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isSumTooLarge) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      if isTooLarge || isSumTooLarge { return nil }
      value = sum
    }
    return value
  }

  /// `-9223372036854775808`, whose digits alone are out of range.
  mutating func leastWhole() -> Expression? {
    let number = lexer.tokens[index + 1]
    guard number.kind == .whole, !number.startsLine, text(of: number) == String(Int.min.magnitude) else { return nil }
    let next = lexer.tokens[index + 2].kind
    guard next != .power, next != .bracketOpen else { return nil }
    let span = currentSpan.through(self.span(of: number))
    advance()
    advance()
    height = 1
    return Expression(kind: .whole(.min), span: span, place: span)
  }

  private mutating func real() -> Double {
    let token = current
    let span = currentSpan
    advance()
    let text = text(of: token)
    let value = Double(text.contains("_") ? text.filter { $0 != "_" } : text) ?? .infinity
    if !value.isFinite { report(.numberRange(text), at: span) }
    return value
  }
}

// MARK: - Strings

extension Parser {
  /// The value of the string at the current token.
  mutating func string() -> String {
    let token = current
    advance()
    let (start, end) = (Int(token.start) + 1, Int(token.end) - 1)
    guard lexer.bytes[start..<end].contains(UInt8(ascii: "\\")) else { return lexer.text(start, end) }
    var value: [UInt8] = []
    var offset = start
    while offset < end {
      if lexer.bytes[offset] == UInt8(ascii: "\\") {
        value += escape(at: &offset, before: end).utf8
      } else {
        value.append(lexer.bytes[offset])
        offset += 1
      }
    }
    return String(decoding: value, as: UTF8.self)
  }

  /// What the escape at a backslash stands for; the offset moves behind it.
  private mutating func escape(at offset: inout Int, before end: Int) -> String {
    let start = offset
    let letter = lexer.bytes[offset + 1]
    let length = letter < 0x80 ? 1 : lexer.scalar(at: offset + 1).length
    offset += 1 + length
    switch letter {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "\\"), UInt8(ascii: "\""): return lexer.text(start + 1, offset)
    case UInt8(ascii: "u"):
      if let scalar = codePoint(at: &offset, before: end) { return String(scalar) }
    default: break
    }
    let span = SourceSpan(file: file, start: UInt32(start), end: UInt32(offset))
    report(.badEscape(lexer.text(start, offset)), at: span)
    return ""
  }

  /// `{1F600}`; the offset moves behind it also where no character has that number.
  private func codePoint(at offset: inout Int, before end: Int) -> Unicode.Scalar? {
    guard lexer.bytes[offset] == UInt8(ascii: "{") else { return nil }
    let start = offset + 1
    while offset < end, lexer.bytes[offset] != UInt8(ascii: "}") { offset += 1 }
    let digits = lexer.text(start, offset)
    guard offset < end else { return nil }
    offset += 1
    guard (1...8).contains(digits.utf8.count), !digits.hasPrefix("+"), !digits.hasPrefix("-") else { return nil }
    return UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
  }
}
