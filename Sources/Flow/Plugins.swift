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

  package init(_ loader: PluginLoader, further: [String] = []) {
    self.loader = loader
    self.further = further
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
        let library = try loader.load(nameOrPath: nameOrPath)
        if paths.insert(library.path).inserted { try library.register(in: &registry, taken: &taken) }
      }
    }
    let given = Set(loadedNames(paths))
    for name in names where !given.contains(name.text) {
      try Self.failing(at: name.span) { () throws(PluginFault) in
        let library = try loader.load(named: name.text)
        if paths.insert(library.path).inserted { try library.register(in: &registry, taken: &taken) }
      }
    }
    return registry
  }

  /// What the libraries that were named by path are called: a graph that asks for one of them has it.
  private func loadedNames(_ paths: Set<String>) -> [String] { paths.map { PluginSearch.name(of: $0) } }

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
