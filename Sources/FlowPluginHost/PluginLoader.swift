import FlowFiles
package import FlowGraph
import Synchronization

/// Finds plugins, has a first look at them, and loads them.
package struct PluginLoader: Sendable {
  package let search: PluginSearch
  /// The program that has the first look; nil: none is had.
  package let program: String?
  /// How many seconds loading may take.
  package var patience = 10.0

  private static let loaded = Mutex<[String: Library]>([:])

  package init(_ search: PluginSearch, program: String?) {
    self.search = search
    self.program = program
  }

  /// Looks where the environment says.
  ///
  /// - Parameters:
  ///   - given: folders that come first.
  ///   - looksFirst: whether this program can have the first look: it answers to `FirstLook.command`.
  package static func standard(given: [String] = [], looksFirst: Bool) -> PluginLoader {
    let program = Surroundings.program
    let search = PluginSearch(
      given: given, variable: Surroundings.variable("FLOW_PLUGIN_PATH"), program: program,
      home: Surroundings.variable("HOME"))
    return PluginLoader(search, program: looksFirst ? program : nil)
  }

  /// The plugin that a graph file asks for.
  ///
  /// - Fails: where there is none, or the first one that is found does not fit: a later one is not tried.
  package func load(named name: String) throws(PluginFault) -> Library {
    guard name.isIdentifier else {
      throw PluginFault(
        "plugin-path", "'\(name)' is no plugin's name: a graph names a plugin, and never a path to one",
        help: "--plugin takes a path")
    }
    guard let (path, folder) = search.find(name) else { throw search.missing(name) }
    return try load(path, within: folder.path)
  }

  /// The plugin that the command line asks for, by its name or its path.
  package func load(nameOrPath: String) throws(PluginFault) -> Library {
    guard nameOrPath.contains("/") || nameOrPath.hasSuffix(PluginSearch.ending) else {
      return try load(named: nameOrPath)
    }
    return try load(nameOrPath, within: nil)
  }

  /// - Parameter folder: where the library has to lie.
  package func load(_ path: String, within folder: String?) throws(PluginFault) -> Library {
    let path = Path.absolute(path)
    let file = try LibraryFile(path, within: folder)
    let key = "\(path)\n\(file.identity)"
    if let library = Self.loaded.withLock({ $0[key] }) { return library }
    if let program { try FirstLook.check(path, program: program, seconds: patience) }
    let library = try Library(loading: path)
    Self.loaded.withLock { $0[key] = library }
    return library
  }
}

extension Library {
  /// The names of its operations, in the order in which they were registered.
  package var operationNames: [String] { operations.map(\.name) }

  /// Makes the plugin's operations known to a registry.
  ///
  /// - Parameter taken: names that mean something else already, and where they come from; gets this plugin's.
  /// - Fails: where a name is taken; both places are named.
  package func register(in registry: inout Registry, taken: inout [String: String]) throws(PluginFault) {
    for table in operations {
      let names = [table.name] + (table.backwardTraits.map { [$0.name] } ?? [])
      for name in names {
        if let other = taken[name] ?? registry[name].map({ $0.origin ?? "the program itself" }) {
          throw PluginFault(
            "duplicate-operation", "\(path): operation '\(name)' of \(origin) is there already, from \(other)")
        }
        taken[name] = "\(origin), \(path)"
      }
      do {
        try registry.register(PluginOperation(table), table.traits, family: origin.description)
        if let backward = table.backwardTraits {
          try registry.register(
            PluginBackward(PluginOperation(table), inputCount: 0), backward, family: origin.description)
        }
      } catch {
        throw PluginFault("duplicate-operation", "\(path): operation '\(error.name)' is there already")
      }
    }
  }
}
