extension TensorFormat {
  static let json = TensorFormat(
    name: "JSON", endings: ["json"], begins: .anyhow,
    open: { path, dtype throws(FileError) in
      MemoryReader(path, try JSONTensor.parseAll(FileBytes.read(path), path: path, as: dtype))
    },
    encode: { tensors, path throws(FileError) in
      let named = JSON.object([("outputs", .object(tensors.map { ($0.name, .tensor($0.tensor)) }))])
      return Array(((tensors.count == 1 ? .tensor(tensors[0].tensor) : named).text + "\n").utf8)
    })
}
