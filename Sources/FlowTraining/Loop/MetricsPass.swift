import FlowGraph
package import FlowLanguage
package import FlowRuntime
import FlowTensor

/// The loss and the reported values over a data set, without training.
package final class MetricsPass {
  private let settings: TrainingSettings
  private let evaluation: BatchEvaluation
  private let store: VariableStore
  /// The metrics' own states at their first values.
  private let fresh: State

  /// - Parameters:
  ///   - program: resolved without training.
  ///   - filled: the inputs that batches will fill.
  ///   - request: where the batches come from, if anywhere.
  /// - Fails: where an input that is needed has neither data nor a value of its own.
  package init(
    _ program: Program, _ settings: TrainingSettings, filled: Set<Int>, from request: DataRequest?, seed: Int64,
    store: VariableStore, executor: Executor
  ) throws(Failure) {
    let graph = program.graph
    let states = Set(settings.report.flatMap(\.states))
    self.settings = settings
    self.store = store
    let fetches = [settings.minimize] + settings.report.map(\.value)
    let updates = graph.updates.filter { states.contains($0.variable) }
    evaluation = try BatchEvaluation(
      graph, fetching: fetches, updates: updates, filled: filled, from: request, seed: seed, store: store,
      executor: executor)
    let names = Set(states.map { graph.variables[$0].name })
    fresh = try evaluating { () throws(SessionError) in
      try graph.initialState(seed: seed, executor: executor) { names.contains($0.name) }
    }
  }

  /// - Parameter rows: those of the data set to go through, in order.
  package func run(_ data: DataSet, _ batches: BatchPlan) throws(Failure) -> (metrics: TrainingEvent.Metrics, rows: Int)
  {
    for (name, tensor) in fresh { store[name] = tensor }
    var sums = MetricSums(settings)
    for index in 0..<batches.batchCount {
      let rows = batches.batch(index, of: batches.rows)
      try evaluate(try data.batch(rows))
      sums.add(evaluation.session, rows: rows.count)
    }
    return (sums.metrics, sums.rows)
  }

  /// The metrics on the inputs' own values.
  package func run() throws(Failure) -> TrainingEvent.Metrics {
    for (name, tensor) in fresh { store[name] = tensor }
    var sums = MetricSums(settings)
    try evaluate([])
    sums.add(evaluation.session, rows: 1)
    return sums.metrics
  }

  private func evaluate(_ batch: [(variable: Int, tensor: Tensor)]) throws(Failure) {
    try evaluation.evaluate(batch)
    evaluation.session.commit()
  }
}
