import FlowDiagnostics
import FlowGraph

/// The names that a file, or one call of a definition, can see, and what its own variables are named after.
final class Frame {
  struct Binding {
    enum Kind { case value, argument, constant, input, variable }

    var item: Item
    var kind: Kind
    var span: SourceSpan
    /// Where the item is computed.
    var place: SourceSpan
    var isUsed = false
    /// The value that a number or list without a dtype has where it meets nothing, once that was needed.
    var alone: ValueID?
    /// The scopes that the calls of its statement opened, by the name that the text sees: `conv2d`, or "" for the call itself.
    var scopes: [(name: String, path: String)] = []
  }

  /// One running `repeat`.
  struct Iteration {
    var index: Int
    /// The names on which it numbered scopes, with the first number.
    var bases: [String: Int] = [:]
  }

  var bindings: [String: Binding] = [:]
  var iterations: [Iteration] = []
  /// How many numbers earlier repeats have used up, by the scope that they number.
  var numbered: [String: Int] = [:]
  /// What variables declared here are named after: "" or "h.0".
  let path: String
  /// What random numbers drawn here are named after.
  let stream: String
  /// The definition whose call this is.
  let definition: DefinitionRecord?
  /// The paths of the calls of the running statement, by where their names stand in the text.
  var callPaths: [SourceSpan: String] = [:]
  var result: [Item]?
  /// Who called.
  var enclosing: Frame?
  /// The parameter that an optimizer's call is for: its states are slots.
  let slotOwner: String?

  init(path: String, stream: String, definition: DefinitionRecord?, slotOwner: String? = nil) {
    self.path = path
    self.stream = stream
    self.definition = definition
    self.slotOwner = slotOwner
  }

  func qualified(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}
