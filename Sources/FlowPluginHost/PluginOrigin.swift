/// Which plugin something comes from.
struct PluginOrigin: Hashable, Sendable, CustomStringConvertible {
  let name: String
  let version: String

  /// For messages: "plugin Swish 1.0.0".
  var description: String { "plugin \(name) \(version)" }
}
