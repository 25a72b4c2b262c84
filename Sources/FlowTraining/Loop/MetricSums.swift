import FlowLanguage
import FlowRuntime

/// The loss and the reported values of an epoch so far: averages weighted by rows, or a metric's own running value.
struct MetricSums: Sendable {
  private let names: [String]
  /// Whether a value is the metric's own, kept in its states, instead of an average.
  private let isRunning: [Bool]
  private(set) var rows: Int
  private(set) var sums: [Double]

  init(_ settings: TrainingSettings, rows: Int = 0, sums: [Double] = []) {
    names = settings.report.map(\.name)
    isRunning = [false] + settings.report.map { !$0.states.isEmpty }
    self.rows = rows
    self.sums = sums.count == isRunning.count ? sums : Array(repeating: 0, count: isRunning.count)
  }

  /// Adds the values that a batch of so many rows left in a session, whose first fetches they are; NaN for what has none.
  mutating func add(_ session: Session, rows count: Int) {
    rows += count
    for index in sums.indices {
      let value = session.scalar(index) ?? .nan
      if isRunning[index] { sums[index] = value } else { sums[index] += value * Double(count) }
    }
  }

  /// Begins anew.
  mutating func clear() {
    rows = 0
    for index in sums.indices { sums[index] = 0 }
  }

  var metrics: TrainingEvent.Metrics {
    TrainingEvent.Metrics(minimize: value(0), report: names.indices.map { (names[$0], value($0 + 1)) })
  }

  private func value(_ index: Int) -> Double { isRunning[index] ? sums[index] : sums[index] / Double(max(rows, 1)) }
}
