import Flow
import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowRuntime
import FlowTraining

/// Training steps one after another, or evaluations of the outputs where the file has no train block.
struct StepRunner {
  let steps: Int
  let warmup: Int
  /// Called before the first step that is timed.
  var onStart: () -> Void = {}

  /// Seconds of each step, and the last loss.
  func run(_ bench: Workbench, _ sources: inout SourceMap) throws(Failure) -> (times: [Double], loss: Double?) {
    if bench.program.training == nil { return (try evaluations(bench), nil) }
    return try trainingSteps(bench, &sources)
  }

  private func evaluations(_ bench: Workbench) throws(Failure) -> [Double] {
    let run = try bench.evaluation.prepared(bench.program.graph, bench.program.graph.outputs.map(\.value))
    var times: [Double] = []
    for step in 0..<(warmup + steps) {
      if step == warmup { onStart() }
      let start = ContinuousClock.now
      try run()
      if step >= warmup { times.append(start.duration(to: .now).inSeconds) }
    }
    return times
  }

  private func trainingSteps(
    _ bench: Workbench, _ sources: inout SourceMap
  ) throws(Failure) -> (times: [Double], loss: Double?) {
    let evaluation = try bench.file.resolve(bench.registry, ResolveOptions(disconnected: .ignore), into: &sources)
    let file = bench.file
    let made = TrainingPlan(
      graphName: file.name, source: "", registry: bench.registry, program: bench.program, evaluation: evaluation)
    guard var plan = made else { return ([], nil) }
    plan.seed = bench.seed
    plan.checkpoint = nil
    plan.epochs = .max
    plan.steps = warmup + steps
    plan.resolvePath = { file.located($0) }
    plan.formats = file.formats
    let loop = try TrainingLoop(plan, executor: bench.evaluation.executor)
    var times: [Double] = []
    var loss: Double?
    if warmup == 0 { onStart() }
    var start = ContinuousClock.now
    while let event = try loop.next() {
      switch event {
      case .step(let step, _, let value):
        if step > warmup { times.append(start.duration(to: .now).inSeconds) }
        if step == warmup { onStart() }
        loss = value
        start = .now
      case .warning, .saved, .done: break
      // Validation is no part of a step.
      case .epoch: start = .now
      }
    }
    return (times, loss)
  }
}
