import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowRuntime
import FlowTraining

/// `flowrun eval`: the reported values over data.
struct EvalCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Evaluates the loss and the reported values over the validation data, without training.",
    discussion: """
      Example: flowrun eval samples/digits.flow --weights digits.h5

      Without validation data in the file, the training data are used.
      """)

  @OptionGroup var graph: GraphOptions

  @Option(help: ArgumentHelp("Take parameters and states from a checkpoint.", valueName: "ckpt.h5"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Other data: 'hdf5(\"file.h5\", x: \"group/x\")'; its path is relative to the working folder.",
      valueName: "source"))
  var data: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  var console: Console { graph.talk.console }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let bench = try Workbench(graph, weights: weights, into: &sources)
    guard let settings = bench.program.training else {
      throw Failure(
        .badData, id: "no-train-block", "\(graph.file): the file has no train block, which says what to report")
    }
    let executor = bench.evaluation.executor
    let store = VariableStore(try bench.evaluation.state(for: bench.program.graph))
    let held = try held(bench, settings)
    let pass = try MetricsPass(
      bench.program, settings, filled: held?.data.filledInputs ?? [], from: held?.data.request,
      seed: bench.seed, store: store, executor: executor)
    let metrics: TrainingEvent.Metrics
    var rows = 1
    if let held { (metrics, rows) = try pass.run(held.data, held.batches) } else { metrics = try pass.run() }
    console.show(held?.warnings ?? [], sources)
    try console.print(json ? Self.json(bench.file.name, metrics, rows).text : Self.text(metrics, rows))
    return 0
  }

  private typealias Held = (data: DataSet, batches: BatchPlan, warnings: [Diagnostic])

  /// The data to go through; nil where the file has none.
  private func held(_ bench: Workbench, _ settings: TrainingSettings) throws(Failure) -> Held? {
    if let data {
      let request = try DataRequest(parsing: data, graph: bench.program.graph)
      return try open(request, path: request.path, bench, settings, fraction: nil)
    }
    switch settings.validation {
    case .data(let request)?:
      return try open(request, path: bench.file.located(request.path), bench, settings, fraction: nil)
    case .fraction(let fraction)?:
      guard let request = settings.data else { return nil }
      return try open(request, path: bench.file.located(request.path), bench, settings, fraction: fraction)
    case nil:
      guard let request = settings.data else { return nil }
      return try open(request, path: bench.file.located(request.path), bench, settings, fraction: nil)
    }
  }

  private func open(
    _ request: DataRequest, path: String, _ bench: Workbench, _ settings: TrainingSettings, fraction: Double?
  ) throws(Failure) -> Held {
    let data = try DataSet(request, path: path, graph: bench.program.graph, formats: bench.file.formats)
    let rows = fraction.map { BatchPlan.split(data.rowCount, fraction: $0, seed: bench.seed).validation }
    let (batches, warnings) = try TrainingData.evaluation(data, settings, rows: rows)
    return (data, batches, warnings)
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

extension DataRequest {
  /// Reads `hdf5("file.h5", x: "group/x")`.
  init(parsing text: String, graph: Graph) throws(Failure) {
    let expression: Expression
    do {
      expression = try parseExpression(text, file: .max)
    } catch {
      throw Failure(.usage, id: "usage", "--data: \(error.all.first?.message ?? "not a data set")")
    }
    guard let request = DataRequest(expression) else {
      throw Failure(
        .usage, id: "usage", "--data: '\(text)' is no data set", help: "--data 'hdf5(\"file.h5\", x: \"group/x\")'")
    }
    let inputs = graph.variables.filter { $0.role == .input }.map(\.name)
    if let unknown = request.fields.first(where: { !inputs.contains($0.input) }) {
      let near = nearestName(to: unknown.input, among: inputs)
      throw Failure(
        .usage, id: "unknown-name", "--data: no input named '\(unknown.input)'",
        help: near.map { "did you mean '\($0)'?" })
    }
    self = request
  }
}
