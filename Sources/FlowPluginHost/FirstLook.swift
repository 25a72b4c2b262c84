/// A first look at a library in a process of its own: what breaks down there is a message here.
package struct FirstLook: Hashable, Sendable {
  package let version: String
  package let language: String
  package let operations: [String]
  package let readers: [String]

  /// The words after which the program looks at a library; see `report`.
  package static let command = ["plugins", "look"]

  private static let done = "flow-plugin"
  private static let separator = "\u{1F}"

  /// The other side: loads a library, and says what came of it.
  package static func report(_ path: String) -> Never {
    do {
      let library = try Library(loading: path)
      let parts = [
        done, library.version, library.language, library.operationNames.joined(separator: ","),
        library.readers.map(\.name).joined(separator: ","),
      ]
      Descriptor.finish(parts.joined(separator: separator))
    } catch {
      let kind = error.kind == .failure ? "failure" : "unfit"
      Descriptor.finish([kind, error.id, error.message, error.help ?? ""].joined(separator: separator))
    }
  }

  /// Has `program` load a library.
  ///
  /// - Fails: with what the library does wrong while it is loaded.
  init(_ path: String, program: String, seconds: Double) throws(PluginFault) {
    guard let outcome = ChildProcess.run(program, Self.command + [path], seconds: seconds) else {
      throw PluginFault(.failure, "plugin-failure", "\(path): \(program) cannot be started to look at it")
    }
    if case .timeout = outcome.end {
      throw PluginFault(
        .failure, "plugin-hangs", "\(path): it does not finish loading within \(seconds.formatted) s")
    }
    if case .signal(let number) = outcome.end {
      throw PluginFault(
        .failure, "plugin-crashes", "\(path): it crashes while it is loaded: \(signalName(number))")
    }
    if outcome.errors.contains("[\(Self.trapID)]") {
      throw PluginFault(.failure, "plugin-crashes", "\(path): it crashes while it is loaded: \(outcome.errors.cause)")
    }
    if !outcome.output.isEmpty {
      throw PluginFault(
        "plugin-prints", "\(path): it prints to standard output while it is loaded: '\(outcome.output.firstLine)'")
    }
    let parts = outcome.report.components(Self.separator)
    switch parts.count {
    case 5 where parts[0] == Self.done:
      (version, language) = (parts[1], parts[2])
      operations = parts[3].components(",")
      readers = parts[4].components(",")
    case 4:
      throw PluginFault(
        parts[0] == "failure" ? .failure : .unfit, parts[1], parts[2], help: parts[3].isEmpty ? nil : parts[3])
    default: throw PluginFault(.failure, "plugin-exits", "\(path): it ends the program while it is loaded")
    }
  }

  /// What the message of a trap ends with.
  private static let trapID = "plugin-failure"
}

extension String {
  var firstLine: String { String(prefix { $0 != "\n" }.prefix(200)) }

  /// What a message of a trap says of its cause: "a bad address (SIGSEGV)".
  fileprivate var cause: String {
    guard let start = firstRange(of: "stopped by "), let end = firstRange(of: " [") else { return firstLine }
    return String(self[start.upperBound..<max(start.upperBound, end.lowerBound)])
  }

  /// The parts between separators; none of an empty text.
  fileprivate func components(_ separator: Character) -> [String] {
    isEmpty ? [] : split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }

  fileprivate func components(_ separator: String) -> [String] { separator.first.map { components($0) } ?? [] }
}

extension Double {
  /// Without a fraction where there is none.
  var formatted: String { self == rounded() && magnitude < 1e9 ? "\(Int(self))" : "\(self)" }
}
