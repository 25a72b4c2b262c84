/// Where the lines of a text begin, so that an offset is turned into a line and a column without reading the text again.
package struct LineTable: Sendable {
  private let text: String
  /// The UTF-8 offset of each line's first character.
  private let starts: [Int]
  /// How many scalars stand before every 256th byte, so that long lines are not counted through again and again.
  private let marks: [Int]

  package init(_ text: String) {
    self.text = text
    var (starts, marks) = ([0], [Int]())
    var (offset, scalars) = (0, 0)
    for byte in text.utf8 {
      if offset % Self.stride == 0 { marks.append(scalars) }
      offset += 1
      if byte & 0xC0 != 0x80 { scalars += 1 }
      if byte == UInt8(ascii: "\n") { starts.append(offset) }
    }
    (self.starts, self.marks) = (starts, marks)
  }

  /// The line and the column of a UTF-8 offset, both from 1. Columns count Unicode scalars; a tab is one.
  package func position(of offset: Int) -> (line: Int, column: Int) {
    let line = index(of: offset)
    return (line + 1, count(from: starts[line], to: offset) + 1)
  }

  /// The line of an offset, without its line break, and where the offset stands in it, in scalars from 0.
  func line(around offset: Int) -> (content: [Unicode.Scalar], offset: Int) {
    let line = index(of: offset)
    let end = line + 1 < starts.count ? starts[line + 1] : text.utf8.count
    var content = scalars(from: starts[line], to: end)
    if content.last == "\n" { content.removeLast() }
    if content.last == "\r" { content.removeLast() }
    return (content, min(content.count, count(from: starts[line], to: offset)))
  }

  /// How many scalars stand between two offsets.
  func count(from start: Int, to end: Int) -> Int { max(0, count(before: end) - count(before: start)) }

  private static let stride = 256

  private func count(before offset: Int) -> Int {
    guard let last = marks.indices.last else { return 0 }
    let mark = min(max(offset, 0) / Self.stride, last)
    return bytes(from: mark * Self.stride, to: offset).reduce(marks[mark]) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
  }

  private func scalars(from start: Int, to end: Int) -> [Unicode.Scalar] {
    Array(String(decoding: bytes(from: start, to: end), as: UTF8.self).unicodeScalars)
  }

  private func bytes(from start: Int, to end: Int) -> Substring.UTF8View {
    let utf8 = text.utf8
    let last = min(max(end, 0), utf8.count)
    let first = min(max(start, 0), last)
    return utf8[utf8.index(utf8.startIndex, offsetBy: first)..<utf8.index(utf8.startIndex, offsetBy: last)]
  }

  /// The last line that begins at or before an offset.
  private func index(of offset: Int) -> Int {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }
}
