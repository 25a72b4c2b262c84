package import FlowDiagnostics
package import FlowFiles
package import FlowGraph
package import FlowLanguage
import FlowTensor

/// What a training goes through: data sets opened, split and cut into batches.
package struct TrainingData: Sendable {
  package let training: (data: DataSet, batches: BatchPlan)?
  package let validation: (data: DataSet, batches: BatchPlan)?
  package let warnings: [Diagnostic]

  /// - Parameters:
  ///   - formats: those of plugins.
  ///   - resolve: a path of the file's, as seen from the working folder.
  package init(
    _ settings: TrainingSettings, seed: Int64, graph: Graph, formats: [TensorFormat] = [], resolve: (String) -> String
  ) throws(Failure) {
    guard let request = settings.data else {
      guard settings.validation == nil else {
        throw Failure(.badData, id: "bad-data", "validation needs data to train on", at: settings.span)
      }
      (training, validation, warnings) = (nil, nil, [])
      return
    }
    let data = try DataSet(request, path: resolve(request.path), graph: graph, formats: formats)
    let size = try Self.batchSize(settings, data)
    var rows = Array(0..<data.rowCount)
    var held: (data: DataSet, rows: [Int])?
    switch settings.validation {
    case nil: break
    case .data(let request):
      let other = try DataSet(request, path: resolve(request.path), graph: graph, formats: formats)
      held = (other, Array(0..<other.rowCount))
    case .fraction(let fraction):
      let parts = BatchPlan.split(data.rowCount, fraction: fraction, seed: seed)
      rows = parts.training
      held = (data, parts.validation)
    }
    var warnings: [Diagnostic] = []
    training = (data, try Self.plan(data, rows, size, settings.shuffle, seed, &warnings))
    validation = try held.map { held throws(Failure) in
      (held.data, try Self.plan(held.data, held.rows, held.data.fixedRows ?? size, false, seed, &warnings))
    }
    self.warnings = warnings
  }

  /// The place to go on from: that of an earlier run, or the beginning of its epoch where the batches are others by now.
  func resuming(_ progress: Checkpoint.Progress?) -> Checkpoint.Progress? {
    guard var progress, progress.batch > 0 else { return progress }
    let batches = training?.batches
    let rows = (batches?.batchSize ?? 1).multipliedReportingOverflow(by: progress.batch)
    let isSame = !rows.overflow && rows.partialValue == progress.rows
    if isSame, progress.batch < batches?.batchCount ?? 1 { return progress }
    (progress.batch, progress.rows, progress.sums) = (0, 0, [])
    return progress
  }

  /// The batches of a data set that is evaluated, not trained on.
  package static func evaluation(
    _ data: DataSet, batch: Int?, rows: [Int]? = nil
  ) throws(Failure) -> (batches: BatchPlan, warnings: [Diagnostic]) {
    var warnings: [Diagnostic] = []
    let size = data.fixedRows ?? batch ?? 32
    let plan = try plan(data, rows ?? Array(0..<data.rowCount), size, false, 0, &warnings)
    return (plan, warnings)
  }

  private static func batchSize(_ settings: TrainingSettings, _ data: DataSet) throws(Failure) -> Int {
    if let fixed = data.fixedRows, let batch = settings.batch, fixed != batch {
      throw Failure(
        .badData, id: "shape-mismatch", "the inputs take \(fixed) rows, but 'batch' is \(batch)", at: settings.span)
    }
    return data.fixedRows ?? settings.batch ?? 32
  }

  private static func plan(
    _ data: DataSet, _ rows: [Int], _ size: Int, _ shuffles: Bool, _ seed: Int64,
    _ warnings: inout [Diagnostic]
  ) throws(Failure) -> BatchPlan {
    let size = max(size, 1)
    let isFixed = data.fixedRows != nil
    let plan = BatchPlan(rows: rows, batchSize: size, shuffles: shuffles, dropsRemainder: isFixed, seed: seed)
    guard !rows.isEmpty, plan.batchCount > 0 else {
      throw Failure(
        .badData, id: "empty-data",
        rows.isEmpty
          ? "of \(data.rowCount) rows none is left: 'validation' takes too few or too many"
          : "\(rows.count) rows make no full batch of \(size), which the inputs' types demand",
        at: data.request.span)
    }
    if isFixed, rows.count % size != 0 {
      warnings.append(
        Diagnostic(
          .warning, id: "dropped-rows",
          "the last \(rows.count % size) of \(rows.count) rows are dropped: the inputs take \(size) at a time",
          at: data.request.span))
    }
    return plan
  }
}
