package import FlowDiagnostics

/// The definitions shipped inside the program, written in the language itself.
package enum Prelude {
  package static let source = SourceFile(
    name: "prelude.flow", text: String(decoding: PackageResources.prelude_flow, as: UTF8.self))

  /// The prelude's statements; a mistake in them is a fault of the build, which a test finds.
  package static func tree(file: UInt32) -> SyntaxTree { parse(source.text, file: file).tree }

  /// The names of its definitions, sorted.
  package static var names: [String] { definitions.map(\.syntax.name.text).sorted() }

  /// In the order of the text.
  static var definitions: [(syntax: DefinitionSyntax, statement: Statement)] {
    tree(file: 0).statements.compactMap { statement in
      guard case .define(let syntax) = statement.kind else { return nil }
      return (syntax, statement)
    }
  }
}
