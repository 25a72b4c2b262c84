import CFlowGuard
import CFlowPlugin
import FlowFiles
import FlowPlugin

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A plugin in this process: loaded, asked and entered, never unloaded.
///
/// SAFETY: the library stays where it is for the life of the process. The struct that its query returns is read no further than
/// it says it goes. Whoever loads one has had it looked at in another process, for its code runs from here on.
package struct Library: Sendable {
  package let path: String
  package let name: String
  package let version: String
  package let language: String
  let operations: [PluginTable]
  package let readers: [PluginFormat]

  var origin: PluginOrigin { PluginOrigin(name: name, version: version) }

  /// - Fails: where the library cannot be loaded, is no plugin, was built for another boundary, or cannot be entered.
  init(loading path: String) throws(PluginFault) {
    self.path = path
    let place = PluginPlace("plugin \(Path.lastPart(of: path))")
    let record = try Self.query(path, place)
    do {
      name = try Boundary.text(record.name, "its name")
      version = try Boundary.text(record.version, "its version")
      language = try Boundary.text(record.language, "its language")
    } catch {
      throw PluginFault("bad-plugin", "\(path): \(error.message)")
    }
    guard name.isIdentifier else { throw PluginFault("bad-plugin", "\(path): '\(name)' cannot be a plugin's name") }
    let expected = "\(PluginSearch.prefix)\(name)\(PluginSearch.ending)"
    guard Path.lastPart(of: path) == expected else {
      throw PluginFault("bad-plugin", "\(path): the plugin in it is called '\(name)'", help: "rename it \(expected)")
    }
    (operations, readers) = try Self.enter(record, path, origin: PluginOrigin(name: name, version: version))
  }

  private static func query(_ path: String, _ place: PluginPlace) throws(PluginFault) -> flow_plugin {
    let handle = guarded(place) { dlopen(path, RTLD_NOW | RTLD_LOCAL) }
    guard let handle else { throw loadFault(path) }
    guard let symbol = dlsym(handle, "flow_plugin_query") else {
      throw PluginFault("not-a-plugin", "\(path): it is a library, but no plugin: it has no 'flow_plugin_query'")
    }
    typealias Query = @convention(c) () -> UnsafePointer<flow_plugin>?
    let query = unsafeBitCast(symbol, to: Query.self)
    guard let answer = guarded(place, query) else {
      throw PluginFault("not-a-plugin", "\(path): its 'flow_plugin_query' returns nothing")
    }
    return try check(answer, path)
  }

  private static func check(_ answer: UnsafePointer<flow_plugin>, _ path: String) throws(PluginFault) -> flow_plugin {
    // The three fields that no version of the boundary moves.
    let bytes = UnsafeRawPointer(answer)
    guard bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == UInt64(FLOW_PLUGIN_MAGIC) else {
      throw PluginFault("not-a-plugin", "\(path): what its 'flow_plugin_query' returns is not of this program's making")
    }
    let abi = bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
    guard abi == UInt32(FLOW_PLUGIN_ABI) else {
      throw PluginFault(
        "wrong-version",
        "\(path): it was built for version \(abi) of the boundary, this program has \(FLOW_PLUGIN_ABI)",
        help: abi > UInt32(FLOW_PLUGIN_ABI) ? "use a newer flowrun" : "build it again with this version's kit")
    }
    do {
      return try Boundary.record(answer, "flow_plugin", flow_plugin())
    } catch {
      throw PluginFault("bad-plugin", "\(path): \(error.message)")
    }
  }

  private static func enter(
    _ record: flow_plugin, _ path: String, origin: PluginOrigin
  ) throws(PluginFault) -> ([PluginTable], [PluginFormat]) {
    guard let enter = record.enter else { throw PluginFault("bad-plugin", "\(path): its 'enter' is missing") }
    let registration = Registration(origin: origin)
    let status = guarded(PluginPlace(origin.description)) {
      enter(record.context, HostFunctions.shared.table, registration.pointer)
    }
    if let refusal = registration.refusal { throw PluginFault("bad-plugin", "\(path): \(refusal)") }
    guard status == Int32(FLOW_OK) else {
      throw PluginFault(.failure, "plugin-failure", "\(path): its registration fails: 'enter' returned \(status)")
    }
    guard !registration.operations.isEmpty || !registration.readers.isEmpty else {
      throw PluginFault("bad-plugin", "\(path): it registers neither an operation nor a reader")
    }
    return (registration.operations, registration.readers)
  }

  private static func guarded<Result>(_ place: PluginPlace, _ body: () -> Result) -> Result {
    let before = flow_guard_enter(place.text)
    defer { _ = flow_guard_enter(before) }
    return body()
  }

  private static func loadFault(_ path: String) -> PluginFault {
    var reason = dlerror().map { String(cString: $0) } ?? "it cannot be loaded"
    if reason.hasPrefix("\(path): ") { reason.removeFirst(path.count + 2) }
    return PluginFault("unloadable-plugin", "\(path): it cannot be loaded: \(reason)")
  }
}
