package import FlowDiagnostics

/// What a tree wants that is not in it.
package struct Requests: Sendable {
  /// Files whose definitions are to be put in.
  package var imports: [Name] = []
  package var plugins: [Name] = []
}

extension SyntaxTree {
  /// The imports and plugins that the file names; the tensors it loads are known only when it is resolved.
  package var requests: Requests {
    statements.reduce(into: Requests()) { requests, statement in
      switch statement.kind {
      case .importFile(let path): requests.imports.append(Name(text: path, span: statement.span))
      case .plugin(let name): requests.plugins.append(Name(text: name, span: statement.span))
      default: break
      }
    }
  }

  /// The tree with each import replaced by what `statements` gives for its path.
  package func inlining(_ statements: (String) -> [Statement]) -> SyntaxTree {
    var tree = self
    tree.statements = self.statements.flatMap { statement -> [Statement] in
      guard case .importFile(let path) = statement.kind else { return [statement] }
      return statements(path)
    }
    return tree
  }

  /// What another file gets that imports this one: its consts and definitions. Others are reported.
  package func importable() -> (statements: [Statement], diagnostics: [Diagnostic]) {
    var kept: [Statement] = []
    var diagnostics: [Diagnostic] = []
    for statement in statements {
      switch statement.kind {
      case .constant, .define, .plugin: kept.append(statement)
      case .version, .importFile: break
      default:
        diagnostics.append(
          Diagnostic(
            id: "misplaced-statement", "an imported file holds const and def statements only", at: statement.span))
      }
    }
    return (kept, diagnostics)
  }
}
