import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowOperations
import FlowPluginHost
import FlowTraining

/// `flowrun ops`: the registry.
struct OpsCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "ops", abstract: "Lists the operations, or describes one.",
    discussion: "Example: flowrun ops softmax")

  @Argument(help: ArgumentHelp("An operation.", valueName: "NAME"))
  var name: String?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var plugins: PluginOptions

  @OptionGroup var talk: TalkOptions

  var console: Console { talk.console }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let registry = try plugins.load().registry
    guard let name else {
      try console.print(json ? list(registry).text : table(registry))
      return 0
    }
    guard let entry = try entry(name, registry) else {
      let definitions = Prelude.entries
      if let definition = definitions.first(where: { $0.name == name }) {
        try console.print(json ? Self.json(definition).text : text(definition))
        return 0
      }
      let near = nearestName(to: name, among: registry.names + definitions.map(\.name))
      throw Failure(
        .usage, id: "unknown-operation", "no operation named '\(name)'", help: near.map { "did you mean '\($0)'?" })
    }
    try console.print(json ? Self.json(entry).text : text(entry))
    return 0
  }

  /// An operation of the registry, else of a plugin that lies where plugins are looked for.
  private func entry(_ name: String, _ registry: Registry) throws(Failure) -> Registry.Entry? {
    if let entry = registry[name] { return entry }
    guard !Prelude.names.contains(name) else { return nil }
    let plugin = plugins.loader.survey().first { found in
      guard found.hidden == nil, case .success(let look) = found.outcome else { return false }
      return look.operations.contains(name)
    }
    guard let plugin else { return nil }
    return try plugins.load(further: plugin.name).registry[name]
  }

  private func table(_ registry: Registry) -> String {
    let entries = registry.names.compactMap { registry[$0] }
    var lines: [String] = []
    for family in Set(entries.map(\.family)).sorted() {
      lines.append("\(family):")
      for entry in entries where entry.family == family {
        lines.append("  \(entry.name.padded(to: 22)) \(entry.manual.summary)")
      }
    }
    var family = ""
    for definition in Prelude.entries {
      if definition.family != family { lines.append("prelude, \(definition.family):") }
      family = definition.family
      lines.append("  \(definition.name.padded(to: 22)) \(definition.summary)")
    }
    return lines.joined(separator: "\n")
  }

  private func text(_ entry: Registry.Entry) -> String {
    let visible = entry.attributes.filter { !$0.isHidden }
    let standards = entry.standardValues
    var lines = [
      "\(entry.name): \(entry.signature.text)", "", entry.manual.summary, "", "shapes:   \(entry.manual.shapes)",
    ]
    lines.append("gradient: \(entry.manual.gradient)")
    if let source = entry.manual.source { lines.append("source:   \(source)") }
    if let origin = entry.origin { lines.append("from:     \(origin)") }
    if !visible.isEmpty { lines += ["", "attributes:"] }
    for attribute in visible {
      let standard = attribute.isRequired ? "needed" : "default \(standards[attribute.name] ?? "none")"
      lines.append("  \(attribute.name.padded(to: 14)) \(attribute.expectation), \(standard): \(attribute.help)")
    }
    return lines.joined(separator: "\n")
  }

  private func text(_ definition: PreludeEntry) -> String {
    var lines = [definition.signature, "", definition.summary, ""]
    if let shapes = definition.shapes { lines.append("shapes:   \(shapes)") }
    lines.append("gradient: \(Self.gradientOfDefinitions)")
    if let source = definition.source { lines.append("source:   \(source)") }
    lines += ["", "arguments:"]
    for argument in definition.arguments {
      lines.append("  \(argument.name.padded(to: 14)) \(argument.standard.map { "default \($0)" } ?? "needed")")
    }
    return (lines + ["", definition.text]).joined(separator: "\n")
  }

  private static let gradientOfDefinitions = "that of what it is made of"

  private func list(_ registry: Registry) -> JSON {
    .object([
      ("operations", .array(registry.names.compactMap { registry[$0] }.map(Self.json))),
      ("definitions", .array(Prelude.entries.map(Self.json))),
    ])
  }

  private static func json(_ definition: PreludeEntry) -> JSON {
    let arguments = definition.arguments.map { argument in
      JSON.object([
        ("name", .string(argument.name)), ("required", .bool(argument.standard == nil)),
        ("default", argument.standard.map(JSON.string) ?? .null),
      ])
    }
    return .object([
      ("name", .string(definition.name)), ("family", .string(definition.family)),
      ("signature", .string(definition.signature)), ("summary", .string(definition.summary)),
      ("shapes", definition.shapes.map(JSON.string) ?? .null), ("gradient", .string(Self.gradientOfDefinitions)),
      ("source", definition.source.map(JSON.string) ?? .null), ("arguments", .array(arguments)),
      ("definition", .string(definition.text)),
    ])
  }

  private static func json(_ entry: Registry.Entry) -> JSON {
    let standards = entry.standardValues
    let attributes = entry.attributes.filter { !$0.isHidden }.map { attribute in
      JSON.object([
        ("name", .string(attribute.name)), ("takes", .string(attribute.expectation)),
        ("required", .bool(attribute.isRequired)), ("default", standards[attribute.name].map(JSON.string) ?? .null),
        ("help", .string(attribute.help)),
      ])
    }
    return .object([
      ("name", .string(entry.name)), ("family", .string(entry.family)), ("signature", .string(entry.signature.text)),
      ("summary", .string(entry.manual.summary)), ("shapes", .string(entry.manual.shapes)),
      ("gradient", .string(entry.manual.gradient)), ("source", entry.manual.source.map(JSON.string) ?? .null),
      ("origin", entry.origin.map(JSON.string) ?? .null),
      ("attributes", .array(attributes)),
    ])
  }
}

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(width - count, 0)) }
}
