extension TensorFormat {
  static let json = TensorFormat(
    name: "JSON", endings: ["json"], magic: [],
    open: { path, dtype throws(FileError) in
      MemoryReader(path, try JSONTensor.parseAll(FileBytes.read(path), path: path, as: dtype))
    },
    encode: { tensors, path throws(FileError) in
      Array((JSON.tensor(try only(tensors, path)).text + "\n").utf8)
    })
}
