package import FlowDiagnostics
package import FlowGraph
package import FlowTensor

/// A tensor that a file of the user's holds.
package struct LoadedTensor: Sendable {
  package var tensor: Tensor
  package init(_ tensor: Tensor) { self.tensor = tensor }
}

/// Why a file of the user's cannot be read, in the words of whoever tried.
package struct LoadFailure: Error, Sendable {
  package var message: String
  package var help: String?
  package init(_ message: String, help: String? = nil) {
    self.message = message
    self.help = help
  }
}

/// What resolving a file came to.
package enum Resolution: Sendable {
  case program(Program)
  /// The file reads tensors: fetch them and resolve again.
  case wants([FileRequest])
  case failed([Diagnostic])
}

/// Turns syntax into a graph. Nothing is read from outside: what the file wants of others is asked for and passed in.
///
/// - Parameters:
///   - tree: the user's file, imports put in.
///   - prelude: the definitions shipped with the program.
///   - files: tensors for `load`, as far as they were asked for.
package func resolve(
  _ tree: SyntaxTree, prelude: SyntaxTree, registry: Registry, mainFile: UInt32 = 0,
  files: [FileRequest: Result<LoadedTensor, LoadFailure>] = [:], options: ResolveOptions = ResolveOptions()
) -> Resolution {
  let environment = Environment(
    registry: registry, prelude: definitions(in: prelude, isPrelude: true),
    user: definitions(in: tree, isPrelude: false),
    preludeConstants: [:], userConstants: [:], options: options, mainFile: mainFile, files: files)
  let resolver = Resolver(environment, GraphBuilder(registry: registry))
  resolver.resolveFile(tree)
  let errors = resolver.diagnostics.filter { $0.severity == .error }
  if !resolver.wanted.isEmpty { return .wants(resolver.wanted) }
  guard errors.isEmpty else { return .failed(errors) }
  return .program(
    Program(graph: resolver.builder.graph, training: resolver.training, diagnostics: resolver.diagnostics))
}

private func definitions(in tree: SyntaxTree, isPrelude: Bool) -> [String: DefinitionRecord] {
  var records: [String: DefinitionRecord] = [:]
  for statement in tree.statements {
    guard case .define(let syntax) = statement.kind, records[syntax.name.text] == nil else { continue }
    records[syntax.name.text] = DefinitionRecord(syntax, isPrelude: isPrelude)
  }
  return records
}
