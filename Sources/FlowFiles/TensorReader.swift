package import FlowTensor

/// One tensor of a file: what is known before it is read.
package struct TensorEntry: Hashable, Sendable {
  /// Empty where the format holds one tensor without a name.
  package let name: String
  package let dtype: DType
  package let sizes: [Int]

  package init(_ name: String, _ dtype: DType, _ sizes: [Int]) {
    self.name = name
    self.dtype = dtype
    self.sizes = sizes
  }

  package var type: TensorType { TensorType(dtype, Shape(sizes)) }
}

/// An open file of named tensors, read whole or in rows; rows are steps along the first axis.
///
/// - Fails: with the path and the name, where a tensor is missing, damaged, of a kind that has no dtype, or too large.
package protocol TensorReader: Sendable {
  var path: String { get }
  /// In the file's order.
  var entries: [TensorEntry] { get }
  /// What else has a name, and why it is no tensor; sorted by name.
  var unreadable: [(name: String, reason: String)] { get }
  /// What the file says of itself, without checksums.
  var ownAttributes: [(name: String, value: FileAttribute)] { get throws(FileError) }
  func entry(_ name: String) throws(FileError) -> TensorEntry
  func read(_ name: String) throws(FileError) -> Tensor
  /// `rows.count` rows; memory is needed for these rows alone.
  func read(_ name: String, rows: Range<Int>) throws(FileError) -> Tensor
  /// The rows in the order given; a row may come more than once.
  func read(_ name: String, rows: [Int]) throws(FileError) -> Tensor
}

extension TensorReader {
  package var unreadable: [(name: String, reason: String)] { [] }
  package var ownAttributes: [(name: String, value: FileAttribute)] { [] }

  /// - Complexity: linear; keep the entry of a tensor that is read often.
  package func entry(_ name: String) throws(FileError) -> TensorEntry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw FileError(path, .noSuchTensor(name, available: entries.map(\.name)))
    }
    return entry
  }

  /// What the file calls a tensor, where it may write points or slashes between the parts of a name.
  package func ownName(of name: String) -> String {
    let wanted = name.replacing("/", with: ".")
    return entries.first { $0.name == name }?.name ?? entries.first { $0.name.replacing("/", with: ".") == wanted }?
      .name
      ?? name
  }

  /// Why a tensor is not in the file, whatever its sizes say: there, even packed, it would take more room than the file has.
  ///
  /// Of numbers that were never written, which HDF5 has, rows can be read all the same.
  package func absence(of entry: TensorEntry) -> String? {
    guard let bytes = entry.type.byteCount, bytes >= Machine.cachedByteCount,
      let present = (try? FileStatus(of: path))?.byteCount, !Deflate.canUnpack(present, to: bytes)
    else { return nil }
    return "its \(bytes) bytes cannot be in the \(present) of the file"
  }

  /// The tensor that needs no name: the nameless one, or the only one.
  package func readOnlyTensor() throws(FileError) -> Tensor {
    if entries.contains(where: { $0.name.isEmpty }) { return try read("") }
    guard let first = entries.first else { throw FileError(path, .noSuchTensor("", available: [])) }
    guard entries.count == 1 else { throw FileError(path, .severalTensors(entries.map(\.name))) }
    return try read(first.name)
  }

  /// Reads each run of neighbouring rows once, in the file's order, and puts the rows in the order asked for.
  package func read(_ name: String, rows: [Int]) throws(FileError) -> Tensor {
    let entry = try entry(name)
    try entry.checkRows(rows, path: path)
    let plan = RowGather(rows)
    var runs: [Tensor] = []
    for run in plan.runs { runs.append(try read(name, rows: run)) }
    return Tensor(gathering: plan, from: runs, entry.dtype, [rows.count] + entry.sizes.dropFirst())
  }
}

extension TensorEntry {
  package func checkRows(_ rows: Range<Int>, path: String) throws(FileError) {
    guard let count = sizes.first else {
      throw FileError(path, .unsupportedTensor(name, reason: "a scalar has no rows"))
    }
    if rows.lowerBound < 0 || rows.upperBound > count {
      let row = rows.lowerBound < 0 ? rows.lowerBound : rows.upperBound - 1
      throw FileError(path, .rowsOutOfRange(name, row: row, count: count))
    }
  }

  func checkRows(_ rows: [Int], path: String) throws(FileError) {
    try checkRows(0..<0, path: path)
    for row in rows where row < 0 || row >= sizes[0] {
      throw FileError(path, .rowsOutOfRange(name, row: row, count: sizes[0]))
    }
  }

  /// Whether a tensor of these sizes can be held in memory; checked before any is reserved.
  package func checkFits(path: String) throws(FileError) {
    guard fitsInAddresses, let bytes = type.byteCount else { throw FileError(path, .tooLarge(name, byteCount: nil)) }
    if bytes > Machine.memoryByteCount { throw FileError(path, .tooLarge(name, byteCount: bytes)) }
  }

  /// Whether no product of its sizes overflows, whatever axes are left out.
  var fitsInAddresses: Bool { TensorType(dtype, Shape(sizes.filter { $0 != 0 })).byteCount != nil }

  /// The entry of some of its rows.
  package func taking(rows count: Int) -> TensorEntry { TensorEntry(name, dtype, [count] + sizes.dropFirst()) }
}
