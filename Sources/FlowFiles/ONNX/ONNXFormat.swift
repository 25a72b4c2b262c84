extension TensorFormat {
  /// The numbers of a model; a whole graph is written by `ONNXExport`.
  package static let onnx = TensorFormat(
    name: "ONNX", endings: ["onnx"], begins: .anyhow, open: { path, _ throws(FileError) in try ONNXReader(path) })
}
