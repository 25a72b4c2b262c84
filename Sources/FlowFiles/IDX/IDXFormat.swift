import FlowTensor

extension TensorFormat {
  /// Yann LeCun's format of the MNIST files, also packed by gzip.
  static let idx = TensorFormat(
    name: "IDX", endings: ["idx", "gz"], begins: .matching { IDXHeader.isLikely($0) || Gzip.isLikely($0) },
    holdsOne: true,
    open: { path, _ throws(FileError) in
      let start = try FileBytes.prefix(IDXHeader.maximumByteCount, of: path)
      guard Gzip.isLikely(start) else { return try ArrayReader.open(path, "IDX", IDXHeader.parse(start, path)) }
      return MemoryReader(path, [("", try IDXHeader.unpacked(path))])
    })
}

/// The first bytes of an IDX file: two zeros, the element type, the number of axes, and a size for each, big-endian.
///
/// - Source: LeCun, Cortes & Burges, The MNIST database of handwritten digits.
enum IDXHeader {
  static let maximumByteCount = 4 + 4 * Shape.maximumRank

  private static let types: [UInt8: DType] = [
    0x08: .u8, 0x09: .i8, 0x0B: .i16, 0x0C: .i32, 0x0D: .f32, 0x0E: .f64,
  ]

  static func isLikely(_ start: [UInt8]) -> Bool {
    start.count >= 8 && start[0] == 0 && start[1] == 0 && types[start[2]] != nil && start[3] > 0
      && start[3] <= Shape.maximumRank
  }

  static func parse(_ start: [UInt8], _ path: String) throws(FileError) -> StoredArray {
    guard isLikely(start), let dtype = types[start[2]], start.count >= 4 + 4 * Int(start[3]) else {
      throw FileError(path, .badFormat("IDX", reason: "it does not begin as one"))
    }
    let sizes = (1...Int(start[3])).map { axis in start[(4 * axis)..<(4 * axis + 4)].reduce(0) { $0 << 8 | Int($1) } }
    return StoredArray(type: StoredType(dtype, isBigEndian: true), sizes: sizes, offset: 4 + 4 * sizes.count)
  }

  /// The tensor of a file that is packed by gzip.
  static func unpacked(_ path: String) throws(FileError) -> Tensor {
    let packed = try FileBytes.read(path)
    let array = try parse(
      unpacking(path) { () throws(Gzip.Failure) in try Gzip.unpack(packed, first: maximumByteCount) }, path)
    try array.entry("").checkFits(path: path)
    let count = array.offset + array.byteCount
    let bytes = try unpacking(path) { () throws(Gzip.Failure) in try Gzip.unpack(packed, exactly: count) }
    guard let tensor = array.tensor(Array(bytes[array.offset...])) else { throw FileError(path, .damaged("")) }
    return tensor
  }

  private static func unpacking(
    _ path: String, _ body: () throws(Gzip.Failure) -> [UInt8]
  ) throws(FileError) -> [UInt8] {
    do throws(Gzip.Failure) { return try body() } catch {
      throw FileError(path, .badFormat("gzip", reason: error.reason))
    }
  }
}
