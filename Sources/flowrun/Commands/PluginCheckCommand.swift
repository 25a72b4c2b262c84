import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowPluginHost
import FlowProofs
import FlowTraining

/// `flowrun plugins check`: the whole proof of a plugin's operations, in a process of its own.
struct PluginCheckCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Proves a plugin's rules against each other and against finite differences.",
    discussion: """
      Example: flowrun plugins check Swish

      Every operation is given operands of every kind that it takes: odd, empty and size-1 shapes, every number type. The \
      kernel is held against the shape rule, gradients of both orders and tangents against finite differences in f64. Exit 1 \
      where something does not hold.
      """)

  @Argument(help: ArgumentHelp("A plugin's name, or a path to its library.", valueName: "NAME|PATH"))
  var plugin: String

  @Flag(help: "Print one JSON object.")
  var json = false

  @Option(help: ArgumentHelp("How long the check may take.", valueName: "seconds"))
  var timeLimit = 300.0

  @OptionGroup var options: PluginOptions
  @OptionGroup var talk: TalkOptions

  var console: Console { talk.console }

  func validate() throws {
    if !(timeLimit > 0 && timeLimit < 1e6) { throw ValidationError("--time-limit is above 0, not \(timeLimit)") }
  }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let report: ProofReport
    do {
      let path = try options.loader.path(nameOrPath: plugin)
      report = try ProofReport.collect(path, options.loader, json: json, seconds: timeLimit)
    } catch {
      throw Failure(error.kind == .failure ? .internal : .missingPlugin, id: error.id, error.message, help: error.help)
    }
    try console.print(report.text)
    return report.holds ? 0 : Failure.Code.difference.rawValue
  }
}

/// `flowrun plugins prove`: the other side of the check.
struct ProveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "prove", shouldDisplay: false)

  @Argument var path: String
  @Flag var json = false

  func run() {
    ProofReport.answer {
      let loader = PluginLoader.standard(looksFirst: false)
      let registry = try Plugins(loader, further: [path]).load(for: []).registry
      let library = try loader.load(nameOrPath: path)
      let examinations = library.examinations(registry)
      let holds = examinations.allSatisfy(\.findings.isEmpty)
      return ProofReport(
        text: json
          ? Self.json(library, examinations).text
          : (["\(library.name) \(library.version)"] + examinations.map(\.text)).joined(separator: "\n"), holds: holds)
    }
  }

  private static func json(_ library: Library, _ examinations: [Examination]) -> JSON {
    .object([
      ("plugin", .string(library.name)), ("version", .string(library.version)),
      ("operations", .array(examinations.map(\.json))),
    ])
  }
}

extension Examination {
  fileprivate var text: String {
    var lines = ["\(operation): \(findings.isEmpty ? "holds" : "does not hold")"]
    lines += passed.map { "  ok  \($0.proof), \($0.runs) times" }
    lines += skipped.map { "  --  \($0)" }
    lines += findings.map { "  NO  \($0)" }
    return lines.joined(separator: "\n")
  }

  fileprivate var json: JSON {
    .object([
      ("name", .string(operation)),
      (
        "passed",
        .array(passed.map { .object([("proof", .string($0.proof)), ("runs", .int(Int64($0.runs)))]) })
      ),
      ("skipped", .array(skipped.map(JSON.string))), ("findings", .array(findings.map(JSON.string))),
    ])
  }
}
