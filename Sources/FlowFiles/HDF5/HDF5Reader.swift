import CHDF5
package import FlowTensor
import Synchronization

/// An open HDF5 file. Data sets of less than `cachedByteCount` bytes are read once and kept; of larger ones, rows alone.
///
/// - Fails: for links and storage outside the file, unknown filters and types that have no dtype, when such a data set is
///   asked for by name; other data sets of the file are not affected.
package final class HDF5Reader: TensorReader {
  package let path: String
  package let entries: [TensorEntry]
  private let file: hid_t
  private let catalog: HDF5Catalog
  private let byteCount: Int
  private let cache = Mutex<[String: Tensor]>([:])
  /// Large data sets stay open: their unpacked chunks are kept with them.
  private let open = Mutex<[String: hid_t]>([:])

  private let cachedByteCount: Int

  package convenience init(_ path: String) throws(FileError) {
    try self.init(path, cachedByteCount: Machine.cachedByteCount)
  }

  init(_ path: String, cachedByteCount: Int) throws(FileError) {
    self.cachedByteCount = cachedByteCount
    byteCount = try FileBytes.open(path).status.byteCount
    do throws(HDF5Failure) {
      (file, catalog) = try HDF5Library.locked { () throws(HDF5Failure) in try Self.open(path) }
    } catch {
      throw FileError(path, .badFormat("HDF5", reason: error.reason))
    }
    self.path = path
    entries = catalog.tensors.map(\.entry)
  }

  deinit {
    HDF5Library.locked {
      for dataset in open.withLock({ Array($0.values) }) { H5Idec_ref(dataset) }
      H5Idec_ref(file)
    }
  }

  package func read(_ name: String) throws(FileError) -> Tensor {
    if let tensor = cache.withLock({ $0[name] }) { return tensor }
    let item = try item(name)
    try checkSize(item)
    let tensor = try failing(with: name) { () throws(HDF5Failure) in try read(item, rows: nil) }
    if let checksum = item.checksum, item.type.isVerbatim, checksum != tensor.checksum {
      throw FileError(path, .damaged(name))
    }
    if tensor.byteCount < cachedByteCount { cache.withLock { $0[name] = tensor } }
    return tensor
  }

  package func read(_ name: String, rows: Range<Int>) throws(FileError) -> Tensor {
    let item = try item(name)
    try item.entry.checkRows(rows, path: path)
    if isCached(item) { return try read(name).rows(rows) }
    try item.entry.taking(rows: rows.count).checkFits(path: path)
    return try failing(with: name) { () throws(HDF5Failure) in try read(item, rows: rows) }
  }

  package func read(_ name: String, rows: [Int]) throws(FileError) -> Tensor {
    let item = try item(name)
    try item.entry.checkRows(rows, path: path)
    if isCached(item) { return try read(name).rows(rows) }
    try item.entry.taking(rows: rows.count).checkFits(path: path)
    let plan = RowGather(rows)
    var runs: [Tensor] = []
    for run in plan.runs {
      runs.append(try failing(with: name) { () throws(HDF5Failure) in try read(item, rows: run) })
    }
    return Tensor(gathering: plan, from: runs, item.entry.dtype, [rows.count] + item.entry.sizes.dropFirst())
  }

  package func entry(_ name: String) throws(FileError) -> TensorEntry { try item(name).entry }

  /// A data set that holds one text; nil where there is none of this name.
  package func text(_ name: String) throws(FileError) -> String? {
    let name = Self.normalized(name)
    guard catalog.texts.contains(name) else { return nil }
    let (text, checksum) = try failing(with: name) { () throws(HDF5Failure) in try readText(name) }
    if let checksum, checksum != Int64(crc32(of: Array(text.utf8))) { throw FileError(path, .damaged(name)) }
    return text
  }

  /// The single texts and whole numbers that describe a group, "" for the file's first; none where there is no such group.
  package func attributes(of group: String = "") throws(FileError) -> [String: HDF5Attribute] {
    let group = Self.normalized(group)
    guard catalog.groups.contains(group) else { return [:] }
    let attributes = try failing(with: group) { () throws(HDF5Failure) in
      try HDF5Attributes(of: HDF5Handle(H5Gopen2(file, "/" + group, 0)))
    }
    if let checksum = attributes[HDF5Names.checksum]?.integer, checksum != attributes.checksum {
      throw FileError(path, .damaged("/" + group))
    }
    return Dictionary(uniqueKeysWithValues: attributes.all.map { ($0.name, $0.value) })
  }
}

extension HDF5Reader {
  private static func open(_ path: String) throws(HDF5Failure) -> (hid_t, HDF5Catalog) {
    let access = try HDF5Handle(H5Pcreate(flow_H5P_FILE_ACCESS()))
    let file = try HDF5Handle(H5Fopen(path, flow_H5F_ACC_RDONLY(), access.id))
    let catalog = try HDF5Catalog(of: file)
    return (file.keep(), catalog)
  }

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
    let isContiguous = try failing(with: item.entry.name) { () throws(HDF5Failure) in
      let dataset = try HDF5Handle(H5Dopen2(file, item.entry.name, 0))
      let properties = try HDF5Handle(H5Dget_create_plist(dataset.id))
      return H5Pget_layout(properties.id) != H5D_CHUNKED && H5Dget_storage_size(dataset.id) > 0
    }
    if isContiguous, let bytes = item.entry.type.byteCount, bytes / 8 > byteCount {
      throw FileError(path, .unsupportedTensor(item.entry.name, reason: "its \(bytes) bytes are not in the file"))
    }
  }

  private func readText(_ name: String) throws(HDF5Failure) -> (String, Int64?) {
    let dataset = try HDF5Handle(H5Dopen2(file, name, 0))
    let type = try HDF5Handle(H5Dget_type(dataset.id))
    guard let text = try HDF5Text.read(type, { memory, buffer in H5Dread(dataset.id, memory, 0, 0, 0, buffer) }) else {
      throw HDF5Failure("its text is not valid UTF-8")
    }
    return (text, try HDF5Attributes(of: dataset)[HDF5Names.checksum]?.integer)
  }

  /// Under the library's lock.
  private func read(_ item: HDF5Catalog.Tensor, rows: Range<Int>?) throws(HDF5Failure) -> Tensor {
    let dataset = try dataset(item)
    defer { if isCached(item) { H5Idec_ref(dataset) } }
    return try HDF5Selection(item, rows: rows).read(dataset)
  }

  /// The number of an open data set.
  private func dataset(_ item: HDF5Catalog.Tensor) throws(HDF5Failure) -> hid_t {
    let name = item.entry.name
    if let dataset = open.withLock({ $0[name] }) { return dataset }
    let access = try HDF5Handle(H5Pcreate(flow_H5P_DATASET_ACCESS()))
    try checked(H5Pset_chunk_cache(access.id, 12_421, Machine.cachedByteCount / 4, 1))
    let dataset = try HDF5Handle(H5Dopen2(file, name, access.id)).keep()
    if !isCached(item) { open.withLock { $0[name] = dataset } }
    return dataset
  }
}
