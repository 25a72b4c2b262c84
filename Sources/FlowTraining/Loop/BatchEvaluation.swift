package import FlowGraph
package import FlowLanguage
package import FlowRuntime
package import FlowTensor

/// Values of a graph, evaluated on one batch after another.
package final class BatchEvaluation {
  package let session: Session
  private let defaults: InputDefaults
  private let feeds: [(variable: Int, tensor: Tensor)]

  /// - Parameters:
  ///   - filled: the inputs that batches will fill.
  ///   - feeds: what other inputs hold in every batch.
  ///   - request: where the batches come from, if anywhere.
  /// - Fails: where an input that is needed has neither data nor a value of its own.
  package init(
    _ graph: Graph, fetching fetches: [ValueID], updates: [Graph.Update] = [], filled: Set<Int>,
    feeds: [(variable: Int, tensor: Tensor)] = [], from request: DataRequest?, seed: Int64, step: Int64 = 0,
    store: VariableStore, executor: Executor
  ) throws(Failure) {
    let given = filled.union(feeds.map(\.variable))
    try graph.checkFilled(given, fetching: fetches, updates, by: request)
    session = Session(graph, fetching: fetches, updates: updates, store: store, executor: executor)
    defaults = try InputDefaults(graph, fed: given, seed: seed, executor: executor)
    self.feeds = feeds
    session.setCounter(seed: seed, step: step)
  }

  package func evaluate(_ batch: [(variable: Int, tensor: Tensor)]) throws(Failure) {
    let given = batch + feeds
    for (variable, tensor) in given { session.feed(variable, tensor) }
    for (variable, tensor) in try defaults.tensors(beside: given) { session.feed(variable, tensor) }
    try evaluating { () throws(SessionError) in try session.evaluate() }
  }
}
