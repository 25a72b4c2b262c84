import FlowGraph

/// What every scope of a file can look up: definitions, the file's constants, operations.
struct Environment: Sendable {
  let registry: Registry
  let prelude: [String: DefinitionRecord]
  let user: [String: DefinitionRecord]
  let preludeConstants: [String: Item]
  var userConstants: [String: Item]
  let options: ResolveOptions
  /// The text of the user's own file: where mistakes are reported.
  let mainFile: UInt32
  /// The tensors that `load` may give.
  let files: [FileRequest: Result<LoadedTensor, LoadFailure>]

  /// A name before `(`, or given as an attribute, as a definition of the user's or the prelude's sees it.
  func callable(_ name: String, inPrelude: Bool) -> Callable? {
    if !inPrelude, let record = user[name] { return .definition(record) }
    if let record = prelude[name] { return .definition(record) }
    return registry[name].map(Callable.operation)
  }

  func constant(_ name: String, inPrelude: Bool) -> Item? {
    inPrelude ? preludeConstants[name] : userConstants[name]
  }

  /// Every name that a call could mean.
  func callableNames(inPrelude: Bool) -> [String] {
    registry.names + prelude.keys.sorted() + (inPrelude ? [] : user.keys.sorted()) + Resolver.builtinCalls
  }
}

/// What the one who resolves decides.
package struct ResolveOptions: Sendable {
  /// What becomes of a variable on which a target does not depend.
  package enum Disconnected: String, Sendable, CaseIterable { case error, warn, ignore }

  /// Whether `training` is true.
  package var isTraining = false
  package var disconnected = Disconnected.warn

  package init(isTraining: Bool = false, disconnected: Disconnected = .warn) {
    self.isTraining = isTraining
    self.disconnected = disconnected
  }
}
