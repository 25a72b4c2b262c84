import FlowDiagnostics

/// What the manual says of a definition of the prelude: its own comment, taken apart, and its text.
package struct PreludeEntry: Sendable {
  package let name: String
  /// The heading that it stands under: "activations".
  package let family: String
  /// How it is called: `dense(x, units: 1, bias: true)`.
  package let signature: String
  package let summary: String
  package let shapes: String?
  package let source: String?
  /// In declared order; without a default where a call must give it.
  package let arguments: [(name: String, standard: String?)]
  /// The definition alone, canonical.
  package let text: String
}

extension Prelude {
  /// Its definitions, in the order of the text.
  package static var entries: [PreludeEntry] {
    var family = ""
    return definitions.map { definition in
      var tree = Prelude.tree(file: 0)
      tree.statements = [definition.statement]
      let lines = format(tree).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let start = lines.firstIndex { $0.hasPrefix("def ") } ?? 0
      let comment = lines[..<start].split(separator: "").map { $0.map { String($0.drop { $0 == "#" || $0 == " " }) } }
      // A heading stands apart, and so does what is said below it.
      let isUnderHeading = lines[..<start].last != ""
      for heading in isUnderHeading ? comment.dropLast() : comment[...] { family = Self.family(heading) ?? family }
      return entry(
        definition.syntax, family, isUnderHeading ? comment.last ?? [] : [], lines[start...].joined(separator: "\n"))
    }
  }

  private static func entry(
    _ syntax: DefinitionSyntax, _ family: String, _ comment: [String], _ text: String
  ) -> PreludeEntry {
    let (shapes, source) = ("Shapes: ", "Source: ")
    let summary = comment.filter { !$0.hasPrefix(shapes) && !$0.hasPrefix(source) }.joined(separator: " ")
    let head = text.prefix { $0 != "{" }.dropFirst("def ".count).split { $0.isWhitespace }.joined(separator: " ")
    return PreludeEntry(
      name: syntax.name.text, family: family, signature: head, summary: summary,
      shapes: comment.first { $0.hasPrefix(shapes) }.map { String($0.dropFirst(shapes.count)) },
      source: comment.first { $0.hasPrefix(source) }.map { String($0.dropFirst(source.count)) },
      arguments: syntax.parameters.map { ($0.name.text, $0.standard.map(written)) },
      text: text.hasSuffix("\n") ? String(text.dropLast()) : text)
  }

  /// "Optimizers: called once ..." is of the family "optimizers"; a heading of several sentences without a colon names none.
  private static func family(_ heading: [String]) -> String? {
    guard let first = heading.first else { return nil }
    let name = first.prefix { $0 != ":" }
    return name.contains(".") ? nil : name.prefix(1).lowercased() + name.dropFirst()
  }

  private static func written(_ expression: Expression) -> String {
    let text = source.text.utf8
    let start = text.index(text.startIndex, offsetBy: Int(expression.span.start))
    return String(
      decoding: text[start..<text.index(text.startIndex, offsetBy: Int(expression.span.end))], as: UTF8.self)
  }
}
