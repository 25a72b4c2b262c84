import FlowDiagnostics

/// A program in which `⟦1⟧` marks a place.
struct MarkedText {
  /// The program without its marks.
  let text: String
  /// The UTF-8 offset of each mark.
  let marks: [Int: UInt32]

  init(_ marked: String) {
    var text = ""
    var marks: [Int: UInt32] = [:]
    var rest = Substring(marked)
    while let open = rest.firstIndex(of: "⟦"), let close = rest[open...].firstIndex(of: "⟧") {
      text += rest[..<open]
      if let number = Int(rest[rest.index(after: open)..<close]) { marks[number] = UInt32(text.utf8.count) }
      rest = rest[rest.index(after: close)...]
    }
    self.text = text + rest
    self.marks = marks
  }

  /// The mark at an offset, else the offset itself, for a person.
  func name(of span: SourceSpan?) -> String {
    guard let span else { return "nowhere" }
    guard span.file == 0 else { return "file \(span.file)" }
    return marks.first { $0.value == span.start }.map { "mark \($0.key)" } ?? "offset \(span.start)"
  }
}

/// A message that a program must get.
struct Expected {
  var mark: Int
  var message: String
  var fix: String?
  var id: String?
  var notes: [(mark: Int, message: String)] = []

  static func at(
    _ mark: Int, _ message: String, fix: String? = nil, id: String? = nil, notes: [(mark: Int, message: String)] = []
  ) -> Expected {
    Expected(mark: mark, message: message, fix: fix, id: id, notes: notes)
  }
}
