import Flow
import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowTraining

/// The data that a command goes through in batches, and what there is to say of them.
struct BatchSource {
  let data: DataSet
  let batches: BatchPlan
  let warnings: [Diagnostic]

  /// - Parameters:
  ///   - path: the request's, relative to the working folder.
  ///   - fraction: of the rows, held back for validation; nil for all.
  init(_ request: DataRequest, path: String, _ bench: Workbench, fraction: Double? = nil) throws(Failure) {
    data = try DataSet(request, path: path, graph: bench.program.graph, formats: bench.file.formats)
    let rowCount = data.rowCount
    let rows = fraction.map { BatchPlan.split(rowCount, fraction: $0, seed: bench.seed).validation }
    (batches, warnings) = try TrainingData.evaluation(data, batch: bench.program.training?.batch, rows: rows)
  }

  /// Reads `--data 'hdf5("file.h5", x: "group/x")'`; its path is relative to the working folder.
  init(parsing text: String, _ bench: Workbench) throws(Failure) {
    let request = try DataRequest(parsing: text, graph: bench.program.graph)
    try self.init(request, path: request.path, bench)
  }

  /// What a file is validated on, else its data; nil where it has none.
  static func validation(_ settings: TrainingSettings, _ bench: Workbench) throws(Failure) -> BatchSource? {
    switch settings.validation {
    case .data(let request)?: return try BatchSource(request, path: bench.file.located(request.path), bench)
    case .fraction(let fraction)?:
      guard let request = settings.data else { return nil }
      return try BatchSource(request, path: bench.file.located(request.path), bench, fraction: fraction)
    case nil:
      guard let request = settings.data else { return nil }
      return try BatchSource(request, path: bench.file.located(request.path), bench)
    }
  }
}

extension DataRequest {
  /// Reads `hdf5("file.h5", x: "group/x")`.
  init(parsing text: String, graph: Graph) throws(Failure) {
    let expression: Expression
    do {
      expression = try parseExpression(text, file: .max)
    } catch {
      throw Failure(.usage, id: "usage", "--data: \(error.all.first?.message ?? "not a data set")")
    }
    guard let request = DataRequest(expression) else {
      throw Failure(
        .usage, id: "usage", "--data: '\(text)' is no data set", help: "--data 'hdf5(\"file.h5\", x: \"group/x\")'")
    }
    let inputs = graph.variables.filter { $0.role == .input }.map(\.name)
    if let unknown = request.fields.first(where: { !inputs.contains($0.input) }) {
      let near = nearestName(to: unknown.input, among: inputs)
      throw Failure(
        .usage, id: "unknown-name", "--data: no input named '\(unknown.input)'",
        help: near.map { "did you mean '\($0)'?" })
    }
    self = request
  }
}
