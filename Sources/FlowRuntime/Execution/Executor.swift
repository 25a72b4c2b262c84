import FlowGraph

/// Runs programs. Owns the threads that it runs them on.
///
/// The bits of a result do not depend on the number of threads.
package final class Executor: Sendable {
  package struct Options: Sendable, Hashable {
    /// Stops at the first NaN or infinity in a floating output.
    package var checksNumerics: Bool
    /// Counts how often each node runs, for `Session.firings`.
    package var countsFirings: Bool

    package init(checksNumerics: Bool = false, countsFirings: Bool = false) {
      self.checksNumerics = checksNumerics
      self.countsFirings = countsFirings
    }
  }

  /// The threads that take part, the caller's included.
  package let threads: Int
  package let options: Options

  /// - Parameter threads: nil for one a core.
  package init(threads: Int? = nil, options: Options = Options()) {
    self.threads = max(threads ?? 1, 1)
    self.options = options
  }

  /// Runs every step of a program once.
  func run(_ program: Program, workspace: OwnedMemory) throws(StepFailure) {
    for step in 0..<program.stepCount {
      try StepFailure.run(step, of: program, workspace, options)
    }
  }
}

/// The step that stopped a run, and why.
struct StepFailure: Error, Sendable {
  let step: Int
  let reason: RuntimeFault.Reason

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
    program.countFiring(step)
    if options.checksNumerics, let reason = NumericsCheck.fault(in: program.outputs(of: step)) {
      throw StepFailure(step: step, reason: reason)
    }
  }
}
