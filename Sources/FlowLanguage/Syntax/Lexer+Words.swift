// Names and numbers.

extension Lexer {
  /// A name with what follows its points, `h.0.w`, or a reserved word.
  mutating func word() {
    let start = position
    skipName()
    let kind = wordKind(from: start)
    guard kind == .name else { return emit(kind, from: start) }
    while bytes[position] == UInt8(ascii: "."), nameLength(at: position + 1, first: false) > 0 { segment() }
    emit(.name, from: start)
  }

  /// What follows a point: a name, a reserved word, or a whole number.
  private mutating func segment() {
    position += 1
    let start = position
    let isNumber = isDigit(bytes[position])
    skipName()
    if isNumber, !bytes[start..<position].allSatisfy(isDigit) {
      report(.badSegment(text(start, position)), from: start)
    }
  }

  private mutating func skipName() {
    while true {
      let length = nameLength(at: position, first: false)
      guard length > 0 else { return }
      position += length
    }
  }

  private func wordKind(from start: Int) -> Token.Kind {
    guard position - start <= Token.Kind.longestWord else { return .name }
    var key: UInt64 = 0
    for byte in bytes[start..<position] { key = key << 8 | UInt64(byte) }
    return Token.Kind.ofWord(key: key)
  }

  /// The length in bytes of the character there if it can be part of a name, else 0.
  func nameLength(at offset: Int, first: Bool) -> Int {
    let byte = bytes[offset]
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): return 1
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return first ? 0 : 1
    case 0x80...:
      let (scalar, length) = scalar(at: offset)
      return (first ? scalar.properties.isXIDStart : scalar.properties.isXIDContinue) ? length : 0
    default: return 0
    }
  }

  func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  /// The Unicode scalar that begins at an offset of the text, which is valid UTF-8.
  func scalar(at offset: Int) -> (Unicode.Scalar, length: Int) {
    let lead = bytes[offset]
    let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    var value = length == 1 ? UInt32(lead) : UInt32(lead & (0x7F >> UInt8(length)))
    for byte in bytes[(offset + 1)..<min(offset + length, count)] { value = value << 6 | UInt32(byte & 0x3F) }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
  }
}

extension Lexer {
  mutating func number() {
    let start = position
    skipDigits()
    var isReal = false
    if bytes[position] == UInt8(ascii: "."), isDigit(bytes[position + 1]) {
      isReal = true
      position += 1
      skipDigits()
    }
    if let exponent = exponentLength() {
      isReal = true
      position += exponent
      skipDigits()
    }
    finish(isReal ? .real : .whole, from: start)
  }

  /// A point that follows no name: `.5`, or a stray one.
  mutating func point() {
    let start = position
    position += 1
    guard isDigit(bytes[position]) else {
      report(.unknownCharacter("."), from: start)
      return emit(.invalid, from: start)
    }
    finish(.real, from: start)
  }

  /// Ends a number where it does end; if a name or a further point goes on, all of it is one malformed number.
  private mutating func finish(_ kind: Token.Kind, from start: Int) {
    let end = position
    let begunWithPoint = bytes[start] == UInt8(ascii: ".")
    while bytes[position] == UInt8(ascii: ".") || nameLength(at: position, first: false) > 0 {
      position += max(1, nameLength(at: position, first: false))
    }
    guard begunWithPoint || end != position || hasLooseUnderscore(start, end) else { return emit(kind, from: start) }
    report(.badNumber(text(start, position)), from: start)
    emit(.invalid, from: start)
  }

  /// Digits and the underscores between them.
  private mutating func skipDigits() {
    while isDigit(bytes[position]) || bytes[position] == UInt8(ascii: "_") { position += 1 }
  }

  /// The length of `e`, `e+` or `e-` where digits follow.
  private func exponentLength() -> Int? {
    guard bytes[position] | 0x20 == UInt8(ascii: "e") else { return nil }
    let signed = bytes[position + 1] == UInt8(ascii: "-") || bytes[position + 1] == UInt8(ascii: "+")
    let length = signed ? 2 : 1
    return position + length < count && isDigit(bytes[position + length]) ? length : nil
  }

  /// Whether an underscore stands elsewhere than between two digits.
  private func hasLooseUnderscore(_ start: Int, _ end: Int) -> Bool {
    (start..<end).contains {
      bytes[$0] == UInt8(ascii: "_") && !(isDigit(bytes[$0 - 1]) && isDigit(bytes[$0 + 1]))
    }
  }
}
