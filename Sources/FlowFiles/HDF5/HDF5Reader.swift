import CHDF5
package import FlowTensor
import Synchronization

/// An open HDF5 file. Data sets of less than 256 MiB are read once and kept; of larger ones, rows alone.
///
/// - Fails: for links and storage outside the file, unknown filters and types that have no dtype, when such a data set is
///   asked for by name; other data sets of the file are not affected.
package final class HDF5Reader: TensorReader {
  package let path: String
  package let entries: [TensorEntry]
  private let file: HDF5File
  private let catalog: HDF5Catalog
  private let cachedByteCount: Int
  private let cache = Mutex<[String: Tensor]>([:])

  package convenience init(_ path: String) throws(FileError) {
    try self.init(path, cachedByteCount: Machine.cachedByteCount)
  }

  init(_ path: String, cachedByteCount: Int) throws(FileError) {
    let file = try HDF5File(path)
    do throws(HDF5Failure) {
      catalog = try HDF5Library.locked { () throws(HDF5Failure) in try HDF5Catalog(of: file) }
    } catch {
      throw FileError(path, .badFormat("HDF5", reason: error.reason))
    }
    self.file = file
    self.path = path
    self.cachedByteCount = cachedByteCount
    entries = catalog.tensors.map(\.entry)
  }

  /// Data sets that hold a text, beside what cannot be read, are no tensors.
  package var unreadable: [(name: String, reason: String)] {
    catalog.refusals.filter { !catalog.texts.contains($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  package func entry(_ name: String) throws(FileError) -> TensorEntry { try item(name).entry }

  package func read(_ name: String) throws(FileError) -> Tensor {
    let item = try item(name)
    let name = item.entry.name
    if let tensor = cache.withLock({ $0[name] }) { return tensor }
    try checkSize(item)
    let tensor = try read(item, rows: nil)
    if let checksum = item.checksum, item.type.isVerbatim, checksum != tensor.checksum {
      throw FileError(path, .damaged(name))
    }
    if isCached(item) { cache.withLock { $0[name] = tensor } }
    return tensor
  }

  package func read(_ name: String, rows: Range<Int>) throws(FileError) -> Tensor {
    let item = try item(name)
    try item.entry.checkRows(rows, path: path)
    if isCached(item) { return try read(name).rows(rows) }
    try item.entry.taking(rows: rows.count).checkFits(path: path)
    return try read(item, rows: rows)
  }

  package func read(_ name: String, rows: [Int]) throws(FileError) -> Tensor {
    let item = try item(name)
    try item.entry.checkRows(rows, path: path)
    if isCached(item) { return try read(name).rows(rows) }
    try item.entry.taking(rows: rows.count).checkFits(path: path)
    let plan = RowGather(rows)
    var runs: [Tensor] = []
    for run in plan.runs { runs.append(try read(item, rows: run)) }
    return Tensor(gathering: plan, from: runs, item.entry.dtype, [rows.count] + item.entry.sizes.dropFirst())
  }

  /// A data set that holds one text; nil where there is none of this name.
  package func text(_ name: String) throws(FileError) -> String? {
    let name = Self.normalized(name)
    guard catalog.texts.contains(name) else { return nil }
    let (text, checksum) = try failing(with: name) { () throws(HDF5Failure) in try readText(name) }
    if let checksum, checksum != Int64(crc32(of: Array(text.utf8))) { throw FileError(path, .damaged(name)) }
    return text
  }

  /// The single texts and whole numbers that describe a group, "" for the root; none where there is no such group.
  package func attributes(of group: String = "") throws(FileError) -> [String: FileAttribute] {
    Dictionary(try attributeList(of: group).map { ($0.name, $0.value) }) { first, _ in first }
  }

  package var ownAttributes: [(name: String, value: FileAttribute)] {
    get throws(FileError) { try attributeList().filter { $0.name != HDF5Names.checksum } }
  }

  /// The same in the order they were written.
  package func attributeList(of group: String = "") throws(FileError) -> [(name: String, value: FileAttribute)] {
    let group = Self.normalized(group)
    guard catalog.groups.contains(group) else { return [] }
    let attributes = try failing(with: "/" + group) { () throws(HDF5Failure) in
      try HDF5Attributes(of: HDF5Handle(H5Gopen2(file.id, "/" + group, 0)), in: file.heap)
    }
    if let checksum = attributes[HDF5Names.checksum]?.integer, checksum != attributes.checksum {
      throw FileError(path, .damaged("/" + group))
    }
    return attributes.all
  }
}

extension HDF5Reader {
  private static func normalized(_ name: String) -> String {
    name.hasPrefix("/") ? String(name.dropFirst()) : name
  }

  private func item(_ name: String) throws(FileError) -> HDF5Catalog.Tensor {
    let name = Self.normalized(name)
    if let item = catalog[name] { return item }
    if let reason = catalog.refusals[name] { throw FileError(path, .unsupportedTensor(name, reason: reason)) }
    if catalog.groups.contains(name) { throw FileError(path, .unsupportedTensor(name, reason: "it is a group")) }
    throw FileError(path, .noSuchTensor(name, available: entries.map(\.name)))
  }

  private func isCached(_ item: HDF5Catalog.Tensor) -> Bool {
    item.entry.type.byteCount.map { $0 < cachedByteCount } ?? false
  }

  private func failing<Result: Sendable>(
    with name: String, _ body: () throws(HDF5Failure) -> Result
  ) throws(FileError) -> Result {
    do throws(HDF5Failure) {
      return try HDF5Library.locked(body)
    } catch {
      throw FileError(path, .unsupportedTensor(name, reason: error.reason))
    }
  }

  /// Numbers that are neither packed nor missing take their room in the file.
  private func checkSize(_ item: HDF5Catalog.Tensor) throws(FileError) {
    try item.entry.checkFits(path: path)
    if let reason = absence(of: item.entry) {
      throw FileError(path, .unsupportedTensor(item.entry.name, reason: reason))
    }
    if item.isContiguous, let bytes = item.entry.type.byteCount, bytes / 8 > file.byteCount {
      throw FileError(path, .unsupportedTensor(item.entry.name, reason: "its \(bytes) bytes are not in the file"))
    }
  }

  private func read(_ item: HDF5Catalog.Tensor, rows: Range<Int>?) throws(FileError) -> Tensor {
    let name = item.entry.name
    return try failing(with: name) { () throws(HDF5Failure) in
      try file.withDataset(name, staysOpen: !isCached(item)) { dataset throws(HDF5Failure) in
        try HDF5Selection(item, rows: rows).read(dataset)
      }
    }
  }

  private func readText(_ name: String) throws(HDF5Failure) -> (String, Int64?) {
    let dataset = try HDF5Handle(H5Dopen2(file.id, name, 0))
    let type = try HDF5Handle(H5Dget_type(dataset.id))
    let text = try HDF5Text.read(type, in: file.heap) { memory, buffer in H5Dread(dataset.id, memory, 0, 0, 0, buffer) }
    guard let text else { throw HDF5Failure("its text is not valid UTF-8") }
    return (text, try HDF5Attributes(of: dataset, in: file.heap)[HDF5Names.checksum]?.integer)
  }
}
