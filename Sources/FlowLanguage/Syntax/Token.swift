/// One word or sign of the text. Line breaks are no tokens: a token knows whether it begins a line.
struct Token: Sendable {
  enum Kind: Sendable {
    case end, lineEnd, invalid
    case name, whole, real, string, dtype
    case parenOpen, parenClose, bracketOpen, bracketClose, braceOpen, braceClose
    case comma, colon, assign
    case plus, minus, star, power, slash, percent, matmul
    case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
    case flow, `import`, plugin, const, input, param, state, update, output, def, `return`, `repeat`, `as`, `if`, `else`
    case train, and, or, not, `true`, `false`, inf, nan
  }

  var kind: Kind
  /// Whether a line break stands between this token and the one before it.
  var startsLine: Bool
  /// Whether an empty line stands directly above, below any comment.
  var afterBlank: Bool
  var start: UInt32
  var end: UInt32
}

/// A comment of the text, without its line break.
struct Comment: Sendable {
  var start: Int
  var end: Int
  /// Whether it has a line of its own.
  var startsLine: Bool
  var afterBlank: Bool
  /// The index of the token that follows it.
  var next: Int
}

extension Token.Kind {
  /// The reserved words, which are also how a message names them.
  static let words: [(String, Token.Kind)] = [
    ("flow", .flow), ("import", .import), ("plugin", .plugin), ("const", .const), ("input", .input),
    ("param", .param), ("state", .state), ("update", .update), ("output", .output), ("def", .def),
    ("return", .return), ("repeat", .repeat), ("as", .as), ("if", .if), ("else", .else), ("train", .train),
    ("and", .and), ("or", .or), ("not", .not), ("true", .true), ("false", .false), ("inf", .inf), ("nan", .nan),
    ("f64", .dtype), ("f32", .dtype), ("f16", .dtype), ("bf16", .dtype), ("i64", .dtype), ("i32", .dtype),
    ("i16", .dtype), ("i8", .dtype), ("u8", .dtype), ("bool", .dtype),
  ]

  /// No reserved word is longer, so that each fits a key of eight bytes.
  static let longestWord = 6

  private static let wordsByKey = [UInt64: Token.Kind](
    words.map { word, kind in (word.utf8.reduce(0) { $0 << 8 | UInt64($1) }, kind) }, uniquingKeysWith: { $1 })

  /// What a word of the text is, by its bytes packed into a number.
  static func ofWord(key: UInt64) -> Token.Kind { wordsByKey[key] ?? .name }

  /// A word that is reserved as a name, but not as a label.
  var isReserved: Bool {
    switch self {
    case .dtype, .flow, .import, .plugin, .const, .input, .param, .state, .update, .output, .def, .return, .repeat,
      .as, .if, .else, .train, .and, .or, .not, .true, .false, .inf, .nan:
      true
    case .end, .lineEnd, .invalid, .name, .whole, .real, .string, .parenOpen, .parenClose, .bracketOpen,
      .bracketClose, .braceOpen, .braceClose, .comma, .colon, .assign, .plus, .minus, .star, .power, .slash,
      .percent, .matmul, .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual:
      false
    }
  }

  /// Whether the word can only stand at the start of a statement.
  var beginsStatement: Bool {
    switch self {
    case .flow, .import, .plugin, .const, .input, .param, .state, .update, .output, .def, .return, .repeat, .if,
      .train:
      true
    default: false
    }
  }
}
