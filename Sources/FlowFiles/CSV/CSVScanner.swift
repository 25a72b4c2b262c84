/// Splits the bytes of a CSV text into records and fields.
///
/// - Source: RFC 4180, with lines that end in LF or CR LF, spaces around fields, and empty lines left out.
struct CSVScanner {
  struct Failure: Error {
    let reason: String
    let line: Int
  }

  private let bytes: [UInt8]
  private var position: Int
  private var recordStart = 0
  private var linesBeforeRecord = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// The fields of the next record, without quotes and the spaces around; nil at the end.
  mutating func next() throws(Failure) -> [ArraySlice<UInt8>]? {
    skipEmptyLines()
    guard position < bytes.count else { return nil }
    linesBeforeRecord += bytes[recordStart..<position].count { $0 == Self.newline }
    recordStart = position
    var fields: [ArraySlice<UInt8>] = []
    while true {
      let field = try field()
      guard field.count <= NumberText.maximumByteCount else {
        throw Failure(
          reason: "a field of \(field.count) bytes, more than \(NumberText.maximumByteCount)", line: line)
      }
      fields.append(field)
      guard position < bytes.count else { return fields }
      position += 1
      if bytes[position - 1] == Self.newline { return fields }
    }
  }

  /// Where the record taken last begins; the first line is 1.
  var line: Int { linesBeforeRecord + 1 }

  private static let newline = UInt8(ascii: "\n")
  private static let comma = UInt8(ascii: ",")
  private static let quote = UInt8(ascii: "\"")

  private mutating func skipEmptyLines() {
    while position < bytes.count, bytes[position] == Self.newline || bytes[position] == 0x0D { position += 1 }
  }

  /// Leaves the position at the comma or line's end behind the field.
  private mutating func field() throws(Failure) -> ArraySlice<UInt8> {
    while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    if position < bytes.count, bytes[position] == Self.quote { return try quotedField() }
    let start = position
    while position < bytes.count, bytes[position] != Self.comma, bytes[position] != Self.newline { position += 1 }
    return Self.trimmed(bytes[start..<position])
  }

  private mutating func quotedField() throws(Failure) -> ArraySlice<UInt8> {
    let start = position + 1
    var end = start
    while end < bytes.count, bytes[end] != Self.quote || (end + 1 < bytes.count && bytes[end + 1] == Self.quote) {
      end += bytes[end] == Self.quote ? 2 : 1
    }
    guard end < bytes.count else { throw Failure(reason: "a quote that does not end", line: line) }
    position = end + 1
    while position < bytes.count, bytes[position] != Self.comma, bytes[position] != Self.newline {
      guard [0x20, 0x09, 0x0D].contains(bytes[position]) else {
        throw Failure(reason: "a character between a quote's end and the comma", line: line)
      }
      position += 1
    }
    return bytes[start..<end]
  }

  private static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var field = field
    while let last = field.last, last == 0x20 || last == 0x09 || last == 0x0D { field = field.dropLast() }
    return field
  }
}
