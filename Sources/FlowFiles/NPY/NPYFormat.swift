import FlowTensor

extension TensorFormat {
  static let npy = TensorFormat(
    name: "npy", endings: ["npy"], begins: .with(NPYHeader.magic),
    holdsOne: true,
    open: { path, _ throws(FileError) in try ArrayReader.open(path, "npy", NPYHeader.read(path)) },
    encode: { tensors, path throws(FileError) in
      let tensor = try only(tensors, path)
      return try NPYHeader.bytes(of: tensor, path) + tensor.bytes
    })
}
