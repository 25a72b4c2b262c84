import FlowLanguage

extension Checkpoint.History {
  /// How the last epoch compares by a metric with those before.
  struct Standing: Equatable {
    /// Whether no earlier one was as good.
    var isBest: Bool
    /// The epochs since the best one.
    var epochsSinceBest: Int
  }

  /// Nil where there is no epoch yet. NaN is never the best; of equal values the first is.
  func standing(by metric: TrainingSettings.Metric) -> Standing? {
    guard let values = columns.first(where: { $0.name == metric.column })?.values, !values.isEmpty else { return nil }
    var best: Int?
    for (epoch, value) in values.enumerated() where !value.isNaN {
      guard let current = best.map({ values[$0] }) else {
        best = epoch
        continue
      }
      if metric.prefersHighest ? value > current : value < current { best = epoch }
    }
    let last = values.count - 1
    return Standing(isBest: best == last, epochsSinceBest: last - (best ?? -1))
  }
}

extension TrainingSettings.Metric {
  /// Its column in the history.
  fileprivate var column: String {
    if name == "minimize" { return name }
    if name.hasPrefix("validation.") { return name.replacing(".", with: "/", maxReplacements: 1) }
    return "report/\(name)"
  }
}
