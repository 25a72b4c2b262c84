import Flow
import FlowDiagnostics
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowOperations
import FlowRuntime
import FlowTensor
import FlowTraining
import Foundation
import Testing

/// The loop as a stream of events, and what a checkpoint holds.
struct LoopTests {
  private static let graph = """
    param w: f32[2] = [1.0, -1.0]
    param unused = 3.0
    state seen: i64 = 0
    noise = normal(shape: [2], dtype: f32)
    loss = sum((w - 0.1 * noise) ** 2)
    update seen = seen + 1
    train {
      minimize: loss
      report: loss
      optimizer: momentum(lr: 0.1)
      steps: 6
      seed: 5
    }

    """

  private final class Folder: Sendable {
    let path: String
    init() throws {
      let url = FileManager.default.temporaryDirectory.appendingPathComponent("flow-loop-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      path = url.path
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private let folder: Folder
  private let executor = Executor(threads: 2)

  init() throws { folder = try Folder() }

  private func plan(_ text: String = Self.graph) throws -> TrainingPlan {
    let path = "\(folder.path)/g.flow"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    var sources = SourceMap()
    let registry = Registry.builtIn()
    let file = try GraphFile(path, into: &sources)
    let program = try file.resolve(registry, ResolveOptions(isTraining: true), into: &sources)
    let evaluation = try file.resolve(registry, ResolveOptions(), into: &sources)
    var plan = try #require(
      TrainingPlan(
        graphName: "g", source: file.source(for: folder.path), registry: registry, program: program,
        evaluation: evaluation))
    plan.checkpoint = "\(folder.path)/g.h5"
    return plan
  }

  private func events(_ loop: TrainingLoop) throws -> [TrainingEvent] {
    var events: [TrainingEvent] = []
    while let event = try loop.next() { events.append(event) }
    return events
  }

  @Test func `warnings come first, then steps and epochs, a save, and the end`() throws {
    let events = try events(try TrainingLoop(try plan(), executor: executor))
    let kinds = events.map { event in
      switch event {
      case .warning(let diagnostic): diagnostic.id
      case .step(let step, let total, _): "step \(step)/\(total ?? 0)"
      case .epoch(let epoch): "epoch \(epoch.number)"
      case .saved: "saved"
      case .done(let reason, let step, _): "done \(reason) \(step)"
      }
    }
    let steps = (1...6).flatMap { ["step \($0)/6", "epoch \($0)"] }
    #expect(kinds == ["disconnected"] + steps + ["saved", "done steps 6"])
  }

  @Test func `a checkpoint holds what the design says, and reads back equal`() throws {
    let loop = try TrainingLoop(try plan(), executor: executor)
    _ = try events(loop)
    let path = "\(folder.path)/g.h5"
    let reader = try HDF5Reader(path)
    #expect(
      try reader.attributeList().map(\.name) == ["format", "version", "graph", "step", "epoch", "engine", "crc32"])
    #expect(
      reader.entries.map(\.name) == [
        "params/w", "params/unused", "state/seen", "optimizer/velocity/w", "training/sums",
        "training/history/minimize", "training/history/report/loss",
      ])
    let checkpoint = try Checkpoint(reading: path)
    #expect(checkpoint.source == Self.graph)
    #expect(checkpoint.progress.step == 6 && checkpoint.progress.epoch == 6 && checkpoint.progress.seed == 5)
    #expect(checkpoint.tensors.first { $0.path == "state/seen" }?.tensor.doubles == [6])
    let first = try Data(contentsOf: URL(fileURLWithPath: path))
    try checkpoint.write(to: path)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == first)
  }

  @Test func `a stop is answered after the step that runs`() throws {
    let loop = try TrainingLoop(try plan(), executor: executor)
    while let event = try loop.next() {
      if case .step(2, _, _) = event { loop.stop(.interrupted) }
      if case .done(let reason, let step, _) = event { #expect(reason == .interrupted && step == 2) }
    }
    #expect(try Checkpoint(reading: "\(folder.path)/g.h5").progress.step == 2)
  }

  @Test func `a failed save is a failure, and the state is still there`() throws {
    var plan = try plan()
    plan.checkpoint = "\(folder.path)/none/g.h5"
    let loop = try TrainingLoop(plan, executor: executor)
    #expect(throws: Failure.self) { try self.events(loop) }
    #expect(loop.state["seen"]?.doubles == [6])
  }

  @Test(arguments: ["seed: 5", "seed: -1"])
  func `random numbers depend on the seed and the step alone`(_ seed: String) throws {
    let text = Self.graph.replacingOccurrences(of: "seed: 5", with: seed)
    let loops = try (0..<2).map { _ in try TrainingLoop(try plan(text), executor: executor) }
    for loop in loops { _ = try events(loop) }
    #expect(loops[0].state["w"]?.doubles == loops[1].state["w"]?.doubles)
  }

  @Test(arguments: [
    ("steps: 6", "accumulate: 0", "bad-setting"), ("minimize: loss", "minimize: w", "not-a-scalar"),
    ("momentum(lr: 0.1)", "momentun(lr: 0.1)", "unknown-optimizer"), ("lr: 0.1", "rate: 0.1", "unknown-attribute"),
  ])
  func `a setting that is wrong is refused`(_ old: String, _ new: String, _ id: String) throws {
    let text = Self.graph.replacingOccurrences(of: old, with: new)
    let failure = #expect(throws: Failure.self) { try self.plan(text) }
    #expect(failure?.code == .badData && failure?.diagnostics.first?.id == id)
  }
}
