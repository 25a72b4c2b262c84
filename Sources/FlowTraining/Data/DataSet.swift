import FlowDiagnostics
package import FlowFiles
package import FlowGraph
package import FlowLanguage
package import FlowTensor

/// The rows that fill inputs, read in batches.
package struct DataSet: Sendable {
  /// One input and where its rows come from.
  struct Column: Sendable {
    let variable: Int
    let type: TensorType
    let reader: any TensorReader
    let source: String
    let request: DataRequest.Field
  }

  package let request: DataRequest
  package let rowCount: Int
  let columns: [Column]
  /// The number of rows that the inputs' types demand, if they do.
  package let fixedRows: Int?

  /// Opens the files of a data set and holds them against the inputs that they fill.
  ///
  /// - Parameters:
  ///   - path: the request's path, relative to the working folder.
  ///   - formats: those of plugins, beside the program's own.
  /// - Fails: where a file or tensor is missing, a type does not fit, or columns differ in length.
  package init(
    _ request: DataRequest, path: String, graph: Graph, formats: [TensorFormat] = []
  ) throws(Failure) {
    let reader = try Self.open(request, path, formats)
    guard !request.fields.isEmpty else {
      throw Failure(
        .badData, id: "bad-data", "the data set names no inputs", at: request.span,
        help: "\(request.format)(\"\(request.path)\", x: \"name/of/x\")")
    }
    var columns: [Column] = []
    var rows: (count: Int, input: String)?
    for field in request.fields {
      let (column, count) = try Self.column(field, reader, graph)
      if let rows, rows.count != count {
        throw Failure(
          .badData, id: "bad-data", "'\(rows.input)' has \(rows.count) rows and '\(field.input)' \(count)",
          at: field.span)
      }
      rows = (count, field.input)
      columns.append(column)
    }
    self.request = request
    rowCount = rows?.count ?? 0
    self.columns = columns
    fixedRows = try Self.fixedRows(columns)
    if rowCount == 0 {
      throw Failure(.badData, id: "empty-data", "\(path): the data set has no rows", at: request.span)
    }
  }

  /// The inputs that a batch fills.
  package var filledInputs: Set<Int> { Set(columns.map(\.variable)) }

  /// The tensors of some rows, by variable.
  package func batch(_ rows: [Int]) throws(Failure) -> [(variable: Int, tensor: Tensor)] {
    var batch: [(variable: Int, tensor: Tensor)] = []
    for column in columns {
      let tensor = try failing(at: column.request.span) { () throws(FileError) in
        try column.reader.read(column.source, rows: rows)
      }
      guard let converted = tensor.converted(to: column.type.dtype) else {
        throw Failure(
          .badData, id: "dtype-mismatch",
          "'\(column.request.input)' is \(column.type.dtype); its data has \(tensor.dtype) values that do not fit",
          at: column.request.span)
      }
      batch.append((column.variable, converted))
    }
    return batch
  }

  private static func open(
    _ request: DataRequest, _ path: String, _ plugged: [TensorFormat]
  ) throws(Failure) -> any TensorReader {
    let formats = TensorFormat.forData.map { ($0.name.lowercased(), $0) } + plugged.map { ($0.name, $0) }
    guard let format = formats.first(where: { $0.0 == request.format })?.1 else {
      let names = formats.map(\.0)
      throw Failure(
        .badData, id: "unknown-format", "no data format named '\(request.format)'", at: request.span,
        help: nearestName(to: request.format, among: names).map { "did you mean '\($0)'?" }
          ?? "the formats are \(names.joined(separator: ", "))")
    }
    if format.holdsOne, let folder = FolderReader(path, format) { return folder }
    return try failing(at: request.span) { () throws(FileError) in try format.open(path, nil) }
  }

  private static func column(
    _ field: DataRequest.Field, _ reader: any TensorReader, _ graph: Graph
  ) throws(Failure) -> (Column, rows: Int) {
    let entry = try failing(at: field.span) { () throws(FileError) in try reader.entry(field.source) }
    guard let index = graph.variables.firstIndex(where: { $0.role == .input && $0.name == field.input }) else {
      throw Failure(.badData, id: "unknown-name", "no input named '\(field.input)'", at: field.span)
    }
    let type = graph.variables[index].type
    guard let rows = entry.sizes.first else {
      throw Failure(.badData, id: "shape-mismatch", "'\(field.source)' is a scalar: data has rows", at: field.span)
    }
    let converts = entry.dtype == type.dtype || entry.dtype.isInteger && type.dtype.isInteger || reader.isText
    guard converts else {
      throw Failure(
        .badData, id: "dtype-mismatch", "'\(field.input)' is \(type), its data '\(field.source)' is \(entry.type)",
        at: field.span, help: "declare the input as \(entry.dtype) and cast it")
    }
    guard type.shape.rank > 0, type.shape.rank == entry.sizes.count,
      Shape(Array(type.shape.dimensions.dropFirst())).equals(Shape(Array(entry.sizes.dropFirst()))) != false
    else {
      throw Failure(
        .badData, id: "shape-mismatch", "'\(field.input)' is \(type), its data '\(field.source)' is \(entry.type)",
        at: field.span)
    }
    return (Column(variable: index, type: type, reader: reader, source: field.source, request: field), rows)
  }

  private static func fixedRows(_ columns: [Column]) throws(Failure) -> Int? {
    var fixed: (rows: Int, input: String)?
    for column in columns {
      guard let rows = column.type.shape[0].size else { continue }
      if let fixed, fixed.rows != rows {
        throw Failure(
          .badData, id: "shape-mismatch",
          "'\(fixed.input)' takes \(fixed.rows) rows and '\(column.request.input)' \(rows)", at: column.request.span)
      }
      fixed = (rows, column.request.input)
    }
    return fixed?.rows
  }
}

extension TensorFormat {
  /// The formats that a data set may be in.
  fileprivate static var forData: [TensorFormat] { all.filter { !["JSON", "ONNX"].contains($0.name) } }
}

extension TensorReader {
  /// Whether the file does not say what dtype its numbers have.
  fileprivate var isText: Bool { path.hasSuffix(".csv") }
}
