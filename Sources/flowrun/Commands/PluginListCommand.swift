import ArgumentParser
import FlowDiagnostics
import FlowFiles
import FlowPluginHost
import FlowTraining

/// `flowrun plugins list`: every library that lies where plugins are looked for, and why one is refused.
struct PluginListCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the plugins that are found, and says why one is refused.",
    discussion: "Example: flowrun plugins list")

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup var plugins: PluginOptions
  @OptionGroup var talk: TalkOptions

  var console: Console { talk.console }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let found = plugins.loader.survey()
    if json {
      try console.print(JSON.object([("plugins", .array(found.map(\.json)))]).text)
    } else {
      let folders = plugins.loader.search.folders.map { "  \($0.path)  (\($0.origin))" }
      try console.print((found.map(\.text) + ["looked in:"] + folders).joined(separator: "\n"))
    }
    return 0
  }
}

extension PluginLoader.Found {
  fileprivate var text: String {
    var lines: [String] = []
    switch outcome {
    case .success(let look):
      lines.append("\(name) \(look.version), in \(look.language): \(path)")
      if !look.operations.isEmpty { lines.append("  operations: \(look.operations.joined(separator: ", "))") }
      if !look.readers.isEmpty { lines.append("  readers: \(look.readers.joined(separator: ", "))") }
    case .failure(let fault):
      lines.append("\(name), refused: \(fault.message) [\(fault.id)]")
      if let help = fault.help { lines.append("  = \(help)") }
    }
    if let hidden { lines.append("  hidden by \(hidden)") }
    return lines.joined(separator: "\n")
  }

  fileprivate var json: JSON {
    var fields: [(String, JSON)] = [
      ("name", .string(name)), ("path", .string(path)), ("folder", .string(folder.origin)),
    ]
    switch outcome {
    case .success(let look):
      fields += [
        ("version", .string(look.version)), ("language", .string(look.language)),
        ("operations", .array(look.operations.map(JSON.string))), ("readers", .array(look.readers.map(JSON.string))),
        ("error", .null),
      ]
    case .failure(let fault):
      fields.append(
        (
          "error",
          .object([
            ("id", .string(fault.id)), ("message", .string(fault.message)),
            ("help", fault.help.map(JSON.string) ?? .null),
          ])
        ))
    }
    return .object(fields + [("hidden_by", hidden.map(JSON.string) ?? .null)])
  }
}
