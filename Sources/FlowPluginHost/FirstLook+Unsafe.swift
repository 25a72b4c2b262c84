#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A first look at a library in a process of its own: what breaks down there is a message here.
///
/// SAFETY: `write` gets bytes that live for the call.
package enum FirstLook {
  /// The words after which the program looks at a library; see `report`.
  package static let command = ["plugins", "look"]

  /// What a report that says all is well ends with.
  private static let done = "flow-plugin-done\n"
  private static let separator: Character = "\u{1F}"

  /// The other side: loads a library, and says on descriptor 3 what came of it.
  package static func report(_ path: String) {
    var report = done
    do {
      _ = try Library(loading: path)
    } catch {
      let kind = error.kind == .failure ? "failure" : "unfit"
      report = [kind, error.id, error.message, error.help ?? ""].joined(separator: String(separator))
    }
    fflush(nil)
    _ = report.withCString { write(3, $0, strlen($0)) }
    _exit(0)
  }

  /// Has `program` load a library.
  ///
  /// - Fails: with what the library does wrong while it is loaded.
  static func check(_ path: String, program: String, seconds: Double) throws(PluginFault) {
    guard let outcome = ChildProcess.run(program, command + [path], seconds: seconds) else {
      throw PluginFault(.failure, "plugin-failure", "\(path): \(program) cannot be started to look at it")
    }
    if case .timeout = outcome.end {
      throw PluginFault(
        .failure, "plugin-hangs", "\(path): it does not finish loading within \(seconds.formatted) s")
    }
    if case .signal(let number) = outcome.end {
      throw PluginFault(
        .failure, "plugin-crashes", "\(path): it crashes while it is loaded: \(String(cString: strsignal(number)))")
    }
    if !outcome.output.isEmpty {
      throw PluginFault(
        "plugin-prints", "\(path): it prints to standard output while it is loaded: '\(outcome.output.firstLine)'")
    }
    if outcome.report == done { return }
    let parts = outcome.report.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 4 else {
      throw PluginFault(.failure, "plugin-exits", "\(path): it ends the program while it is loaded")
    }
    throw PluginFault(
      parts[0] == "failure" ? .failure : .unfit, parts[1], parts[2], help: parts[3].isEmpty ? nil : parts[3])
  }
}

extension String {
  var firstLine: String { String(prefix { $0 != "\n" }.prefix(80)) }
}

extension Double {
  /// Without a fraction where there is none.
  var formatted: String { self == rounded() && magnitude < 1e9 ? "\(Int(self))" : "\(self)" }
}
