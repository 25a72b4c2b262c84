import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowRuntime
import FlowTraining

/// `flowrun train`: trains and saves.
struct TrainCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains a graph file and saves checkpoints.",
    discussion: """
      Example: flowrun train samples/digits.flow --checkpoint digits.h5

      SIGINT and SIGTERM end the training after a last checkpoint; --resume goes on from there with the same bits.
      """)

  @OptionGroup var graph: GraphOptions

  @Option(help: ArgumentHelp("Epochs in total, also after a resume.", valueName: "N"))
  var epochs: Int?

  @Option(help: ArgumentHelp("Steps in total, also after a resume.", valueName: "N"))
  var steps: Int?

  @Option(
    help: ArgumentHelp("Where to save; default: the file's checkpoint, else its stem with .h5 here.", valueName: "F"))
  var checkpoint: String?

  @Flag(help: "Save nothing.")
  var noCheckpoint = false

  @Flag(help: "Go on from the checkpoint.")
  var resume = false

  @Flag(help: "Start over where there is a checkpoint already.")
  var force = false

  @Option(help: ArgumentHelp("Start from the tensors of a file.", valueName: "F"))
  var weights: String?

  @Option(help: ArgumentHelp("Append an event a line to a file, as --json prints them.", valueName: "F.jsonl"))
  var metrics: String?

  @Option(
    help: ArgumentHelp("Write the metrics of each epoch to a folder that TensorBoard shows.", valueName: "DIR"))
  var tensorboard: String?

  @Option(help: ArgumentHelp("Stop after this time, saved.", valueName: "seconds"))
  var timeLimit: Double?

  @Flag(help: "Print one JSON object a line for each event.")
  var json = false

  var console: Console { graph.talk.console }

  func validate() throws {
    if resume && force { throw ValidationError("--resume and --force exclude each other") }
    if resume && noCheckpoint { throw ValidationError("--resume and --no-checkpoint exclude each other") }
    if resume && weights != nil { throw ValidationError("--resume and --weights exclude each other") }
    if checkpoint != nil && noCheckpoint {
      throw ValidationError("--checkpoint and --no-checkpoint exclude each other")
    }
    if let epochs, epochs < 0 { throw ValidationError("--epochs is at least 0") }
    if let steps, steps < 0 { throw ValidationError("--steps is at least 0") }
    if let timeLimit, timeLimit.isNaN || timeLimit < 0 { throw ValidationError("--time-limit is at least 0") }
  }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let bench = try Workbench(graph, isTraining: true, keepsSeed: true, into: &sources)
    let evaluation = try bench.file.resolve(
      bench.registry, ResolveOptions(disconnected: .ignore), into: &sources)
    guard let settings = bench.program.training else {
      throw Failure(
        .badData, id: "no-train-block", "\(graph.file): the file has no train block", help: "train { minimize: loss }")
    }
    let target = CheckpointTarget(self, bench, settings)
    try target.check(settings, bench.file)
    let lock = try target.lock()
    defer { withExtendedLifetime(lock) {} }
    if let metrics { try failing { () throws(FileError) in try FileBytes.append("", to: metrics) } }
    let board = try tensorboard.map { folder throws(Failure) in
      try failing { () throws(FileError) in try EventFile(in: folder) }
    }
    let resumed = resume ? try target.load(console) : nil
    guard let plan = plan(bench, evaluation, target) else { return Failure.Code.internal.rawValue }
    if let resumed { target.reportChanges(since: resumed, plan, console) }
    let state = try firstState(bench, plan, resumed)
    let loop = try TrainingLoop(plan, state: state, progress: resumed?.progress, executor: graph.executor)
    return try follow(loop, firstStep: resumed?.progress.step ?? 0, board, bench.file.name, sources)
  }

  private func plan(_ bench: Workbench, _ evaluation: Program, _ target: CheckpointTarget) -> TrainingPlan? {
    let folder = target.path.map { Path.folder(of: $0) } ?? "."
    var plan = TrainingPlan(
      graphName: bench.file.name, source: bench.file.source(for: folder), registry: bench.registry,
      program: bench.program, evaluation: evaluation)
    plan?.seed = bench.seed
    plan?.saving = target.saving
    let file = bench.file
    plan?.resolvePath = { file.located($0) }
    plan?.formats = file.formats
    plan?.timeLimit = timeLimit
    if let epochs { plan?.epochs = epochs }
    if let steps { plan?.steps = steps }
    return plan
  }

  private func firstState(_ bench: Workbench, _ plan: TrainingPlan, _ resumed: Checkpoint?) throws(Failure) -> State {
    if let resumed {
      let step = try TrainingStep(plan.program, plan.settings, registry: plan.registry)
      return try Weights(resumed.tensors, for: step.graph, from: plan.checkpoint ?? "") { $0.role.isKept }.state
    }
    guard let weights else { return [:] }
    let loaded = try Weights(reading: weights, for: bench.program.graph) { $0.role == .parameter || $0.role == .state }
    loaded.report(from: weights, isStart: true, console)
    return loaded.state
  }

  /// Draws events until the training ends; a signal ends it early.
  private func follow(
    _ loop: TrainingLoop, firstStep: Int, _ board: EventFile?, _ name: String, _ sources: SourceMap
  ) throws(Failure) -> Int32 {
    var report = TrainingReport(
      console, name: name, json: json, metrics: metrics, board: board, firstStep: firstStep, sources)
    Interruption.watch()
    var reason: TrainingEvent.Reason?
    while let event = try next(loop, &report) {
      try report.show(event)
      if case .done(let why, _, _) = event { reason = why }
    }
    guard reason == .interrupted, let signal = Interruption.number else { return 0 }
    return 128 + signal
  }

  private func next(_ loop: TrainingLoop, _ report: inout TrainingReport) throws(Failure) -> TrainingEvent? {
    if Interruption.number != nil { loop.stop(.interrupted) }
    do {
      return try loop.next()
    } catch {
      report.close()
      throw error
    }
  }
}
