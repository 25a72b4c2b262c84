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
      x=in.npz:name, x=in.safetensors:name, x=in.csv, x=in.h5:group/name, x=in.json, or a literal. With --data the values \
      are those of all rows, computed in batches.
      """)

  @OptionGroup var graph: GraphOptions

  @Option(
    help: ArgumentHelp("The values to evaluate, any that the file names; default: its outputs.", valueName: "a,b"))
  var fetch: String?

  @OptionGroup var point: PointOptions

  @Option(
    help: ArgumentHelp(
      "All rows of a data set: 'hdf5(\"file.h5\", x: \"group/x\")'; its path is relative to the working folder.",
      valueName: "source"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Write the values to a file: .h5, .npz, .safetensors, .csv, .json, or one value to .npy.", valueName: "out"))
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
    let target = try output.map { path throws(Failure) in try TensorOutput(path, option: "--output") }
    let comparison = try expect.map { path throws(Failure) in try Comparison(path, rtol: rtol, atol: atol) }
    let bench = try Workbench(graph, weights: point.weights, isTraining: point.training, into: &sources)
    let wanted = try bench.wanted(fetch)
    let outputs = try values(of: wanted, bench, sources)
    let report = JSON.object([
      ("graph", .string(bench.file.name)), ("outputs", .object(outputs.map { ($0.name, .tensor($0.tensor)) })),
    ])
    if let target { try write(outputs, report, to: target) }
    if json {
      try console.print(report.text)
    } else if output == nil {
      for (name, tensor) in outputs { try console.print(TensorText.line(name, tensor)) }
    }
    return try comparison?.differences(outputs, console) == true ? Failure.Code.difference.rawValue : 0
  }

  private func values(
    of wanted: [(name: String, value: ValueID)], _ bench: Workbench, _ sources: SourceMap
  ) throws(Failure) -> [(name: String, tensor: Tensor)] {
    if let data { return try predictions(of: wanted, BatchSource(parsing: data, bench), bench, sources) }
    let tensors = try bench.evaluate(bench.program.graph, wanted.map(\.value), feeds: point.feed)
    return zip(wanted, tensors).map { ($0.name, $1) }
  }

  /// Values of all rows; one without rows is an error where it was asked for, else it is left out.
  private func predictions(
    of wanted: [(name: String, value: ValueID)], _ source: BatchSource, _ bench: Workbench, _ sources: SourceMap
  ) throws(Failure) -> [(name: String, tensor: Tensor)] {
    let graph = bench.program.graph
    let kept = wanted.filter { Predictions.hasRows($0.value, graph, source.data) }
    for (name, value) in wanted where !kept.contains(where: { $0.name == name }) {
      let message = "'\(name)', \(graph.type(of: value)), has no rows of the data"
      guard fetch == nil, !kept.isEmpty else {
        throw Failure(.badData, id: "no-rows", message, at: graph.span(of: value), help: "flowrun eval averages")
      }
      console.say("\(message): left out")
    }
    let feeds = try Feed.tensors(point.feed, graph).map { (variable: $0.key, tensor: $0.value) }
    let evaluation = try bench.evaluation.inBatches(
      of: kept.map(\.value), filled: source.data.filledInputs, feeds: feeds, from: source.data.request)
    console.show(source.warnings, sources)
    let tensors = try Predictions.collect(kept.count, evaluation, source.data, source.batches)
    return zip(kept, tensors).map { ($0.name, $1) }
  }

  private func write(
    _ outputs: [(name: String, tensor: Tensor)], _ report: JSON, to target: TensorOutput
  ) throws(Failure) {
    guard target.format.name == "JSON" else { return try target.write(outputs) }
    try failing { () throws(FileError) in try AtomicFile.write(Array((report.text + "\n").utf8), to: target.path) }
  }
}
