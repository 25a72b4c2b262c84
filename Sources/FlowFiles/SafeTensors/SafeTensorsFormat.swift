import FlowTensor

extension TensorFormat {
  static let safetensors = TensorFormat(
    name: "safetensors", endings: ["safetensors"], begins: .matching(SafeTensorsHeader.isLikely),
    open: { path, _ throws(FileError) in try SafeTensorsReader(path) },
    encode: { tensors, path throws(FileError) in
      let header = try SafeTensorsHeader(tensors, path)
      return header.bytes + header.inFileOrder.flatMap { tensors[$0].tensor.bytes }
    })
}
