/// Writes diagnostics for people:
///
/// ```
/// digits.flow:7:5: error: no operation named 'softmx' [unknown-operation]
///   7 | p = softmx(logits)
///     |     ^^^^^^ did you mean 'softmax'?
/// ```
public struct DiagnosticRenderer: Sendable {
  private let sources: SourceMap
  private let style: Style
  private let prefix: String

  /// - Parameter prefix: What a diagnostic without a place begins with: the program's name.
  public init(_ sources: SourceMap, coloured: Bool = false, prefix: String = "flowrun") {
    self.sources = sources
    self.style = Style(isColoured: coloured)
    self.prefix = prefix
  }

  /// One diagnostic, ending with a line break.
  public func render(_ diagnostic: Diagnostic) -> String {
    var tables = Tables(sources)
    return render(diagnostic, &tables)
  }

  /// The first of several in the order of their places, and how many are left out.
  public func render(_ diagnostics: Diagnostics) -> String {
    var tables = Tables(sources)
    let ordered = diagnostics.inOrder
    let shown = ordered.prefix(Diagnostics.limit).map { render($0, &tables) }.joined()
    let rest = ordered.count - Diagnostics.limit
    return rest > 0 ? shown + "\(prefix): \(rest) more \(rest == 1 ? "message" : "messages") not shown\n" : shown
  }
}

extension DiagnosticRenderer {
  private func render(_ diagnostic: Diagnostic, _ tables: inout Tables) -> String {
    let severity = style.severity(diagnostic.severity)
    var text = style.strong(place(diagnostic.span, &tables) + ": ") + severity + ": "
    text += style.strong(DisplayText.lines(diagnostic.message)) + " [\(diagnostic.id)]\n"
    text += excerpt(diagnostic, &tables) ?? diagnostic.help.map { "  help: \($0)\n" } ?? ""
    return diagnostic.notes.reduce(text) { $0 + render($1, &tables) }
  }

  private func render(_ note: Diagnostic.Note, _ tables: inout Tables) -> String {
    style.strong(place(note.span, &tables) + ": ") + style.severity(.note) + ": \(DisplayText.lines(note.message))\n"
  }

  /// `file:line:column`, or the program's name.
  private func place(_ span: SourceSpan?, _ tables: inout Tables) -> String {
    guard let span, let file = sources.file(span.file), let table = tables[span.file] else { return prefix }
    let position = table.position(of: Int(span.start))
    return "\(file.name):\(position.line):\(position.column)"
  }

  /// The source line and the carets, with the help behind them or, where it is long, below.
  private func excerpt(_ diagnostic: Diagnostic, _ tables: inout Tables) -> String? {
    guard let span = diagnostic.span, let table = tables[span.file] else { return nil }
    let (content, start) = table.line(around: Int(span.start))
    let count = table.count(from: Int(span.start), to: min(Int(span.end), Int(span.start) + content.count * 4))
    let excerpt = SourceExcerpt(content, start: start, count: count)
    let number = String(table.position(of: Int(span.start)).line)
    let margin = String(repeating: " ", count: number.count + 2)
    let carets = style.mark(String(repeating: "^", count: excerpt.carets), diagnostic.severity)
    var text = style.faint("  \(number) |") + (excerpt.line.isEmpty ? "" : " " + excerpt.line) + "\n"
    text += style.faint(margin + " |") + String(repeating: " ", count: excerpt.indent + 1) + carets
    guard let help = diagnostic.help else { return text + "\n" }
    let isShort = excerpt.indent + excerpt.carets + help.count <= 90 && !help.contains("\n")
    return text + (isShort ? " \(help)\n" : "\n" + style.faint(margin + " =") + " help: \(help)\n")
  }
}

// MARK: - Helpers

extension DiagnosticRenderer {
  /// The line tables of the texts that were asked for, each made once.
  private struct Tables {
    private let sources: SourceMap
    private var made: [UInt32: LineTable] = [:]

    init(_ sources: SourceMap) { self.sources = sources }

    subscript(number: UInt32) -> LineTable? {
      mutating get {
        if let table = made[number] { return table }
        guard let file = sources.file(number) else { return nil }
        let table = LineTable(file.text)
        made[number] = table
        return table
      }
    }
  }

  /// The terminal's colours, or none.
  private struct Style {
    var isColoured: Bool

    func strong(_ text: String) -> String { wrap(text, "1") }
    func faint(_ text: String) -> String { wrap(text, "2") }
    func mark(_ text: String, _ severity: Diagnostic.Severity) -> String { wrap(text, code(severity)) }
    func severity(_ severity: Diagnostic.Severity) -> String { wrap(severity.rawValue, code(severity)) }

    private func code(_ severity: Diagnostic.Severity) -> String {
      switch severity {
      case .error: "1;31"
      case .warning: "1;33"
      case .note: "1;36"
      }
    }

    private func wrap(_ text: String, _ code: String) -> String {
      isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
  }
}
