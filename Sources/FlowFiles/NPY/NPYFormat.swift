import FlowTensor

extension TensorFormat {
  static let npy = TensorFormat(
    name: "npy", endings: ["npy"], magic: NPYHeader.magic,
    open: { path, _ throws(FileError) in try NPYReader.open(path) },
    encode: { tensors, path throws(FileError) in
      let tensor = try only(tensors, path)
      guard let code = NPYType.code(of: tensor.dtype) else {
        throw FileError(path, .unwritable(reason: "npy has no \(tensor.dtype.rawValue)"))
      }
      return NPYHeader.bytes(code, tensor.sizes) + tensor.bytes
    })
}
