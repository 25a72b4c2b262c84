import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowRuntime
import FlowTensor
import FlowTraining

/// `flowrun check`: parses, types and plans, without running.
struct CheckCommand: ParsableCommand, Command {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Checks a file without running it, and says what it would cost.",
    discussion: "Example: flowrun check samples/digits.flow")

  @OptionGroup var graph: GraphOptions

  @Flag(help: "Print one JSON object; errors too.")
  var json = false

  var console: Console { graph.talk.console }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    do {
      let bench = try Workbench(graph, into: &sources)
      let plan = try bench.plan()
      let summary = Summary(bench, flops: plan.statistics.flops, peakBytes: plan.statistics.peakBytes)
      let missing = missingGradients(trained(bench, &sources), registry: bench.registry)
      let warnings = bench.program.diagnostics.filter { $0.severity == .warning } + missing
      try console.print(json ? summary.json(warnings.map { $0.json(sources) }).text : summary.text)
      console.show(missing, sources)
      return 0
    } catch {
      guard json, error.code == .badData else { throw error }
      let errors = Diagnostics(error.diagnostics).inOrder.prefix(Diagnostics.limit)
      try console.print(JSON.object([("errors", .array(errors.map { $0.json(sources) }))]).text)
      return error.code.rawValue
    }
  }
}

extension CheckCommand {
  /// The graph as it is trained; where only that is wrong, the training says so.
  private func trained(_ bench: Workbench, _ sources: inout SourceMap) -> Program {
    guard bench.program.training != nil else { return bench.program }
    let options = ResolveOptions(isTraining: true, disconnected: .ignore)
    return (try? bench.file.resolve(bench.registry, options, into: &sources)) ?? bench.program
  }
}

/// What `check` prints.
private struct Summary {
  let bench: Workbench
  let flops: Int
  let peakBytes: Int

  init(_ bench: Workbench, flops: Int, peakBytes: Int) {
    self.bench = bench
    self.flops = flops
    self.peakBytes = peakBytes
  }

  private var graph: Graph { bench.program.graph }
  private var inputs: [(String, TensorType)] { variables(.input) }
  private var parameters: [(String, TensorType)] { variables(.parameter) }
  private var states: [(String, TensorType)] { variables(.state) }
  private var outputs: [(String, TensorType)] { graph.outputs.map { ($0.name, graph.type(of: $0.value)) } }

  private func variables(_ role: Graph.Variable.Role) -> [(String, TensorType)] {
    graph.variables.filter { $0.role == role }.map { ($0.name, $0.type) }
  }

  func json(_ warnings: [JSON]) -> JSON {
    .object(
      [
        ("graph", .string(bench.file.name)), ("inputs", Self.json(inputs)), ("parameters", Self.json(parameters)),
        ("outputs", Self.json(outputs)), ("nodes", .int(Int64(graph.nodeCount))),
        ("flops", .int(Int64(flops))), ("peak_bytes", .int(Int64(peakBytes))),
      ] + (warnings.isEmpty ? [] : [("warnings", .array(warnings))]))
  }

  var text: String {
    let count = parameters.reduce(0) { $0 + ((try? $1.1.shape.elementCount().size) ?? 0) }
    var lines = ["graph \(bench.file.name)"]
    lines += Self.lines("inputs", inputs)
    lines += Self.lines("parameters", parameters)
    lines += Self.lines("states", states)
    lines += Self.lines("outputs", outputs)
    lines.append("\(graph.nodeCount) nodes, \(count) parameters, \(flops) FLOPs, peak memory \(byteText(peakBytes))")
    return lines.joined(separator: "\n")
  }

  private static func lines(_ title: String, _ entries: [(String, TensorType)]) -> [String] {
    entries.isEmpty ? [] : ["\(title):"] + entries.map { "  \($0.0): \($0.1)" }
  }

  private static func json(_ entries: [(String, TensorType)]) -> JSON {
    .object(
      entries.map { name, type in
        let shape = type.shape.map { $0.size.map { JSON.int(Int64($0)) } ?? .string($0.description) }
        return (name, .object([("dtype", .string(type.dtype.rawValue)), ("shape", .array(shape))]))
      })
  }
}

/// Bytes for a person: "1.5 MB".
func byteText(_ bytes: Int) -> String {
  var size = Double(bytes)
  for unit in ["bytes", "kB", "MB", "GB"] {
    if size < 1000 { return unit == "bytes" ? "\(bytes) bytes" : "\((size * 10).rounded() / 10) \(unit)" }
    size /= 1000
  }
  return "\((size * 10).rounded() / 10) TB"
}

extension Diagnostic {
  func json(_ sources: SourceMap) -> JSON {
    let location = span.flatMap { sources.location(of: $0) }
    return .object([
      ("file", location.map { .string($0.file) } ?? .null), ("line", location.map { .int(Int64($0.line)) } ?? .null),
      ("column", location.map { .int(Int64($0.column)) } ?? .null), ("id", .string(id)), ("message", .string(message)),
      ("help", help.map(JSON.string) ?? .null),
    ])
  }
}
