import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowRuntime
import FlowTraining

/// `flowrun profile`: where the time of a step goes.
struct ProfileCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Times each operation of a training step, or of an evaluation where the file has no train block.",
    discussion: """
      Example: flowrun profile samples/digits.flow --trace trace.json

      Prints for each operation its time a step, summed over threads, the bytes that it reads and writes, and its \
      arithmetic against what one thread of this machine reaches in a large matrix product. The phases are forward, \
      backward (gradients) and update (clipping and optimizer). Nothing is saved.
      """)

  @OptionGroup var graph: GraphOptions

  @Option(help: ArgumentHelp("How many steps are timed.", valueName: "N"))
  var steps = 10

  @Option(help: ArgumentHelp("How many steps go before.", valueName: "N"))
  var warmup = 3

  @Option(help: ArgumentHelp("Also write every block of work for a trace viewer (Chrome's format).", valueName: "FILE"))
  var trace: String?

  @Option(help: ArgumentHelp("How many operations are listed, the longest first.", valueName: "N"))
  var top = 30

  @Flag(help: "Print one JSON object, with all operations.")
  var json = false

  var console: Console { graph.talk.console }

  func validate() throws {
    if !(1...100_000).contains(steps) { throw ValidationError("--steps is 1 to 100000") }
    if !(0...100_000).contains(warmup) { throw ValidationError("--warmup is 0 to 100000") }
    if top < 1 { throw ValidationError("--top is 1 or more") }
  }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    if let trace { try failing { () throws(FileError) in try AtomicFile.checkWritable(trace) } }
    let recorder = Recorder()
    let bench = try Workbench(graph, isTraining: true, recorder: recorder, into: &sources)
    let runner = StepRunner(steps: steps, warmup: warmup, onStart: recorder.restart)
    let times = try runner.run(bench, &sources).times
    let profile = Profile(
      bench.file.name, recorder, times: times, threads: bench.evaluation.executor.threads,
      phases: try phases(bench))
    if let trace {
      try failing { () throws(FileError) in try AtomicFile.write(Array((profile.trace.text + "\n").utf8), to: trace) }
    }
    try console.print(json ? profile.json.text : profile.text(top: top))
    return 0
  }

  /// The graph's own operations, its gradients, and what clips these and updates the parameters.
  private func phases(_ bench: Workbench) throws(Failure) -> [(name: String, nodes: Int)] {
    let forward = (name: "forward", nodes: bench.program.graph.nodeCount)
    guard let settings = bench.program.training else { return [forward] }
    let step = try TrainingStep(bench.program, settings, registry: bench.registry)
    return [forward, ("backward", step.gradientNodes), ("update", step.graph.nodeCount)]
  }
}
