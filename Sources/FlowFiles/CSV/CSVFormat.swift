import FlowTensor

extension TensorFormat {
  static let csv = TensorFormat(
    name: "CSV", endings: ["csv"], begins: .anyhow,
    open: { path, dtype throws(FileError) in
      MemoryReader(path, try CSVTable.parse(FileBytes.read(path), path: path, as: dtype ?? .f64))
    },
    encode: { tensors, path throws(FileError) in
      Array(try CSVTable.text(of: tensors, path: path).utf8)
    })
}
