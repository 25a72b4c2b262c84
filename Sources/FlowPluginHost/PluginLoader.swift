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
  package func load(named name: String) throws(PluginFault) -> Library { try load(try locate(named: name)) }

  /// The plugin that the command line asks for, by its name or its path.
  package func load(nameOrPath: String) throws(PluginFault) -> Library { try load(try locate(nameOrPath)) }

  /// Where the library of a plugin lies that the command line asks for.
  package func path(nameOrPath: String) throws(PluginFault) -> String { try locate(nameOrPath).path }

  /// What a library says of itself, in a process of its own.
  package func look(_ path: String) throws(PluginFault) -> FirstLook { try look(Location(path: path, folder: nil)) }

  /// A library, and the folder in which it has to lie; nil for any.
  private struct Location {
    let path: String
    let folder: String?
  }

  private func locate(named name: String) throws(PluginFault) -> Location {
    guard name.isIdentifier else {
      throw PluginFault(
        "plugin-path", "'\(name)' is no plugin's name: a graph names a plugin, and never a path to one",
        help: "--plugin takes a path")
    }
    guard let (path, folder) = search.find(name) else { throw search.missing(name) }
    return Location(path: path, folder: folder.path)
  }

  private func locate(_ nameOrPath: String) throws(PluginFault) -> Location {
    guard nameOrPath.contains("/") || nameOrPath.hasSuffix(PluginSearch.ending) else {
      return try locate(named: nameOrPath)
    }
    return Location(path: Path.absolute(nameOrPath), folder: nil)
  }

  private func load(_ location: Location) throws(PluginFault) -> Library {
    let path = Path.absolute(location.path)
    let file = try LibraryFile(path, within: location.folder)
    let key = "\(path)\n\(file.identity)"
    if let library = Self.loaded.withLock({ $0[key] }) { return library }
    if program != nil { _ = try look(location) }
    let library = try Library(loading: path)
    Self.loaded.withLock { $0[key] = library }
    return library
  }

  private func look(_ location: Location) throws(PluginFault) -> FirstLook {
    let path = Path.absolute(location.path)
    _ = try LibraryFile(path, within: location.folder)
    guard let program else {
      throw PluginFault(.failure, "plugin-failure", "\(path): this program cannot look at it")
    }
    return try FirstLook(path, program: program, seconds: patience)
  }
}

/// What lies where plugins are looked for.
extension PluginLoader {
  /// One library, and what came of a look at it.
  package struct Found: Sendable {
    package let name: String
    package let path: String
    package let folder: PluginSearch.Folder
    package let outcome: Result<FirstLook, PluginFault>
    /// The library of the same name that is found before this one.
    package let hidden: String?
  }

  package func survey() -> [Found] {
    var first: [String: String] = [:]
    return search.all().map { name, path, folder in
      let outcome = Result { () throws(PluginFault) in try look(Location(path: path, folder: folder.path)) }
      defer { if first[name] == nil { first[name] = path } }
      return Found(name: name, path: path, folder: folder, outcome: outcome, hidden: first[name])
    }
  }
}

extension Library {
  /// The names of its operations, in the order in which they were registered.
  package var operationNames: [String] { operations.map(\.name) }

  /// Makes the plugin's operations known to a registry.
  ///
  /// - Parameters:
  ///   - taken: names that mean something else already, and where they come from; gets this plugin's.
  ///   - care: how careful to be with its kernels.
  /// - Fails: where a name is taken; both places are named.
  package func register(
    in registry: inout Registry, taken: inout [String: String], care: PluginCare = PluginCare()
  ) throws(PluginFault) {
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
        let operation = PluginOperation(table, care: care)
        try registry.register(operation, table.traits, family: origin.description)
        if let backward = table.backwardTraits {
          try registry.register(
            PluginBackward(operation, inputCount: 0), backward, family: origin.description)
        }
      } catch {
        throw PluginFault("duplicate-operation", "\(path): operation '\(error.name)' is there already")
      }
    }
  }
}
