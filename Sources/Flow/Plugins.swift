import FlowDiagnostics
package import FlowGraph
package import FlowLanguage
import FlowOperations
package import FlowPluginHost
package import FlowTraining

/// The plugins of a run: those that the graph asks for, and further ones.
package struct Plugins: Sendable {
  private let loader: PluginLoader
  /// By name or path.
  private let further: [String]
  /// Whether gradients are proved when a plugin is loaded, and each run is watched.
  private let areChecked: Bool

  package init(_ loader: PluginLoader, further: [String] = [], areChecked: Bool = false) {
    self.loader = loader
    self.further = further
    self.areChecked = areChecked
  }

  /// A registry's operations and those of the plugins.
  ///
  /// - Parameter names: what a graph file asks for, each with its place.
  package func registry(
    _ registry: Registry = .builtIn(), for names: [Name]
  ) throws(Failure) -> Registry {
    var registry = registry
    var taken = Dictionary(uniqueKeysWithValues: Prelude.names.map { ($0, "the prelude") })
    var paths: Set<String> = []
    for nameOrPath in further {
      try Self.failing(at: nil) { () throws(PluginFault) in
        try add(try loader.load(nameOrPath: nameOrPath), &paths, &registry, &taken)
      }
    }
    // A graph that asks for a plugin that was named by its path has it.
    let given = Set(paths.map { PluginSearch.name(of: $0) })
    for name in names where !given.contains(name.text) {
      try Self.failing(at: name.span) { () throws(PluginFault) in
        try add(try loader.load(named: name.text), &paths, &registry, &taken)
      }
    }
    return registry
  }

  private func add(
    _ library: Library, _ paths: inout Set<String>, _ registry: inout Registry, _ taken: inout [String: String]
  ) throws(PluginFault) {
    guard paths.insert(library.path).inserted else { return }
    try library.register(in: &registry, taken: &taken, isWatched: areChecked)
    if areChecked { try library.prove(registry) }
  }

  private static func failing(
    at span: SourceSpan?, _ body: () throws(PluginFault) -> Void
  ) throws(Failure) {
    do {
      try body()
    } catch {
      throw Failure(
        error.kind == .failure ? .internal : .missingPlugin, id: error.id, error.message, at: span, help: error.help)
    }
  }
}
