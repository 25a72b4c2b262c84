import FlowTensor

/// A file that is a header and one raw array: one tensor without a name, of which rows are read alone.
struct ArrayReader: TensorReader {
  let path: String
  let entries: [TensorEntry]
  private let format: String
  private let array: StoredArray

  /// A smaller file, or one whose rows do not lie together, is read once and kept.
  static func open(
    _ path: String, _ format: String, _ array: StoredArray, cachedByteCount: Int = Machine.cachedByteCount
  ) throws(FileError) -> any TensorReader {
    let reader = try ArrayReader(path, format, array)
    guard array.isColumnMajor || array.byteCount < cachedByteCount else { return reader }
    return MemoryReader(path, [("", try reader.read(""))])
  }

  private init(_ path: String, _ format: String, _ array: StoredArray) throws(FileError) {
    self.path = path
    self.format = format
    self.array = array
    entries = [array.entry("")]
    try entries[0].checkFits(path: path)
    let present = try FileBytes.open(path).status.byteCount - array.offset
    guard present == array.byteCount else {
      throw FileError(
        path, .badFormat(format, reason: "its shape takes \(array.byteCount) bytes, but \(present) are there"))
    }
  }

  func read(_ name: String) throws(FileError) -> Tensor {
    _ = try entry(name)
    return try read(rows: nil, byteCount: array.byteCount, at: array.offset)
  }

  func read(_ name: String, rows: Range<Int>) throws(FileError) -> Tensor {
    try entry(name).checkRows(rows, path: path)
    let stride = array.sizes.dropFirst().reduce(array.type.width, *)
    return try read(rows: rows.count, byteCount: rows.count * stride, at: array.offset + rows.lowerBound * stride)
  }

  private func read(rows: Int?, byteCount: Int, at offset: Int) throws(FileError) -> Tensor {
    let bytes = try FileBytes.read(FileBytes.open(path), path, count: byteCount, at: offset)
    guard bytes.count == byteCount else { throw FileError(path, .badFormat(format, reason: "it ends too early")) }
    guard let tensor = array.tensor(bytes, rows: rows) else {
      throw FileError(path, .unsupportedTensor("", reason: "a number does not fit in 63 bits"))
    }
    return tensor
  }
}
