import FlowDiagnostics
import FlowFiles

/// Where plugins are looked for, in order.
package struct PluginSearch: Sendable {
  /// One folder, and who names it.
  package struct Folder: Hashable, Sendable {
    package let path: String
    /// "--plugin-path", "FLOW_PLUGIN_PATH", "beside the program", "the user's", "the system's".
    package let origin: String
  }

  package let folders: [Folder]

  static let prefix = "lib"
  #if os(macOS)
    static let ending = ".dylib"
  #else
    static let ending = ".so"
  #endif

  /// - Parameters:
  ///   - given: the folders of `--plugin-path`.
  ///   - variable: the value of `FLOW_PLUGIN_PATH`: folders between colons.
  ///   - program: the running program, whose folder counts; nil for none.
  ///   - home: the user's folder; nil for none.
  package init(given: [String], variable: String?, program: String?, home: String?) {
    var folders = given.map { Folder(path: $0, origin: "--plugin-path") }
    for part in (variable ?? "").split(separator: ":") {
      folders.append(Folder(path: String(part), origin: "FLOW_PLUGIN_PATH"))
    }
    if let program { folders.append(Folder(path: Path.folder(of: program), origin: "beside the program")) }
    if let home { folders.append(Folder(path: "\(home)/.local/lib/flow/plugins", origin: "the user's")) }
    if let program {
      folders.append(
        Folder(
          path: Path.absolute("\(Path.folder(of: program))/../lib/flow/plugins"), origin: "installed with the program"))
    }
    folders.append(Folder(path: "/usr/lib/flow/plugins", origin: "the system's"))
    var seen: Set<String> = []
    self.folders = folders.filter { seen.insert(Path.absolute($0.path)).inserted }
  }

  /// The name of the plugin in a library: `Swish` of `libSwish.so`.
  package static func name(of path: String) -> String {
    let file = Path.lastPart(of: path)
    guard file.hasPrefix(prefix), file.hasSuffix(ending) else { return String(file) }
    return String(file.dropFirst(prefix.count).dropLast(ending.count))
  }

  /// The first library of that name, and the folder that it was found in.
  func find(_ name: String) -> (path: String, folder: Folder)? {
    for folder in folders {
      let path = Path.joining(folder.path, "\(Self.prefix)\(name)\(Self.ending)")
      if Path.exists(path) || Path.isLink(path) { return (path, folder) }
    }
    return nil
  }

  /// Every library that lies in a folder of plugins, in order of search; one that an earlier hides is there too.
  package func all() -> [(name: String, path: String, folder: Folder)] {
    folders.flatMap { folder in
      let names = FlowFiles.Folder.names(in: folder.path)
        .filter { $0.hasPrefix(Self.prefix) && $0.hasSuffix(Self.ending) }
      return names.map { file in
        (Self.name(of: file), Path.joining(folder.path, file), folder)
      }
    }
  }

  func missing(_ name: String) -> PluginFault {
    let near = nearestName(to: name, among: all().map(\.name))
    let places = folders.map(\.path).joined(separator: ", ")
    return PluginFault(
      "missing-plugin", "no plugin '\(name)': there is no \(Self.prefix)\(name)\(Self.ending) in \(places)",
      help: near.map { "did you mean '\($0)'?" } ?? "--plugin-path names a further folder")
  }
}
