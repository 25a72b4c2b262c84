extension TensorFormat {
  static let hdf5 = TensorFormat(
    name: "HDF5", endings: ["h5", "hdf5"], begins: .with([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]),
    separator: "/",
    open: { path, _ throws(FileError) in try HDF5Reader(path) },
    encode: { tensors, path throws(FileError) in
      // Netron opens what Keras reads, but not where links carry their order.
      var image = HDF5Image(for: path, keepsOrder: !isKerasWeights(path))
      for (name, tensor) in tensors { try image.write(tensor, at: name) }
      return try image.bytes()
    })

  /// Whether a file is named as Keras names its weights.
  package static func isKerasWeights(_ path: String) -> Bool { path.lowercased().hasSuffix(".weights.h5") }
}
