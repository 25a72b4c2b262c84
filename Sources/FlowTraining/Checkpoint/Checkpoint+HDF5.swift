package import FlowFiles
import FlowRuntime
import FlowTensor

extension Checkpoint {
  private static let engine = "flow \(engineVersion)"

  /// Writes the file anew: under a temporary name, flushed, then renamed.
  package func write(to path: String) throws(FileError) {
    try AtomicFile.write(bytes(for: path), to: path)
  }

  /// The file's bytes.
  ///
  /// - Parameter path: for errors alone.
  func bytes(for path: String) throws(FileError) -> [UInt8] { try image(path).bytes() }

  /// About how many bytes a state takes in a file.
  static func byteCount(_ state: State, source: String) -> Int {
    state.values.reduce(source.utf8.count + 16_384) { $0 + $1.byteCount + 1_024 }
  }

  private func image(_ path: String) throws(FileError) -> HDF5Image {
    var image = HDF5Image(for: path)
    try image.set("format", .text(Self.format))
    try image.set("version", .integer(Self.version))
    try image.set("graph", .text(graphName))
    try image.set("step", .integer(Int64(progress.step)))
    try image.set("epoch", .integer(Int64(progress.epoch)))
    try image.set("engine", .text(Self.engine))
    try image.write(text: source, at: "source")
    for (path, tensor) in tensors { try image.write(tensor, at: path) }
    try image.set("seed", .integer(progress.seed), of: "training")
    try image.set("batch", .integer(Int64(progress.batch)), of: "training")
    try image.set("rows", .integer(Int64(progress.rows)), of: "training")
    try image.write(Tensor(progress.sums, [progress.sums.count]), at: "training/sums")
    for (name, values) in progress.history.columns {
      try image.write(Tensor(values, [values.count]), at: "training/history/\(name)")
    }
    return image
  }

  /// Whether a file begins as HDF5 files do.
  package static func isHDF5(_ path: String) -> Bool {
    (try? TensorFormat.of(reading: path))?.name == "HDF5"
  }

  /// The steps that a checkpoint's training has done, without reading its tensors; nil where the file is no checkpoint.
  package static func step(of path: String) -> Int? {
    guard isHDF5(path), let attributes = try? HDF5Reader(path).attributes(), attributes["format"]?.text == format else {
      return nil
    }
    return attributes["step"]?.integer.flatMap { Int(exactly: $0) }
  }

  /// Reads a checkpoint whole and checks every checksum.
  ///
  /// - Fails: where the file is no checkpoint, of a later version, or damaged.
  package init(reading path: String) throws(FileError) {
    let reader = try HDF5Reader(path)
    let attributes = try reader.attributes()
    guard attributes["format"]?.text == Self.format, let source = try reader.text("source") else {
      throw FileError(path, .badFormat("checkpoint", reason: "it has no format 'flow.checkpoint' and source"))
    }
    guard let version = attributes["version"]?.integer, version == Self.version else {
      throw FileError(path, .badFormat("checkpoint", reason: "its version is not \(Self.version)"))
    }
    graphName = attributes["graph"]?.text ?? ""
    self.source = source
    tensors = []
    for entry in reader.entries where !entry.name.hasPrefix("training/") {
      tensors.append((entry.name, try reader.read(entry.name)))
    }
    progress = try Self.progress(reader, attributes)
  }

  private static func progress(
    _ reader: HDF5Reader, _ attributes: [String: FileAttribute]
  ) throws(FileError) -> Progress {
    let training = try reader.attributes(of: "training")
    func number(_ value: FileAttribute?, _ name: String) throws(FileError) -> Int {
      guard let number = value?.integer.flatMap({ Int(exactly: $0) }), (0..<(1 << 53)).contains(number) else {
        throw FileError(reader.path, .badFormat("checkpoint", reason: "it has no \(name)"))
      }
      return number
    }
    var progress = Progress(seed: training["seed"]?.integer ?? 0)
    progress.step = try number(attributes["step"], "step")
    progress.epoch = try number(attributes["epoch"], "epoch")
    progress.batch = try number(training["batch"], "cursor")
    progress.rows = try number(training["rows"], "cursor")
    progress.sums = try reader.read("training/sums").doubles
    let prefix = "training/history/"
    for entry in reader.entries where entry.name.hasPrefix(prefix) {
      progress.history.columns.append((String(entry.name.dropFirst(prefix.count)), try reader.read(entry.name).doubles))
    }
    return progress
  }
}
