import FlowTensor

/// An open npy file: one tensor without a name, of which rows are read alone.
struct NPYReader: TensorReader {
  let path: String
  let entries: [TensorEntry]
  private let header: NPYHeader

  /// A smaller file, or one whose rows do not lie together, is read once and kept.
  static func open(
    _ path: String, cachedByteCount: Int = Machine.cachedByteCount
  ) throws(FileError) -> any TensorReader {
    let reader = try NPYReader(path)
    guard reader.header.isColumnMajor || reader.byteCount < cachedByteCount else { return reader }
    return MemoryReader(path, [("", try reader.read(""))])
  }

  private init(_ path: String) throws(FileError) {
    let start = try FileBytes.prefix(NPYHeader.maximumByteCount, of: path)
    do throws(NPYHeader.Failure) {
      header = try NPYHeader(start)
    } catch {
      throw FileError(path, .badFormat("npy", reason: error.reason))
    }
    self.path = path
    entries = [TensorEntry("", header.type.dtype, header.sizes)]
    try entries[0].checkFits(path: path)
    let present = try FileBytes.open(path).status.byteCount - header.byteCount
    guard present == byteCount else {
      throw FileError(
        path, .badFormat("npy", reason: "its shape takes \(byteCount) bytes, but \(present) are there"))
    }
  }

  private var byteCount: Int { header.sizes.reduce(1, *) * header.type.width }

  func read(_ name: String) throws(FileError) -> Tensor {
    let entry = try entry(name)
    return try read(entry, byteCount: byteCount, at: header.byteCount)
  }

  func read(_ name: String, rows: Range<Int>) throws(FileError) -> Tensor {
    let entry = try entry(name)
    try entry.checkRows(rows, path: path)
    let stride = header.sizes.dropFirst().reduce(1, *) * header.type.width
    return try read(
      entry.taking(rows: rows.count), byteCount: rows.count * stride, at: header.byteCount + rows.lowerBound * stride)
  }

  private func read(_ entry: TensorEntry, byteCount: Int, at offset: Int) throws(FileError) -> Tensor {
    var bytes = try FileBytes.read(FileBytes.open(path), path, count: byteCount, at: offset)
    guard bytes.count == byteCount else { throw FileError(path, .badFormat("npy", reason: "it ends too early")) }
    if header.type.isBigEndian { bytes.reverseGroups(of: header.type.width) }
    if header.isColumnMajor { bytes = bytes.rowMajor(entry.sizes, width: header.type.width) }
    guard let tensor = header.type.tensor(entry.sizes, bytes) else {
      throw FileError(path, .unsupportedTensor("", reason: "a number does not fit in 63 bits"))
    }
    return tensor
  }
}

extension NPYType {
  /// Nil where a number does not fit the dtype.
  fileprivate func tensor(_ sizes: [Int], _ bytes: [UInt8]) -> Tensor? {
    if dtype == .bool { return Tensor(bytes.map { $0 != 0 }, sizes) }
    guard isWidened else { return Tensor(dtype, sizes, bytes: bytes) }
    let numbers = stride(from: 0, to: bytes.count, by: width).map { start in
      bytes[start..<start + width].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    }
    if dtype == .i32 { return Tensor(numbers.map { Int32(truncatingIfNeeded: $0) }, sizes) }
    let wholes = numbers.compactMap { Int64(exactly: $0) }
    return wholes.count == numbers.count ? Tensor(wholes, sizes) : nil
  }
}

extension [UInt8] {
  /// Turns the order of bytes around within each group.
  fileprivate mutating func reverseGroups(of width: Int) {
    guard width > 1 else { return }
    for start in stride(from: 0, to: count - width + 1, by: width) {
      for offset in 0..<width / 2 { swapAt(start + offset, start + width - 1 - offset) }
    }
  }

  /// Elements of `width` bytes whose first index runs fastest, so that the last one does.
  fileprivate func rowMajor(_ sizes: [Int], width: Int) -> [UInt8] {
    guard sizes.count > 1, !isEmpty else { return self }
    var strides = sizes.indices.map { sizes[..<$0].reduce(width, *) }
    strides.append(0)
    var result: [UInt8] = []
    result.reserveCapacity(count)
    var index = [Int](repeating: 0, count: sizes.count)
    for _ in 0..<count / width {
      let start = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
      result += self[start..<start + width]
      for axis in sizes.indices.reversed() {
        index[axis] += 1
        if index[axis] < sizes[axis] { break }
        index[axis] = 0
      }
    }
    return result
  }
}
