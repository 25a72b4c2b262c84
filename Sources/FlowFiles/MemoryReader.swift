import FlowTensor

/// A file whose tensors were all read when it was opened.
struct MemoryReader: TensorReader {
  let path: String
  let entries: [TensorEntry]
  private let tensors: [String: Tensor]

  init(_ path: String, _ tensors: [(name: String, tensor: Tensor)]) {
    self.path = path
    entries = tensors.map { TensorEntry($0.name, $0.tensor.dtype, $0.tensor.sizes) }
    self.tensors = Dictionary(tensors.map { ($0.name, $0.tensor) }) { first, _ in first }
  }

  func read(_ name: String) throws(FileError) -> Tensor {
    guard let tensor = tensors[name] else {
      throw FileError(path, .noSuchTensor(name, available: entries.map(\.name)))
    }
    return tensor
  }

  func read(_ name: String, rows: Range<Int>) throws(FileError) -> Tensor {
    try entry(name).checkRows(rows, path: path)
    return try read(name).rows(rows)
  }

  func read(_ name: String, rows: [Int]) throws(FileError) -> Tensor {
    try entry(name).checkRows(rows, path: path)
    return try read(name).rows(rows)
  }
}
