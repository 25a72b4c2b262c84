import FlowDiagnostics
import Testing

@Suite struct RendererTests {
  /// Renders a fault between two marks `|` of a text.
  private func rendered(
    _ marked: String, _ message: String = "rule", help: String? = nil, notes: [Diagnostic.Note] = []
  ) -> String {
    let parts = marked.split(separator: "|", omittingEmptySubsequences: false)
    var sources = SourceMap()
    let file = sources.add(SourceFile(name: "t.flow", text: parts.joined()))
    let start = UInt32(parts[0].utf8.count)
    let span = SourceSpan(file: file, start: start, end: start + UInt32(parts[1].utf8.count))
    let diagnostic = Diagnostic(id: "some-id", message, at: span, help: help, notes: notes)
    return DiagnosticRenderer(sources).render(diagnostic)
  }

  @Test func `a fault with a short suggestion`() {
    let text = "a = 1\n\n\n\n\n\np = |softmx|(logits)\n"
    #expect(
      rendered(text, "no operation named 'softmx'", help: "did you mean 'softmax'?") == """
        t.flow:7:5: error: no operation named 'softmx' [some-id]
          7 | p = softmx(logits)
            |     ^^^^^^ did you mean 'softmax'?

        """)
  }

  @Test func `a long suggestion has a line of its own`() {
    let help = String(repeating: "word ", count: 20)
    #expect(
      rendered("|x|", help: help) == """
        t.flow:1:1: error: rule [some-id]
          1 | x
            | ^
            = help: \(help)

        """)
  }

  @Test func `tabs, wide and combining characters keep the carets below their text`() {
    let text = rendered("\t値 = e\u{301} + |größe| * 2\r\nnext")
    #expect(
      text == """
        t.flow:1:11: error: rule [some-id]
          1 |     値 = e\u{301} + größe * 2
            |              ^^^^^

        """)
  }

  @Test func `a fault at the end of the text, of several lines, or in an empty one has at least one caret`() {
    #expect(rendered("x = 1 +||").hasSuffix("\n  1 | x = 1 +\n    |        ^\n"))
    #expect(rendered("x = |[1,\n2]|\n").hasSuffix("\n  1 | x = [1,\n    |     ^^^\n"))
    #expect(rendered("x\n||\ny").hasSuffix("t.flow:2:1: error: rule [some-id]\n  2 |\n    | ^\n"))
    #expect(rendered("x\n||").hasSuffix("t.flow:2:1: error: rule [some-id]\n  2 |\n    | ^\n"))
  }

  @Test func `control characters do not reach the terminal`() {
    #expect(!rendered("x = \u{1B}[31m |y| \u{202E}").dropFirst().contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
  }

  @Test func `of a long line what surrounds the fault is shown`() {
    let text = rendered(String(repeating: "a", count: 5000) + "|bcd|" + String(repeating: "e", count: 5000))
    let lines = text.split(separator: "\n")
    #expect(lines[0].hasPrefix("t.flow:1:5001: error"))
    #expect(lines[1].count < 200)
    let caret = lines[2].firstIndex(of: "^").map { lines[2].distance(from: lines[2].startIndex, to: $0) } ?? 0
    #expect(lines[1].dropFirst(caret).hasPrefix("bcdeee"))
  }

  @Test func `notes follow with their places`() {
    let note = Diagnostic.Note("opened here", at: SourceSpan(file: 0, start: 2, end: 3))
    #expect(rendered("a\nb|c|", notes: [note]).hasSuffix("^\nt.flow:2:1: note: opened here\n"))
  }

  @Test func `a fault without a place begins with the program's name`() {
    let fault = Diagnostic(.warning, id: "no-data", "there is no data", at: nil, help: "name some")
    let renderer = DiagnosticRenderer(SourceMap(), prefix: "tool")
    #expect(renderer.render(fault) == "tool: warning: there is no data [no-data]\n  help: name some\n")
  }

  @Test func `several are in the order of their places, none twice, and no more than twenty`() {
    var sources = SourceMap()
    let file = sources.add(SourceFile(name: "t.flow", text: String(repeating: "x\n", count: 30)))
    let all = (UInt32(0)..<30).reversed().flatMap { line in
      let span = SourceSpan(file: file, start: line * 2, end: line * 2 + 1)
      return [Diagnostic(id: "a", "rule", at: span), Diagnostic(id: "a", "rule", at: span)]
    }
    let text = DiagnosticRenderer(sources).render(Diagnostics(all))
    let heads = text.split(separator: "\n").filter { $0.hasPrefix("t.flow") }
    #expect(heads == (1...20).map { "t.flow:\($0):1: error: rule [a]" })
    #expect(text.hasSuffix("\nflowrun: 10 more messages not shown\n"))
  }

  @Test func `colours are only there when asked for`() {
    let fault = Diagnostic(id: "a", "rule", at: nil)
    #expect(DiagnosticRenderer(SourceMap(), coloured: true).render(fault).contains("\u{1B}[1;31merror\u{1B}[0m"))
    #expect(!DiagnosticRenderer(SourceMap()).render(fault).contains("\u{1B}"))
  }

  @Test func `a place is a line and a column of scalars`() {
    var sources = SourceMap()
    let file = sources.add(SourceFile(name: "t.flow", text: "a\r\n\té値b"))
    let place = sources.location(of: SourceSpan(file: file, start: 9, end: 10))
    #expect(place == SourceLocation(file: "t.flow", line: 2, column: 4))
    #expect(sources.location(of: SourceSpan(file: 7, start: 0, end: 0)) == nil)
  }
}
