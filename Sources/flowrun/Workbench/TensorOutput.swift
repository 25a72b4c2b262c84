import ArgumentParser
import FlowFiles
import FlowTensor
import FlowTraining

extension WeightLayout: ExpressibleByArgument {}

/// A file of tensors to be written, in the format of its ending.
struct TensorOutput {
  let path: String
  let format: TensorFormat

  /// Finds, before any work, what could not be written.
  ///
  /// - Parameters:
  ///   - option: what names the path, for the message.
  ///   - others: endings that the command writes otherwise.
  init(_ path: String, option: String, others: [String] = []) throws(Failure) {
    self.path = path
    do {
      format = try TensorFormat.of(writing: path, others: others)
    } catch {
      throw Failure(.usage, id: "usage", "\(option) \(error.path): \(error.message)", help: error.help)
    }
    try failing { () throws(FileError) in try AtomicFile.checkWritable(path) }
  }

  /// - Parameter tensors: by dotted names, or names as the layout has them.
  func write(_ tensors: [(name: String, tensor: Tensor)]) throws(Failure) {
    let named = tensors.map { (name: format.fileName(of: $0.name), tensor: $0.tensor) }
    try failing { () throws(FileError) in try writeTensorFile(named, to: path) }
  }
}
