import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowLanguage
import FlowTraining

/// `flowrun gradcheck`: every gradient against finite differences.
struct GradcheckCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "gradcheck", abstract: "Compares every gradient with finite differences, operation by operation.",
    discussion: """
      Example: flowrun gradcheck samples/digits.flow

      In f64, along random directions: first each operation's own rule by each of its inputs, at the values that it sees, \
      then all targets by each variable. Exit code 1 where a gradient differs, with the worst operation named first. \
      Kinks are told apart; operations that declare their gradient not to be their derivative are listed.
      """)

  @OptionGroup var graph: GraphOptions

  @Option(
    help: ArgumentHelp("The targets, of any shape; default: what is minimized, and all outputs.", valueName: "a,b"))
  var of: String?

  @Option(
    help: ArgumentHelp(
      "The variables, any floating values, * stands for any characters; default: all parameters and floating inputs.",
      valueName: "a,b"))
  var wrt: String?

  @Option(help: ArgumentHelp("Allowed difference, relative.", valueName: "number"))
  var rtol = Tolerance().relative

  @Option(help: ArgumentHelp("Allowed difference beyond that.", valueName: "number"))
  var atol = Tolerance().absolute

  @Option(help: ArgumentHelp("1, or 2 to compare each operation's second derivatives too.", valueName: "1|2"))
  var order = 1

  @OptionGroup var point: PointOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  var console: Console { graph.talk.console }

  func validate() throws {
    if !(rtol >= 0 && atol >= 0) { throw ValidationError("--rtol and --atol are at least 0") }
    if !(1...2).contains(order) { throw ValidationError("--order is 1 or 2, not \(order)") }
  }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let bench = try Workbench(graph, weights: point.weights, isTraining: point.training, into: &sources)
    let settings = GradientCheck.Settings(
      tolerance: Tolerance(relative: rtol, absolute: atol), seed: bench.seed, order: order)
    let report = try GradientCheck.report(
      bench.evaluation, of: try of.map { of throws(Failure) in try Workbench.list(of, option: "--of") },
      by: try wrt.map { wrt throws(Failure) in try Workbench.list(wrt, option: "--wrt") },
      feeds: try Feed.tensors(point.feed, bench.program.graph), settings, options: ("--of", "--wrt"))
    let text = GradcheckText(report, sources)
    try console.print(json ? text.json(bench.file.name, settings).text : text.lines)
    console.show(
      report.failures.prefix(Diagnostics.limit).map { finding in finding.diagnostic { shortText($0) } }, sources)
    return report.failures.isEmpty ? 0 : Failure.Code.difference.rawValue
  }
}

/// What `gradcheck` prints.
private struct GradcheckText {
  private let report: GradientReport
  private let sources: SourceMap

  init(_ report: GradientReport, _ sources: SourceMap) {
    self.report = report
    self.sources = sources
  }

  // MARK: Text

  var lines: String {
    let width = report.variables.map(\.input.count).max() ?? 0
    var lines = report.variables.map { finding in
      let name = finding.input + String(repeating: " ", count: width - finding.input.count)
      return "\(finding.operation) by \(name)  \(shortText(finding.found))  \(Self.words(finding))"
    }
    lines += doubts.map { finding, count in
      "\(place(finding.span))\(finding.title): \(Self.words(finding))\(count > 1 ? " (\(count) times)" : "")"
    }
    lines += report.uncompared.map { "\(place($0.span))'\($0.operation)' is not compared: \($0.reason)" }
    let differing = report.failures.count
    lines.append(
      "\(report.comparisons) comparisons of \(report.edges) operations and \(report.variables.count) variables: "
        + (differing > 0 ? "\(differing) differ" : "none differs\(Self.error(report.largestError))"))
    return lines.joined(separator: "\n")
  }

  /// Nothing where differences cannot tell the error from none.
  private static func error(_ error: Double) -> String { error == 0 ? "" : ", with an error of \(shortText(error))" }

  private static func words(_ finding: GradientReport.Finding) -> String {
    switch finding.verdict {
    case .agrees: "agrees\(error(finding.error))"
    case .agreesBesideKinks(let count): "agrees, but for \(count) results at a kink or the edge of the domain"
    case .kink: "lies at a kink or the edge of the domain: not compared"
    case .unsettled: "finite differences do not settle: not compared"
    case .differs: "differs: finite differences say \(shortText(finding.expected))"
    }
  }

  /// Those of operations, equal ones once.
  private var doubts: [(finding: GradientReport.Finding, count: Int)] {
    var found: [(finding: GradientReport.Finding, count: Int)] = []
    for finding in report.doubts where finding.subject != .whole {
      let same = found.firstIndex { $0.finding.title == finding.title && $0.finding.span == finding.span }
      if let same { found[same].count += 1 } else { found.append((finding, 1)) }
    }
    return found
  }

  private func place(_ span: SourceSpan?) -> String {
    span.flatMap { sources.location(of: $0) }.map { "\($0.file):\($0.line):\($0.column): " } ?? ""
  }

  // MARK: JSON

  func json(_ name: String, _ settings: GradientCheck.Settings) -> JSON {
    .object([
      ("graph", .string(name)), ("of", .array(report.targets.map(JSON.string))),
      ("rtol", .double(settings.tolerance.relative)), ("atol", .double(settings.tolerance.absolute)),
      ("operations", .int(Int64(report.edges))), ("comparisons", .int(Int64(report.comparisons))),
      ("largest_error", .double(report.largestError)), ("variables", .array(report.variables.map(json))),
      ("failures", .array(report.failures.map(json))), ("doubts", .array(report.doubts.map(json))),
      (
        "uncompared",
        .array(
          report.uncompared.map {
            .object([("operation", .string($0.operation))] + position($0.span) + [("reason", .string($0.reason))])
          })
      ),
    ])
  }

  private func json(_ finding: GradientReport.Finding) -> JSON {
    var members: [(String, JSON)] = [
      ("derivative", .string("\(finding.subject)")), ("operation", .string(finding.operation)),
      ("input", .string(finding.input)),
    ]
    members += position(finding.span)
    members += [
      ("found", .double(finding.found)), ("expected", .double(finding.expected)), ("error", .double(finding.error)),
      ("verdict", .string(Self.code(finding.verdict))),
    ]
    if case .agreesBesideKinks(let count) = finding.verdict { members.append(("kinks", .int(Int64(count)))) }
    if let fault = finding.fault { members.append(("fault", .string(fault))) }
    return .object(members)
  }

  private static func code(_ verdict: Verdict) -> String {
    switch verdict {
    case .agrees, .agreesBesideKinks: "agrees"
    case .kink: "kink"
    case .unsettled: "unsettled"
    case .differs: "differs"
    }
  }

  private func position(_ span: SourceSpan?) -> [(String, JSON)] {
    let location = span.flatMap { sources.location(of: $0) }
    return [
      ("file", location.map { .string($0.file) } ?? .null), ("line", location.map { .int(Int64($0.line)) } ?? .null),
      ("column", location.map { .int(Int64($0.column)) } ?? .null),
    ]
  }
}
