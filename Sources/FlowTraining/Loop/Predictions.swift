import FlowFiles
package import FlowGraph
import FlowRuntime
package import FlowTensor

/// Values with a row for each row of a data set, computed in batches and joined.
package struct Predictions {
  /// Whether a value has as many rows as a batch.
  package static func hasRows(_ value: ValueID, _ graph: Graph, _ data: DataSet) -> Bool {
    guard let first = graph.type(of: value).shape.first, let column = data.columns.first else { return false }
    return first == column.type.shape[0]
  }

  /// - Parameter evaluation: of `count` values, all of which have rows.
  /// - Fails: also where the rows of all batches do not fit in memory.
  package static func collect(
    _ count: Int, _ evaluation: BatchEvaluation, _ data: DataSet, _ batches: BatchPlan
  ) throws(Failure) -> [Tensor] {
    var parts = [[Tensor]](repeating: [], count: count)
    for index in 0..<batches.batchCount {
      try evaluation.evaluate(try data.batch(batches.batch(index, of: batches.rows)))
      if index == 0 { try checkFits(evaluation, count, batches.batchCount) }
      for fetch in 0..<count {
        if let tensor = evaluation.session.tensor(fetch) { parts[fetch].append(tensor) }
      }
    }
    return parts.compactMap(Tensor.init(joining:))
  }

  private static func checkFits(_ evaluation: BatchEvaluation, _ count: Int, _ batchCount: Int) throws(Failure) {
    let bytes = (0..<count).reduce(0) { $0 + (evaluation.session.tensor($1)?.byteCount ?? 0) }
    let (total, overflow) = bytes.multipliedReportingOverflow(by: batchCount)
    guard overflow || total > Machine.memoryByteCount / 2 else { return }
    throw Failure(
      .badData, id: "too-large", "the values of all rows need \(total) bytes, more than half of this machine's memory",
      help: "--fetch fewer values")
  }
}
