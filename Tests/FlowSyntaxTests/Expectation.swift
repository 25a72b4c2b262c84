import FlowDiagnostics
import Testing

@testable import FlowLanguage

/// What is said about a marked place of a text.
struct Expected {
  var mark: Int
  var id: String
  var message: String
  var fix: String?

  static func at(_ mark: Int, _ id: String, _ message: String, fix: String? = nil) -> Expected {
    Expected(mark: mark, id: id, message: message, fix: fix)
  }
}

/// Parses a text in which `⟦1⟧`, `⟦2⟧` mark places, and compares everything that is said about it.
func assertDiagnoses(
  _ marked: String, _ expected: [Expected], _ location: SourceLocation = #_sourceLocation
) {
  let (text, places) = unmark(marked)
  let found = Diagnostics(parse(text, file: 0).diagnostics).inOrder
  let said = found.map { "\($0.span?.start ?? 0) [\($0.id)] \($0.message) | \($0.help ?? "-")" }
  let wanted = expected.map { "\(places[$0.mark] ?? 0) [\($0.id)] \($0.message) | \($0.fix ?? "-")" }
  #expect(said == wanted, "\(marked)", sourceLocation: location)
}

/// Parses a text that has no faults.
func sound(_ text: String, _ location: SourceLocation = #_sourceLocation) -> SyntaxTree {
  let (tree, diagnostics) = parse(text, file: 0)
  #expect(diagnostics.map(\.message) == [], "\(text.prefix(2000))", sourceLocation: location)
  return tree
}

typealias SourceLocation = Testing.SourceLocation

private func unmark(_ marked: String) -> (text: String, places: [Int: UInt32]) {
  var text = ""
  var places: [Int: UInt32] = [:]
  for (index, part) in marked.split(separator: "⟦", omittingEmptySubsequences: false).enumerated() {
    let pieces = part.split(separator: "⟧", maxSplits: 1, omittingEmptySubsequences: false)
    if index > 0, let mark = Int(pieces[0]) { places[mark] = UInt32(text.utf8.count) }
    text += pieces.last ?? ""
  }
  return (text, places)
}
