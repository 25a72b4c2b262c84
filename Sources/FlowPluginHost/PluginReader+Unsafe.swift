import CFlowPlugin
package import FlowFiles
import FlowGraph
import FlowPlugin
import FlowTensor

/// A file that a plugin reads.
///
/// SAFETY: `file` is what the plugin's `open` left, valid until `close`, which runs once, when the last user of the reader has
/// gone. Rows are read into a tensor's own memory, whose size is that of the rows; the plugin's functions may be called on
/// several threads, by the boundary's rules.
final class PluginReader: TensorReader, @unchecked Sendable {
  let path: String
  let entries: [TensorEntry]
  private let format: PluginFormat
  private let file: UnsafeMutableRawPointer?

  init(_ path: String, _ format: PluginFormat) throws(FileError) {
    self.path = path
    self.format = format
    guard Path.exists(path) else { throw FileError(path, .notFound) }
    let call = CallContext()
    var file: UnsafeMutableRawPointer?
    do throws(OperationError) {
      _ = try call.run(format.place) { format.record.open?(format.record.context, $0, path, &file) ?? -1 }
    } catch {
      throw FileError(path, .badFormat(format.name, reason: error.message))
    }
    self.file = file
    entries = call.entries.map { TensorEntry($0.name, $0.type.dtype, $0.type.shape.sizes ?? []) }
  }

  deinit { format.record.close?(format.record.context, file) }

  func read(_ name: String) throws(FileError) -> Tensor {
    let entry = try entry(name)
    return try read(entry, from: 0)
  }

  func read(_ name: String, rows: Range<Int>) throws(FileError) -> Tensor {
    let entry = try entry(name)
    try entry.checkRows(rows, path: path)
    return try read(entry.taking(rows: rows.count), from: rows.lowerBound)
  }

  private func read(_ entry: TensorEntry, from row: Int) throws(FileError) -> Tensor {
    try entry.checkFits(path: path)
    let call = CallContext()
    var fault: OperationError?
    let tensor = Tensor(entry.dtype, entry.sizes) { bytes in
      guard let data = bytes.baseAddress else { return }
      let target = call.memory.store(
        flow_tensor(
          struct_size: size(of: flow_tensor.self), dtype: entry.dtype.code, rank: Int32(entry.sizes.count),
          sizes: call.memory.store(entry.sizes.map(Int64.init)), count: UInt64(bytes.count / entry.dtype.byteCount),
          data: data))
      do throws(OperationError) {
        _ = try call.run(format.place) {
          format.record.read?(format.record.context, $0, file, entry.name, Int64(row), target) ?? -1
        }
      } catch {
        fault = error
      }
    }
    if let fault { throw FileError(path, .badFormat(format.name, reason: fault.message)) }
    return tensor
  }
}

extension Library {
  /// - Fails: where there is a format of that name already.
  package func check(_ format: TensorFormat, among others: [TensorFormat]) throws(PluginFault) {
    guard others.contains(where: { $0.name.lowercased() == format.name }) else { return }
    throw PluginFault("duplicate-format", "\(path): a format named '\(format.name)' is there already")
  }
}

extension PluginFormat {
  /// The format as the program's own are: it is chosen by its name alone, and reads only.
  package var tensorFormat: TensorFormat {
    TensorFormat(
      name: name, endings: [], begins: .anyhow,
      open: { (path, _) throws(FileError) in try PluginReader(path, self) })
  }
}
