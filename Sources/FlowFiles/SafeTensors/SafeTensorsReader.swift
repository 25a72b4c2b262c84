import FlowTensor

/// An open safetensors file: tensors are read whole, or their rows alone.
///
/// - Fails: for a tensor whose number type has no dtype, or whose checksum does not match, when it is asked for.
struct SafeTensorsReader: TensorReader {
  let path: String
  let entries: [TensorEntry]
  let ownAttributes: [(name: String, value: FileAttribute)]
  private let items: [String: (array: StoredArray, checksum: String?)]
  /// Tensors whose number type has no dtype.
  private let refusals: [String: String]

  init(_ path: String) throws(FileError) {
    let (header, start) = try Self.header(path)
    var entries: [TensorEntry] = []
    var items: [String: (array: StoredArray, checksum: String?)] = [:]
    var refusals: [String: String] = [:]
    for item in header.items {
      guard let type = SafeTensorsHeader.type(item.code) else {
        refusals[item.name] = "numbers of type '\(item.code)' have no dtype"
        continue
      }
      let array = StoredArray(type: type, sizes: item.sizes, offset: start + item.range.lowerBound)
      let entry = array.entry(item.name)
      guard entry.fitsInAddresses, array.byteCount == item.range.count else {
        throw SafeTensorsHeader.fault(path, "'\(item.name)' is \(entry.type), but has \(item.range.count) bytes")
      }
      entries.append(entry)
      items[item.name] = (array, header.metadata["crc32.\(item.name)"])
    }
    self.path = path
    self.entries = entries
    self.items = items
    self.refusals = refusals
    ownAttributes = header.metadata.filter { !SafeTensorsHeader.isChecksum($0.key) }.sorted { $0.key < $1.key }
      .map { ($0.key, .text($0.value)) }
  }

  /// The header, and where the numbers begin.
  private static func header(_ path: String) throws(FileError) -> (SafeTensorsHeader, Int) {
    let start = try FileBytes.prefix(8, of: path)
    let count = try FileBytes.open(path).status.byteCount
    guard let length = SafeTensorsHeader.length(start) else {
      let limit = SafeTensorsHeader.maximumByteCount
      throw SafeTensorsHeader.fault(path, "its header is not there, or has more than \(limit) bytes")
    }
    guard 8 + length <= count else { throw SafeTensorsHeader.fault(path, "its header ends behind the file") }
    let json = try FileBytes.read(FileBytes.open(path), path, count: length, at: 8)
    return (try SafeTensorsHeader(parsing: json, dataByteCount: count - 8 - length, path: path), 8 + length)
  }

  var unreadable: [(name: String, reason: String)] {
    refusals.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  func read(_ name: String) throws(FileError) -> Tensor {
    let (array, checksum) = try item(name)
    try array.entry(name).checkFits(path: path)
    let bytes = try bytes(array.byteCount, at: array.offset)
    if let checksum, checksum != SafeTensorsHeader.checksum(of: bytes) { throw FileError(path, .damaged(name)) }
    return try tensor(name, array, bytes)
  }

  func read(_ name: String, rows: Range<Int>) throws(FileError) -> Tensor {
    let (array, _) = try item(name)
    try array.entry(name).checkRows(rows, path: path)
    try array.entry(name).taking(rows: rows.count).checkFits(path: path)
    let stride = array.sizes.dropFirst().reduce(array.type.width, *)
    return try tensor(
      name, array, bytes(rows.count * stride, at: array.offset + rows.lowerBound * stride), rows: rows.count)
  }

  private func item(_ name: String) throws(FileError) -> (array: StoredArray, checksum: String?) {
    if let item = items[name] { return item }
    if let reason = refusals[name] { throw FileError(path, .unsupportedTensor(name, reason: reason)) }
    throw FileError(path, .noSuchTensor(name, available: entries.map(\.name)))
  }

  private func bytes(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    let bytes = try FileBytes.read(FileBytes.open(path), path, count: count, at: offset)
    guard bytes.count == count else { throw SafeTensorsHeader.fault(path, "it ends too early") }
    return bytes
  }

  private func tensor(
    _ name: String, _ array: StoredArray, _ bytes: [UInt8], rows: Int? = nil
  ) throws(FileError) -> Tensor {
    guard let tensor = array.tensor(bytes, rows: rows) else {
      throw FileError(path, .unsupportedTensor(name, reason: "a number does not fit in 63 bits"))
    }
    return tensor
  }
}
