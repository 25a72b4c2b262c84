package import FlowTensor
import Synchronization

/// A folder of files that hold one tensor each, named by the files' names in it.
package final class FolderReader: TensorReader {
  package let path: String
  private let format: TensorFormat
  private let files = Mutex<[String: any TensorReader]>([:])

  /// Nil where the path is no folder.
  package init?(_ path: String, _ format: TensorFormat) {
    guard (try? FileStatus(of: path))?.isFolder == true else { return nil }
    self.path = path
    self.format = format
  }

  /// Those that were asked for so far.
  package var entries: [TensorEntry] {
    files.withLock { files in
      files.sorted { $0.key < $1.key }.compactMap { name, reader in
        reader.entries.first.map { TensorEntry(name, $0.dtype, $0.sizes) }
      }
    }
  }

  package func entry(_ name: String) throws(FileError) -> TensorEntry {
    guard let entry = try file(name).entries.first else { throw FileError(path, .noSuchTensor(name, available: [])) }
    return TensorEntry(name, entry.dtype, entry.sizes)
  }

  package func read(_ name: String) throws(FileError) -> Tensor { try file(name).readOnlyTensor() }
  package func read(_ name: String, rows: Range<Int>) throws(FileError) -> Tensor {
    try file(name).read("", rows: rows)
  }
  package func read(_ name: String, rows: [Int]) throws(FileError) -> Tensor { try file(name).read("", rows: rows) }

  private func file(_ name: String) throws(FileError) -> any TensorReader {
    if let file = files.withLock({ $0[name] }) { return file }
    let file = try format.open(Path.joining(path, name), nil)
    files.withLock { $0[name] = file }
    return file
  }
}
