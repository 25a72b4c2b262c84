package import FlowDiagnostics

/// The definitions shipped inside the program, written in the language itself.
package enum Prelude {
  package static let source = SourceFile(
    name: "prelude.flow", text: String(decoding: PackageResources.prelude_flow, as: UTF8.self))

  /// The prelude's statements; a mistake in them is a fault of the build, which a test finds.
  package static func tree(file: UInt32) -> SyntaxTree { parse(source.text, file: file).tree }

  /// The names of its definitions, sorted.
  package static var names: [String] { definitions.map(\.name).sorted() }

  /// The text of a definition, canonical.
  package static func definition(named name: String) -> String? {
    definitions.first { $0.name == name }.map { definition in
      var tree = Prelude.tree(file: 0)
      tree.statements = [definition.statement]
      return withoutHeading(format(tree))
    }
  }

  /// A definition's own comment stands right above it; a heading has a blank line below.
  private static func withoutHeading(_ text: String) -> String {
    guard text.hasPrefix("#"), let start = text.firstRange(of: "\ndef "),
      let blank = text[..<start.upperBound].ranges(of: "\n\n").last
    else { return text }
    return String(text[blank.upperBound...])
  }

  /// How each is called: `dense(x, units: 1, bias: true)`, sorted by name.
  package static var signatures: [String] {
    names.compactMap { name in
      definition(named: name).flatMap { text in
        let lines = text.split(separator: "\n")
        return lines.first { $0.hasPrefix("def ") }.map { String($0.dropFirst(4).prefix { $0 != "{" }.dropLast()) }
      }
    }
  }

  private static var definitions: [(name: String, statement: Statement)] {
    tree(file: 0).statements.compactMap { statement in
      guard case .define(let syntax) = statement.kind else { return nil }
      return (syntax.name.text, statement)
    }
  }
}
