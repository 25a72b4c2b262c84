import FlowLanguage

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

  mutating func add(_ values: [Double], rows count: Int) {
    rows += count
    for (index, value) in values.enumerated() {
      if isRunning[index] { sums[index] = value } else { sums[index] += value * Double(count) }
    }
  }

  var metrics: TrainingEvent.Metrics {
    let values = sums.indices.map { isRunning[$0] ? sums[$0] : sums[$0] / Double(max(rows, 1)) }
    return TrainingEvent.Metrics(minimize: values[0], report: Array(zip(names, values.dropFirst())).map { ($0, $1) })
  }
}
