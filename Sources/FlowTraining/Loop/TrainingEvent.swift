package import FlowDiagnostics

/// What happens while a model is trained, in order.
package enum TrainingEvent: Sendable {
  package struct Metrics: Sendable {
    package var minimize: Double
    /// In the order of the file.
    package var report: [(name: String, value: Double)]
  }

  package struct Epoch: Sendable {
    /// Counted from 1.
    package var number: Int
    /// The steps done so far.
    package var step: Int
    package var training: Metrics
    package var validation: Metrics?
  }

  package enum Reason: String, Sendable {
    case epochs, steps, early, interrupted
    case timeLimit = "time-limit"
  }

  case warning(Diagnostic)
  /// One step done; `step` counts from 1, `total` is how many there will be, where that is known.
  case step(Int, total: Int?, loss: Double)
  case epoch(Epoch)
  case saved(path: String, step: Int)
  case done(Reason, step: Int, checkpoint: String?)
}
