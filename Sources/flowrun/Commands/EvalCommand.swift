import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowRuntime
import FlowTensor
import FlowTraining

/// `flowrun eval`: the reported values over data.
struct EvalCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Evaluates the loss and the reported values over the validation data, without training.",
    discussion: """
      Example: flowrun eval samples/digits.flow --weights digits.h5 --output metrics.csv

      Without validation data in the file, the training data are used.
      """)

  @OptionGroup var graph: GraphOptions

  @Option(help: ArgumentHelp("Take parameters and states from a file of tensors.", valueName: "F"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Other data: 'hdf5(\"file.h5\", x: \"group/x\")'; its path is relative to the working folder.",
      valueName: "source"))
  var data: String?

  @Option(
    help: ArgumentHelp("Write the loss and the reported values to a file: .h5, .npz, .csv, .json.", valueName: "out"))
  var output: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  var console: Console { graph.talk.console }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let target = try output.map { path throws(Failure) in try TensorOutput(path, option: "--output") }
    let bench = try Workbench(graph, weights: weights, into: &sources)
    guard let settings = bench.program.training else {
      throw Failure(
        .badData, id: "no-train-block", "\(graph.file): the file has no train block, which says what to report")
    }
    let executor = bench.evaluation.executor
    let store = VariableStore(try bench.evaluation.state(for: bench.program.graph))
    let held =
      if let data { try BatchSource(parsing: data, bench) } else { try BatchSource.validation(settings, bench) }
    let pass = try MetricsPass(
      bench.program, settings, filled: held?.data.filledInputs ?? [], from: held?.data.request,
      seed: bench.seed, store: store, executor: executor)
    let metrics: TrainingEvent.Metrics
    var rows = 1
    if let held { (metrics, rows) = try pass.run(held.data, held.batches) } else { metrics = try pass.run() }
    console.show(held?.warnings ?? [], sources)
    try target?.write(Self.tensors(metrics, rows))
    try console.print(json ? Self.json(bench.file.name, metrics, rows).text : Self.text(metrics, rows))
    return 0
  }

  private static func tensors(_ metrics: TrainingEvent.Metrics, _ rows: Int) -> [(name: String, tensor: Tensor)] {
    [("minimize", Tensor(scalar: metrics.minimize))] + metrics.report.map { ($0.name, Tensor(scalar: $0.value)) }
      + [("rows", Tensor(scalar: Int64(rows)))]
  }

  private static func json(_ name: String, _ metrics: TrainingEvent.Metrics, _ rows: Int) -> JSON {
    .object([
      ("graph", .string(name)), ("minimize", .double(metrics.minimize)),
      ("report", .object(metrics.report.map { ($0.name, .double($0.value)) })), ("rows", .int(Int64(rows))),
    ])
  }

  private static func text(_ metrics: TrainingEvent.Metrics, _ rows: Int) -> String {
    (["minimize \(metrics.minimize)"] + metrics.report.map { "\($0.name) \($0.value)" } + ["rows \(rows)"])
      .joined(separator: "\n")
  }
}
