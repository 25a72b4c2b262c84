import FlowTensor

/// A CSV text as numbers: a table without a name, and under the names in its first line, where it has one, each column.
enum CSVTable {
  /// - Fails: where a field is no number of the dtype, or lines differ in length, with the line.
  static func parse(
    _ bytes: [UInt8], path: String, as dtype: DType
  ) throws(FileError) -> [(name: String, tensor: Tensor)] {
    do throws(CSVScanner.Failure) {
      return try dtype.withElementType { type throws(CSVScanner.Failure) in try parse(bytes, as: type) }
    } catch {
      throw FileError(path, .badFormat("CSV", reason: error.reason, line: error.line))
    }
  }

  private static func parse<Element: TensorElement>(
    _ bytes: [UInt8], as type: Element.Type
  ) throws(CSVScanner.Failure) -> [(name: String, tensor: Tensor)] {
    var scanner = CSVScanner(bytes)
    var (names, elements, width): ([String], [Element], Int?) = ([], [], nil)
    while let record = try scanner.next() {
      if width == nil, isHeader(record) {
        names = record.map { String(decoding: $0, as: UTF8.self) }
      } else {
        for field in record { elements.append(try number(field, at: scanner.line)) }
      }
      if let width, width != record.count {
        throw CSVScanner.Failure(reason: "\(record.count) fields, where there were \(width) before", line: scanner.line)
      }
      width = record.count
    }
    let table = Tensor(elements, [elements.count / max(width ?? 1, 1), width ?? 0])
    return [("", table)] + columns(names, elements)
  }

  /// The first line names the columns where one of its fields is no number.
  private static func isHeader(_ record: [ArraySlice<UInt8>]) -> Bool {
    record.contains { NumberText.parse($0, as: Double.self) == nil && !$0.isEmpty }
  }

  private static func number<Element: TensorElement>(
    _ field: ArraySlice<UInt8>, at line: Int
  ) throws(CSVScanner.Failure) -> Element {
    if let number = NumberText.parse(field, as: Element.self) { return number }
    let text = String(decoding: field.prefix(40), as: UTF8.self)
    let reason = field.isEmpty ? "an empty field" : "'\(text)' is no number of dtype \(Element.dtype.rawValue)"
    throw CSVScanner.Failure(reason: reason, line: line)
  }

  private static func columns<Element: TensorElement>(
    _ names: [String], _ elements: [Element]
  ) -> [(name: String, tensor: Tensor)] {
    names.enumerated().filter { !$0.element.isEmpty }.map { column, name in
      let values = stride(from: column, to: elements.count, by: names.count).map { elements[$0] }
      return (name, Tensor(values, [values.count]))
    }
  }

  /// One line for each row; a tensor of one axis is a column, a scalar a line of its own. Several tensors stand side by side, and
  /// a first line names their columns: `y`, or `y.0`, `y.1` ...
  static func text(of tensors: [(name: String, tensor: Tensor)], path: String) throws(FileError) -> String {
    var (names, columns): ([String], [[String]]) = ([], [])
    for (name, tensor) in tensors {
      let added = try Self.columns(of: tensor, path)
      names += added.count == 1 && tensor.sizes.count < 2 ? [name] : added.indices.map { "\(name).\($0)" }
      columns += added
    }
    let count = columns.first?.count ?? 0
    guard columns.allSatisfy({ $0.count == count }) else {
      throw FileError(path, .unwritable(reason: "CSV has rows, and the tensors have not equally many"))
    }
    let lines = (0..<count).map { row in columns.map { $0[row] }.joined(separator: ",") + "\n" }.joined()
    return tensors.count == 1 ? lines : names.map(quoted).joined(separator: ",") + "\n" + lines
  }

  private static func columns(of tensor: Tensor, _ path: String) throws(FileError) -> [[String]] {
    guard tensor.sizes.count <= 2 else {
      throw FileError(path, .unwritable(reason: "CSV has rows and columns, and the tensor \(tensor.sizes.count) axes"))
    }
    let width = tensor.sizes.count == 2 ? tensor.sizes[1] : 1
    let fields = NumberText.all(of: tensor)
    return (0..<width).map { column in stride(from: column, to: fields.count, by: width).map { fields[$0] } }
  }

  private static func quoted(_ name: String) -> String {
    let isPlain = name.allSatisfy { !",\"\r\n".contains($0) } && name == name.trimmed
    return isPlain ? name : "\"\(name.replacing("\"", with: "\"\""))\""
  }
}

extension String {
  /// Without the spaces around it.
  fileprivate var trimmed: String {
    String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}
