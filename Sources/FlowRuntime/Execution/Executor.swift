import FlowGraph
import Synchronization

/// Runs programs. Owns the threads that it runs them on.
///
/// The bits of a result do not depend on the number of threads: blocks come from kernels, and the order of nodes changes no value.
package final class Executor: Sendable {
  package struct Options: Sendable, Hashable {
    /// Stops at the first NaN or infinity in a floating output.
    package var checksNumerics: Bool
    /// Counts how often each node runs, for `Session.firings`.
    package var countsFirings: Bool
    /// See `PlanRequest.slackBytes`.
    package var slackBytes: Int
    /// See `PlanRequest.optimizes`.
    package var optimizes: Bool
    /// Whether element-wise nodes run in passes that they share; never where numbers are checked, each in its own node.
    package var fuses: Bool

    /// Whether something is done after each step.
    var watchesSteps: Bool { checksNumerics || countsFirings }

    package init(
      checksNumerics: Bool = false, countsFirings: Bool = false, slackBytes: Int = PlanRequest.defaultSlackBytes,
      optimizes: Bool = true, fuses: Bool = true
    ) {
      self.optimizes = optimizes
      self.fuses = fuses && optimizes && !checksNumerics
      self.slackBytes = slackBytes
      self.checksNumerics = checksNumerics
      self.countsFirings = countsFirings
    }
  }

  /// The threads that take part, the caller's included.
  package let threads: Int
  package let options: Options
  /// What is told of every block that runs, for a profile.
  let recorder: Recorder?

  private let start: @Sendable () -> Void
  /// Made with the first step that is worth it; held while a run uses it.
  private let pool = Mutex<WorkerPool?>(nil)

  /// - Parameters:
  ///   - threads: nil for one a core.
  ///   - recorder: what is told of every block that runs, for a profile.
  ///   - start: what each further thread calls first, such as settings of a library that are kept by thread.
  package init(
    threads: Int? = nil, options: Options = Options(), recorder: Recorder? = nil,
    onThreadStart start: @escaping @Sendable () -> Void = {}
  ) {
    self.threads = max(threads ?? SystemThread.coreCount, 1)
    self.options = options
    self.recorder = recorder
    self.start = start
  }

  deinit { pool.withLock { $0?.shutDown() } }

  /// Runs each of a program's steps of a moment once.
  ///
  /// On one thread, and where that is little work, in the plan's order; else as operands resolve.
  func run(_ program: Program, _ moment: Plan.Moment, workspace: OwnedMemory) throws(StepFailure) {
    if let calls = program.calls(moment) { return try run(program, calls, workspace) }
    try pool.withLock { (pool) throws(StepFailure) in
      let workers = pool ?? WorkerPool(threads: threads, options: options, onStart: start)
      pool = workers
      try workers.perform(program, program.tasks(moment))
    }
  }

  private func run(_ program: Program, _ calls: StepCalls, _ workspace: OwnedMemory) throws(StepFailure) {
    for stretch in calls.stretches {
      if stretch.calls.isEmpty {
        for step in stretch.steps { try StepFailure.run(step, of: program, workspace, options) }
      } else {
        program.run(stretch, of: calls)
        guard options.watchesSteps else { continue }
        for step in stretch.steps { try StepFailure.finish(step, of: program, options) }
      }
    }
  }
}

/// The step that stopped a run, and why.
struct StepFailure: Error, Sendable {
  let step: Int
  let reason: RuntimeFault.Reason
}

extension StepFailure {
  /// Runs all blocks of a step and checks what came out.
  @inline(__always)
  static func run(
    _ step: Int, of program: Program, _ workspace: OwnedMemory, _ options: Executor.Options
  ) throws(StepFailure) {
    do throws(OperationError) {
      try program.run(step, workspace: workspace.bytes)
    } catch {
      throw StepFailure(step: step, reason: .operation(error))
    }
    try finish(step, of: program, options)
  }

  static func run(
    _ step: Int, block: Int, of program: Program, _ workspace: OwnedMemory
  ) throws(StepFailure) {
    do throws(OperationError) {
      try program.run(step, block: block, workspace: workspace.bytes)
    } catch {
      throw StepFailure(step: step, reason: .operation(error))
    }
  }

  /// What follows the last block of a step.
  @inline(__always)
  static func finish(_ step: Int, of program: Program, _ options: Executor.Options) throws(StepFailure) {
    program.countFiring(step)
    if options.checksNumerics, let reason = NumericsCheck.fault(in: program.outputs(of: step)) {
      throw StepFailure(step: step, reason: reason)
    }
  }
}
