import FlowDiagnostics

/// Cuts a text into tokens and comments. It never stops: what it cannot read becomes an `invalid` token and a fault.
struct Lexer {
  /// The text and two zero bytes, so that looking ahead needs no test.
  let bytes: [UInt8]
  let count: Int
  var position = 0
  var tokens: [Token] = []
  var comments: [Comment] = []
  var faults: [(fault: SyntaxFault, start: Int, end: Int)] = []
  private var startsLine = true
  private var lineBreaks = 1
  /// Whether the line already has a character without use; of a line only the first is reported.
  private var isLineFaulty = false

  init(_ text: String) {
    var bytes = Array(text.utf8)
    count = bytes.count
    bytes.append(0)
    bytes.append(0)
    self.bytes = bytes
    tokens.reserveCapacity(count / 4 + 1)
  }

  /// Reads the whole text. The last token is always `end`.
  mutating func scan() {
    while true {
      skipSpace()
      guard position < count else { break }
      token()
    }
    emit(.end, from: count)
  }

  func text(_ start: Int, _ end: Int) -> String { String(decoding: bytes[start..<end], as: UTF8.self) }

  mutating func emit(_ kind: Token.Kind, from start: Int) {
    tokens.append(
      Token(
        kind: kind, startsLine: startsLine, afterBlank: lineBreaks > 1, start: UInt32(start), end: UInt32(position)))
    startsLine = false
    lineBreaks = 0
  }

  mutating func report(_ fault: SyntaxFault, from start: Int) {
    faults.append((fault, start, position))
  }
}

// MARK: - Between tokens

extension Lexer {
  private mutating func skipSpace() {
    while position < count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"): position += 1
      case UInt8(ascii: "\n"): breakLine(1)
      case UInt8(ascii: "\r") where bytes[position + 1] == UInt8(ascii: "\n"): breakLine(2)
      case UInt8(ascii: "#"): comment()
      default: return
      }
    }
  }

  private mutating func breakLine(_ length: Int) {
    position += length
    startsLine = true
    isLineFaulty = false
    lineBreaks += 1
  }

  private mutating func comment() {
    let start = position
    while position < count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    var end = position
    while [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")].contains(bytes[end - 1]) { end -= 1 }
    comments.append(
      Comment(start: start, end: end, startsLine: startsLine, afterBlank: lineBreaks > 1, next: tokens.count))
    lineBreaks = 0
  }
}

// MARK: - Tokens

extension Lexer {
  private mutating func token() {
    let byte = bytes[position]
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): word()
    case UInt8(ascii: "0")...UInt8(ascii: "9"): number()
    case UInt8(ascii: "."): point()
    case UInt8(ascii: "\""): string()
    case 0x80...: if nameLength(at: position, first: true) > 0 { word() } else { unknown() }
    default: sign(byte)
    }
  }

  private mutating func sign(_ byte: UInt8) {
    let followedByEqual = bytes[position + 1] == UInt8(ascii: "=")
    switch byte {
    case UInt8(ascii: "("): sign(.parenOpen)
    case UInt8(ascii: ")"): sign(.parenClose)
    case UInt8(ascii: "["): sign(.bracketOpen)
    case UInt8(ascii: "]"): sign(.bracketClose)
    case UInt8(ascii: "{"): sign(.braceOpen)
    case UInt8(ascii: "}"): sign(.braceClose)
    case UInt8(ascii: ","): sign(.comma)
    case UInt8(ascii: ":"): sign(.colon)
    case UInt8(ascii: "+"): sign(.plus)
    case UInt8(ascii: "-"): sign(.minus)
    case UInt8(ascii: "*"): if bytes[position + 1] == byte { sign(.power, length: 2) } else { sign(.star) }
    case UInt8(ascii: "/"): sign(.slash)
    case UInt8(ascii: "%"): sign(.percent)
    case UInt8(ascii: "@"): sign(.matmul)
    case UInt8(ascii: "="): if followedByEqual { sign(.equal, length: 2) } else { sign(.assign) }
    case UInt8(ascii: "<"): if followedByEqual { sign(.lessOrEqual, length: 2) } else { sign(.less) }
    case UInt8(ascii: ">"): if followedByEqual { sign(.greaterOrEqual, length: 2) } else { sign(.greater) }
    case UInt8(ascii: "!") where followedByEqual: sign(.notEqual, length: 2)
    default: unknown()
    }
  }

  private mutating func sign(_ kind: Token.Kind, length: Int = 1) {
    let start = position
    position += length
    emit(kind, from: start)
  }

  private mutating func unknown() {
    let start = position
    let (scalar, length) = scalar(at: start)
    position += length
    if !isLineFaulty { report(.unknownCharacter(scalar), from: start) }
    isLineFaulty = true
    emit(.invalid, from: start)
  }

  /// To the closing quote. Escapes are read by the parser; here they only hide a quote.
  private mutating func string() {
    let start = position
    position += 1
    while position < count, bytes[position] != UInt8(ascii: "\n") {
      let byte = bytes[position]
      position += byte == UInt8(ascii: "\\") && position + 1 < count && bytes[position + 1] != 0x0A ? 2 : 1
      if byte == UInt8(ascii: "\"") { return emit(.string, from: start) }
    }
    if bytes[position - 1] == UInt8(ascii: "\r") { position -= 1 }
    faults.append((.unterminatedString, start, start + 1))
    emit(.invalid, from: start)
  }
}
