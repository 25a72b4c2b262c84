package import FlowTensor

/// A format of files that hold tensors: how it is known, read and written. Adding a format adds a folder and a row to `all`.
package struct TensorFormat: Sendable {
  package let name: String
  /// What may follow the last dot of a path.
  package let endings: [String]
  package let begins: Beginning
  /// What stands between the parts of a name in such files.
  package let separator: String
  /// Whether such a file holds one tensor, without a name; then a folder of them is a data set too.
  package let holdsOne: Bool
  /// Opens a file. The dtype is what to read numbers as where the format is a text that does not say.
  package let open: @Sendable (_ path: String, _ dtype: DType?) throws(FileError) -> any TensorReader
  /// Nil where the format is only read.
  package let encode: Encoder?

  /// The bytes of a file; the path is for errors alone.
  package typealias Encoder =
    @Sendable (_ tensors: [(name: String, tensor: Tensor)], _ path: String) throws(FileError) -> [UInt8]

  package init(
    name: String, endings: [String], begins: Beginning, separator: String = ".", holdsOne: Bool = false,
    open: @escaping @Sendable (_ path: String, _ dtype: DType?) throws(FileError) -> any TensorReader,
    encode: Encoder? = nil
  ) {
    self.name = name
    self.endings = endings
    self.begins = begins
    self.separator = separator
    self.holdsOne = holdsOne
    self.open = open
    self.encode = encode
  }

  /// How the first bytes of a file tell its format.
  package enum Beginning: Sendable {
    case anyhow
    case with([UInt8])
    case matching(@Sendable ([UInt8]) -> Bool)

    func matches(_ start: [UInt8]) -> Bool {
      switch self {
      case .anyhow: false
      case .with(let magic): start.starts(with: magic)
      case .matching(let isSuch): isSuch(start)
      }
    }
  }

  package static let all: [TensorFormat] = [.hdf5, .npy, .npz, .safetensors, .idx, .csv, .json, .onnx]

  /// By what the file begins with, else by its ending.
  package static func of(reading path: String) throws(FileError) -> TensorFormat {
    let start = try FileBytes.prefix(16, of: path)
    if let format = all.first(where: { $0.begins.matches(start) }) { return format }
    return try byEnding(of: path, known: all)
  }

  /// By the ending of a file that is to be written.
  ///
  /// - Parameter others: endings that the caller writes itself, for the message.
  package static func of(writing path: String, others: [String] = []) throws(FileError) -> TensorFormat {
    let writable = all.filter { $0.encode != nil }
    do {
      return try byEnding(of: path, known: writable, others: others)
    } catch {
      guard let format = try? byEnding(of: path, known: all) else { throw error }
      throw FileError(path, .unwritable(reason: format.isOnlyRead))
    }
  }

  private static func byEnding(
    of path: String, known formats: [TensorFormat], others: [String] = []
  ) throws(FileError) -> TensorFormat {
    let ending = Path.ending(of: path)
    guard let format = formats.first(where: { $0.endings.contains(ending) }) else {
      throw FileError(path, .unknownFormat(known: (formats.flatMap(\.endings) + others).map { ".\($0)" }))
    }
    return format
  }

  fileprivate var isOnlyRead: String { "\(name) is only read" }
}

/// Opens a file of tensors in any format that this program reads.
///
/// - Parameter dtype: what to read numbers as where the format is a text that does not say; f64 without it.
package func openTensorFile(_ path: String, as dtype: DType? = nil) throws(FileError) -> any TensorReader {
  try TensorFormat.of(reading: path).open(path, dtype)
}

/// Opens a file of tensors in a format that is named, else in any that this program reads.
///
/// - Parameter formats: those of plugins, which are chosen by their names alone.
package func openTensorFile(
  _ path: String, format name: String, of formats: [TensorFormat]
) throws(FileError) -> any TensorReader {
  guard !name.isEmpty else { return try openTensorFile(path) }
  let all = TensorFormat.all + formats
  guard let format = all.first(where: { $0.name == name || $0.name.lowercased() == name }) else {
    throw FileError(path, .unknownFormat(known: all.map { $0.name.lowercased() }))
  }
  return try format.open(path, nil)
}

/// Writes tensors to a file in the format of its ending, atomically.
///
/// - Fails: where the format holds one tensor and several are given, or has no type for one, or the file cannot be written.
package func writeTensorFile(_ tensors: [(name: String, tensor: Tensor)], to path: String) throws(FileError) {
  let format = try TensorFormat.of(writing: path)
  try AtomicFile.write(try format.encoded(tensors, path), to: path)
}

extension TensorFormat {
  /// A dotted name as it is written in such a file.
  package func fileName(of name: String) -> String { name.replacing(".", with: separator) }

  fileprivate func encoded(_ tensors: [(name: String, tensor: Tensor)], _ path: String) throws(FileError) -> [UInt8] {
    guard let encode else { throw FileError(path, .unwritable(reason: isOnlyRead)) }
    var names: Set<String> = []
    for name in tensors.map(\.name) where !names.insert(name).inserted {
      throw FileError(path, .unwritable(reason: "two tensors have the name '\(name)'"))
    }
    return try encode(tensors, path)
  }

  /// The tensor of a file that can hold only one.
  static func only(_ tensors: [(name: String, tensor: Tensor)], _ path: String) throws(FileError) -> Tensor {
    guard tensors.count == 1, let tensor = tensors.first?.tensor else {
      throw FileError(path, .unwritable(reason: "it holds one tensor, not \(tensors.count)"))
    }
    return tensor
  }
}
