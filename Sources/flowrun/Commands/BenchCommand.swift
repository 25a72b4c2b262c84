import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowRuntime
import FlowTraining

/// `flowrun bench`: how long a step takes.
struct BenchCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Times a training step, or an evaluation of the outputs where the file has no train block.",
    discussion: """
      Example: flowrun bench samples/digits.flow --steps 200 --threads 1

      Prints the median and the least time after some steps to warm up. Nothing is saved.
      """)

  @OptionGroup var graph: GraphOptions

  @Option(help: ArgumentHelp("How many steps are timed.", valueName: "N"))
  var steps = 100

  @Option(help: ArgumentHelp("How many steps go before.", valueName: "N"))
  var warmup = 3

  @Flag(help: "Print one JSON object.")
  var json = false

  var console: Console { graph.talk.console }

  func validate() throws {
    if !(1...10_000_000).contains(steps) { throw ValidationError("--steps is 1 to 10000000") }
    if !(0...10_000_000).contains(warmup) { throw ValidationError("--warmup is 0 to 10000000") }
  }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let bench = try Workbench(graph, isTraining: true, into: &sources)
    var loss: Double?
    let times: [Double]
    if bench.program.training == nil {
      times = try evaluations(bench)
    } else {
      (times, loss) = try trainingSteps(bench, &sources)
    }
    let result = BenchResult(
      graph: bench.file.name, times: times, threads: bench.evaluation.executor.threads, loss: loss)
    try console.print(json ? result.json.text : result.text)
    return 0
  }

  private func evaluations(_ bench: Workbench) throws(Failure) -> [Double] {
    let run = try bench.evaluation.prepared(bench.program.graph, bench.program.graph.outputs.map(\.value))
    var times: [Double] = []
    for step in 0..<(warmup + steps) {
      let seconds = try timed { () throws(Failure) in try run() }
      if step >= warmup { times.append(seconds) }
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
    var start = ContinuousClock.now
    while let event = try loop.next() {
      switch event {
      case .step(let step, _, let value):
        if step > warmup { times.append(start.duration(to: .now).inSeconds) }
        loss = value
        start = .now
      case .warning, .saved, .done: break
      // Validation is no part of a step.
      case .epoch: start = .now
      }
    }
    return (times, loss)
  }

  private func timed(_ body: () throws(Failure) -> Void) throws(Failure) -> Double {
    let start = ContinuousClock.now
    try body()
    return start.duration(to: .now).inSeconds
  }
}

/// What `bench` prints.
private struct BenchResult {
  let graph: String
  let times: [Double]
  let threads: Int
  let loss: Double?

  private var sorted: [Double] { times.sorted() }
  private var median: Double { times.isEmpty ? .nan : sorted[times.count / 2] * 1e6 }
  private var least: Double { (sorted.first ?? .nan) * 1e6 }

  var json: JSON {
    .object([
      ("graph", .string(graph)), ("steps", .int(Int64(times.count))), ("median_us", .double(rounded(median))),
      ("min_us", .double(rounded(least))), ("peak_rss_mb", .int(Int64(peakMemory >> 20))),
      ("threads", .int(Int64(threads))), ("minimize", loss.map(JSON.double) ?? .null),
    ])
  }

  var text: String {
    """
    \(graph): median \(shortText(median)) us, least \(shortText(least)) us a step, over \(times.count) steps on \
    \(threads) thread\(threads == 1 ? "" : "s"); peak memory \(byteText(peakMemory))
    """
  }

  private func rounded(_ microseconds: Double) -> Double { (microseconds * 100).rounded() / 100 }
}
