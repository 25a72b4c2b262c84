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
      return format(tree)
    }
  }

  private static var definitions: [(name: String, statement: Statement)] {
    tree(file: 0).statements.compactMap { statement in
      guard case .define(let syntax) = statement.kind else { return nil }
      return (syntax.name.text, statement)
    }
  }
}
