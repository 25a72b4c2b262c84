/// Walks over the bytes of a JSON text.
struct JSONScanner {
  /// What is wrong, and in which line.
  struct Failure: Error {
    let reason: String
    let line: Int
  }

  static let maximumDepth = 64

  let bytes: ArraySlice<UInt8>
  var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// The next byte that is not white space; nil at the end.
  mutating func peek() -> UInt8? {
    while position < bytes.endIndex, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    return position < bytes.endIndex ? bytes[position] : nil
  }

  /// Steps over a byte where it comes next.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
    guard take(character) else { throw unexpected("'\(character)'") }
  }

  mutating func expectEnd() throws(Failure) {
    guard peek() == nil else { throw unexpected("the end") }
  }

  /// Calls `body` before each element of a list that begins here, up to its close.
  mutating func list(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONScanner) throws(Failure) -> Void
  ) throws(Failure) {
    try expect(open)
    if take(close) { return }
    repeat { try body(&self) } while take(",")
    guard take(close) else { throw unexpected("',' or '\(close)'") }
  }

  /// A number or a bare word, or what is between the quotes of a string without escapes: `0.5`, `true`, `"nan"`.
  mutating func scalar() throws(Failure) -> ArraySlice<UInt8> {
    if peek() == UInt8(ascii: "\"") {
      let text = try rawString()
      return text
    }
    let start = position
    while position < bytes.endIndex, Self.isPartOfScalar(bytes[position]) { position += 1 }
    guard position > start else { throw unexpected("a number") }
    return bytes[start..<position]
  }

  mutating func string() throws(Failure) -> String {
    let start = position
    let raw = try rawString()
    guard let text = Self.unescaped(raw) else {
      position = start
      throw failure("a string that is not valid")
    }
    return text
  }

  /// Steps over one value of any kind.
  mutating func skipValue(depth: Int = 0) throws(Failure) {
    guard depth < Self.maximumDepth else { throw failure("lists are nested more than \(Self.maximumDepth) deep") }
    switch peek() {
    case UInt8(ascii: "["): try list("[", "]") { scanner throws(Failure) in try scanner.skipValue(depth: depth + 1) }
    case UInt8(ascii: "{"):
      try list("{", "}") { scanner throws(Failure) in
        _ = try scanner.rawString()
        try scanner.expect(":")
        try scanner.skipValue(depth: depth + 1)
      }
    default: _ = try scalar()
    }
  }

  func failure(_ reason: String) -> Failure {
    Failure(reason: reason, line: 1 + bytes[..<min(position, bytes.endIndex)].count { $0 == 0x0A })
  }

  private mutating func unexpected(_ wanted: String) -> Failure {
    guard let byte = peek() else { return failure("expected \(wanted), but the text ends") }
    let shown = byte > 0x20 && byte < 0x7F ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)"
    return failure("expected \(wanted), not \(shown)")
  }

  /// What is between the quotes, as it stands.
  private mutating func rawString() throws(Failure) -> ArraySlice<UInt8> {
    try expect("\"")
    let start = position
    while position < bytes.endIndex, bytes[position] != UInt8(ascii: "\"") {
      position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard position < bytes.endIndex else {
      position = start
      throw failure("a string that does not end")
    }
    defer { position += 1 }
    return bytes[start..<position]
  }

  private static func isPartOfScalar(_ byte: UInt8) -> Bool {
    NumberText.isDigit(byte) || "+-.".utf8.contains(byte) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
  }

  /// Nil where an escape or the UTF-8 is not valid.
  private static func unescaped(_ raw: ArraySlice<UInt8>) -> String? {
    var units: [UInt8] = []
    var position = raw.startIndex
    while position < raw.endIndex {
      guard raw[position] == UInt8(ascii: "\\") else {
        units.append(raw[position])
        position += 1
        continue
      }
      guard let (scalar, length) = escape(raw[(position + 1)...]) else { return nil }
      units += Array(String(scalar).utf8)
      position += 1 + length
    }
    return String(validating: units, as: UTF8.self)
  }

  /// The character that an escape stands for, and the bytes it takes behind the backslash.
  private static func escape(_ raw: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
    let simple: [UInt8: Unicode.Scalar] = [
      0x22: "\"", 0x5C: "\\", 0x2F: "/", 0x62: "\u{8}", 0x66: "\u{C}", 0x6E: "\n", 0x72: "\r", 0x74: "\t",
    ]
    guard let first = raw.first else { return nil }
    if let scalar = simple[first] { return (scalar, 1) }
    guard first == UInt8(ascii: "u"), let high = codeUnit(raw.dropFirst()) else { return nil }
    if let scalar = Unicode.Scalar(high) { return (scalar, 5) }
    let rest = raw.dropFirst(5)
    guard high < 0xDC00, rest.starts(with: Array("\\u".utf8)), let low = codeUnit(rest.dropFirst(2)),
      low >= 0xDC00, low < 0xE000
    else { return nil }
    return Unicode.Scalar(0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00)).map { ($0, 11) }
  }

  private static func codeUnit(_ raw: ArraySlice<UInt8>) -> UInt16? {
    let digits = raw.prefix(4)
    guard digits.count == 4, !digits.contains(UInt8(ascii: "+")), !digits.contains(UInt8(ascii: "-")) else {
      return nil
    }
    return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
