/// Why a plugin cannot be used.
package struct PluginFault: Error, Hashable, Sendable {
  /// What the exit code says.
  package enum Kind: Sendable {
    /// There is none, or it does not fit: 69.
    case unfit
    /// It broke down, or its word: 70.
    case failure
  }

  package let kind: Kind
  /// Stable, for tests and programs: "missing-plugin".
  package let id: String
  package let message: String
  package let help: String?

  init(_ id: String, _ message: String, help: String? = nil) { self.init(.unfit, id, message, help: help) }

  init(_ kind: Kind, _ id: String, _ message: String, help: String? = nil) {
    self.kind = kind
    self.id = id
    self.message = message
    self.help = help
  }
}
