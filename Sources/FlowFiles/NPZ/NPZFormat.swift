import FlowTensor

extension TensorFormat {
  static let npz = TensorFormat(
    name: "npz", endings: ["npz"], begins: .with([0x50, 0x4B, 0x03, 0x04]),
    open: { path, _ throws(FileError) in try NPZReader(path) },
    encode: { tensors, path throws(FileError) in
      var zip = ZipWriter()
      for (name, tensor) in tensors {
        guard !ZipArchive.leadsOut(name) else {
          throw FileError(path, .unwritable(reason: "the name '\(name)' leads out of the file"))
        }
        zip.add("\(name).npy", try NPYHeader.bytes(of: tensor, path) + tensor.bytes)
      }
      return zip.finish()
    })
}
