import FlowDiagnostics
package import FlowFiles
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
  private let care: PluginCare

  package init(_ loader: PluginLoader, further: [String] = [], care: PluginCare = PluginCare()) {
    self.loader = loader
    self.further = further
    self.care = care
  }

  /// What plugins add to.
  package struct Loaded: Sendable {
    package fileprivate(set) var registry: Registry
    /// The plugins' own formats of files.
    package fileprivate(set) var formats: [TensorFormat] = []
  }

  /// A registry's operations and those of the plugins, and their formats.
  ///
  /// - Parameter names: what a graph file asks for, each with its place.
  package func load(_ registry: Registry = .builtIn(), for names: [Name]) throws(Failure) -> Loaded {
    var loaded = Loaded(registry: registry)
    var taken = Dictionary(uniqueKeysWithValues: Prelude.names.map { ($0, "the prelude") })
    var paths: Set<String> = []
    for nameOrPath in further {
      try Self.failing(at: nil) { () throws(PluginFault) in
        try add(try loader.load(nameOrPath: nameOrPath), &paths, &loaded, &taken)
      }
    }
    // A graph that asks for a plugin that was named by its path has it.
    let given = Set(paths.map { PluginSearch.name(of: $0) })
    for name in names where !given.contains(name.text) {
      try Self.failing(at: name.span) { () throws(PluginFault) in
        try add(try loader.load(named: name.text), &paths, &loaded, &taken)
      }
    }
    return loaded
  }

  private func add(
    _ library: Library, _ paths: inout Set<String>, _ loaded: inout Loaded, _ taken: inout [String: String]
  ) throws(PluginFault) {
    guard paths.insert(library.path).inserted else { return }
    try library.register(in: &loaded.registry, taken: &taken, care: care)
    if care.isWatched { try library.prove(loaded.registry) }
    for format in library.readers.map(\.tensorFormat) {
      try library.check(format, among: TensorFormat.all + loaded.formats)
      loaded.formats.append(format)
    }
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
