/// What a message says: the stable name, the rule, and a suggestion.
struct Wording: Equatable {
  var id: String
  var message: String
  var help: String?
}

extension SyntaxFault {
  /// The wording of each fault, sorted by its case.
  var wording: Wording {
    switch self {
    case .badEscape(let text):
      Wording(id: "bad-escape", message: "no escape '\(text)'", help: #"the escapes are \" \\ \n \t \u{...}"#)
    case .badNumber(let text):
      Wording(id: "bad-number", message: "no number is written '\(text)'", help: Self.numberHelp(text))
    case .badSegment(let text):
      Wording(id: "bad-name", message: "a name or a whole number follows a point, not '\(text)'")
    case .comparisonChain:
      Wording(id: "comparison-chain", message: "comparisons do not chain", help: "join two with 'and'")
    case .discardedName:
      Wording(id: "discarded-name", message: "'_' discards a result and has no value", help: "give the result a name")
    case .dottedName(let text, let role):
      Wording(id: "bad-name", message: "the name of \(role) has no points: '\(text)'")
    case .elseOnNewLine:
      Wording(id: "misplaced-statement", message: "'else' stands on the line of the '}' before it")
    case .expected(let what, let found, let help):
      Wording(id: "expected-token", message: "expected \(what), found \(found)", help: help)
    case .fileTooLarge:
      Wording(
        id: "file-limit", message: "a file holds at most 16 MiB", help: "keep data in files of its own: load(...)")
    case .invalidText:
      Wording(id: "invalid-utf8", message: "the file is not UTF-8 from here on", help: "save it as UTF-8")
    case .misplaced(let statement, let allowed):
      Wording(id: "misplaced-statement", message: "'\(statement)' stands only \(allowed)")
    case .missingBrace(let found):
      Wording(id: "expected-token", message: "expected '}', found \(found)", help: "the block above is not closed")
    case .nestingLimit:
      Wording(
        id: "nesting-limit", message: "nested deeper than \(SyntaxLimits.nesting) levels",
        help: "give an inner value a name")
    case .numberRange(let text):
      Wording(id: "number-range", message: "'\(text)' is out of range", help: Self.rangeHelp(text))
    case .positionalAfterLabel:
      Wording(
        id: "positional-after-label", message: "labelled arguments come last", help: "move this before the first label")
    case .reservedWord(let word):
      Wording(id: "reserved-word", message: "'\(word)' is reserved", help: "choose another name, such as '\(word)_'")
    case .secondStatement:
      Wording(id: "expected-newline", message: "one statement a line", help: "begin a new line here")
    case .strayBrace:
      Wording(id: "unexpected-brace", message: "'}' closes no block")
    case .unknownCharacter(let scalar):
      Wording(
        id: "unknown-character", message: "no use for \(Self.described(scalar)) here", help: Self.instead(of: scalar))
    case .unsupportedVersion(let version):
      Wording(
        id: "unsupported-version", message: "no version \(version) of the format", help: "this program reads 'flow 1'")
    case .unterminatedString:
      Wording(
        id: "unterminated-string", message: "a string ends on the line where it begins",
        help: #"close it with '"'; a line break is '\n'"#)
    }
  }

  private static func numberHelp(_ text: String) -> String {
    if text.hasPrefix(".") { return "digits on both sides of the point: '0\(text)'" }
    if text.hasSuffix(".") { return "digits on both sides of the point: '\(text)0'" }
    return "numbers are 3, 1_000, 2.5, 1e-3; a name begins with a letter"
  }

  private static func rangeHelp(_ text: String) -> String {
    text.contains(where: { ".eE".contains($0) })
      ? "the largest real is 1.7976931348623157e308" : "the largest whole number is \(Int.max)"
  }

  private static func described(_ scalar: Unicode.Scalar) -> String {
    let isShown = scalar.value > 0x20 && scalar.value != 0x7F && !(0x80..<0xA0).contains(scalar.value)
    let code = "U+" + String(repeating: "0", count: max(0, 4 - hex(scalar).count)) + hex(scalar)
    return isShown && scalar.properties.generalCategory != .format ? "'\(scalar)'" : "the character \(code)"
  }

  private static func hex(_ scalar: Unicode.Scalar) -> String { String(scalar.value, radix: 16, uppercase: true) }

  private static func instead(of scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case ";": "a line break ends a statement"
    case "'", "`", "“", "”", "‘", "’", "«", "»": #"strings are written "...""#
    case "!": "'not' negates, '!=' compares"
    case "&": "did you mean 'and'?"
    case "|": "did you mean 'or'?"
    case "^": "a power is '**'"
    case "−", "–", "—": "did you mean '-'?"
    case "×", "·": "did you mean '*'?"
    case "\\": "a line goes on after an operator or a comma, and inside brackets"
    case ".": "a point stands inside a name or a number; give the value a name first"
    case "\r": "lines end with LF or CRLF"
    case "\u{A0}": "use a plain space"
    default: nil
    }
  }
}
