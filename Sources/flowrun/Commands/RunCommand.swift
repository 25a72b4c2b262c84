import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowTensor
import FlowTraining

/// `flowrun run`: evaluates outputs.
struct RunCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Evaluates a graph's outputs.",
    discussion: """
      Example: flowrun run samples/apples.flow --feed apple=120 --json

      An input that is not fed takes its own value, else the first batch of the file's data. Feeds are x=in.npy, \
      x=in.csv, x=in.h5:group/name, x=in.json, or a literal.
      """)

  @OptionGroup var graph: GraphOptions

  @Option(
    help: ArgumentHelp("The values to evaluate, any that the file names; default: its outputs.", valueName: "a,b"))
  var fetch: String?

  @OptionGroup var point: PointOptions

  @Option(
    help: ArgumentHelp("Write the values to a file: .h5, .json, and one value to .npy or .csv.", valueName: "out"))
  var output: String?

  @Option(help: ArgumentHelp("Compare the values with a file's; exit 1 where they differ.", valueName: "file"))
  var expect: String?

  @Option(help: ArgumentHelp("Relative tolerance of --expect.", valueName: "number"))
  var rtol = 1e-5

  @Option(help: ArgumentHelp("Absolute tolerance of --expect.", valueName: "number"))
  var atol = 1e-8

  @Flag(help: "Print one JSON object.")
  var json = false

  var console: Console { graph.talk.console }

  func validate() throws {
    if !(rtol >= 0 && atol >= 0) { throw ValidationError("--rtol and --atol are at least 0") }
  }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    try checkOutput()
    let comparison = try expect.map { path throws(Failure) in try Comparison(path, rtol: rtol, atol: atol) }
    let bench = try Workbench(graph, weights: point.weights, isTraining: point.training, into: &sources)
    let wanted = try self.wanted(bench)
    let tensors = try bench.evaluate(bench.program.graph, wanted.map(\.value), feeds: point.feed)
    let outputs = zip(wanted, tensors).map { (name: $0.name, tensor: $1) }
    let report = JSON.object([
      ("graph", .string(bench.file.name)), ("outputs", .object(outputs.map { ($0.name, .tensor($0.tensor)) })),
    ])
    if let output { try write(outputs, report, to: output) }
    if json {
      try console.print(report.text)
    } else if output == nil {
      for (name, tensor) in outputs { try console.print(TensorText.line(name, tensor)) }
    }
    return try comparison?.differences(outputs, console) == true ? Failure.Code.difference.rawValue : 0
  }

  /// Finds, before any work, that the output could not be written.
  private func checkOutput() throws(Failure) {
    guard let output else { return }
    do {
      _ = try TensorFormat.byEnding(of: output)
    } catch {
      throw Failure(.usage, id: "usage", "--output \(error.path): \(error.message)", help: error.help)
    }
    try failing { () throws(FileError) in try AtomicFile.checkWritable(output) }
  }

  private func wanted(_ bench: Workbench) throws(Failure) -> [(name: String, value: ValueID)] {
    guard let fetch else {
      let outputs = bench.program.graph.outputs.map { ($0.name, $0.value) }
      if outputs.isEmpty {
        throw Failure(.badData, id: "no-outputs", "\(graph.file): the graph has no values to evaluate")
      }
      return outputs
    }
    var wanted: [(String, ValueID)] = []
    for name in try Workbench.list(fetch, option: "--fetch") {
      wanted.append((name, try bench.evaluation.value(named: name, for: "--fetch")))
    }
    return wanted
  }

  private func write(_ outputs: [(name: String, tensor: Tensor)], _ report: JSON, to path: String) throws(Failure) {
    try failing { () throws(FileError) in
      if Path.ending(of: path) == "json" {
        try AtomicFile.write(Array((report.text + "\n").utf8), to: path)
      } else {
        try writeTensorFile(outputs.map { ($0.name.replacing(".", with: "/"), $0.tensor) }, to: path)
      }
    }
  }
}
