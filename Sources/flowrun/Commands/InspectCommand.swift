import ArgumentParser
import FlowDiagnostics
import FlowFiles
import FlowTensor
import FlowTraining

/// `flowrun inspect`: the tensors of a file.
struct InspectCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Lists the tensors of a file: name, type, bytes, and smallest, mean and largest value.",
    discussion: "Example: flowrun inspect digits.h5 --tensor params/h/w")

  @Argument(help: ArgumentHelp("A checkpoint or any file of tensors: .h5, .npy, .csv, .json.", valueName: "FILE"))
  var file: String

  @Option(help: ArgumentHelp("Print one tensor's values.", valueName: "name"))
  var tensor: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup var talk: TalkOptions

  var console: Console { talk.console }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let reader = try failing { () throws(FileError) in try openTensorFile(file) }
    if let tensor {
      let values = try failing { () throws(FileError) in try reader.read(tensor) }
      try console.print(json ? JSON.object([(tensor, .tensor(values))]).text : TensorText.line(tensor, values))
      return 0
    }
    let attributes = try failing { () throws(FileError) in try (reader as? HDF5Reader)?.attributes() ?? [:] }
    var rows: [(entry: TensorEntry, statistics: Statistics?)] = []
    for entry in reader.entries {
      let values = try failing { () throws(FileError) in try reader.read(entry.name) }
      rows.append((entry, Statistics(values)))
    }
    try console.print(json ? Self.json(rows, attributes).text : text(rows, attributes))
    return 0
  }

  private func text(
    _ rows: [(entry: TensorEntry, statistics: Statistics?)], _ attributes: [String: HDF5Attribute]
  ) -> String {
    var lines = attributes.sorted { $0.key < $1.key }.filter { $0.key != "crc32" }.map { "\($0.key): \($0.value.shown)" }
    let names = rows.map { $0.entry.name.isEmpty ? "(unnamed)" : $0.entry.name }
    let nameWidth = names.map(\.count).max() ?? 0
    let typeWidth = rows.map { $0.entry.type.description.count }.max() ?? 0
    for (name, row) in zip(names, rows) {
      let type = row.entry.type.description.padded(to: typeWidth)
      lines.append("\(name.padded(to: nameWidth))  \(type)  \(byteText(row.entry.type.byteCount ?? 0).padded(to: 9)) \(row.statistics?.text ?? "")")
    }
    let total = rows.reduce(0) { $0 + ($1.entry.type.byteCount ?? 0) }
    lines.append("\(rows.count) tensors, \(byteText(total))")
    return lines.joined(separator: "\n")
  }

  private static func json(
    _ rows: [(entry: TensorEntry, statistics: Statistics?)], _ attributes: [String: HDF5Attribute]
  ) -> JSON {
    let tensors = rows.map { entry, statistics in
      JSON.object([
        ("name", .string(entry.name)), ("dtype", .string(entry.dtype.rawValue)),
        ("shape", .array(entry.sizes.map { .int(Int64($0)) })), ("bytes", .int(Int64(entry.type.byteCount ?? 0))),
        ("min", statistics.map { .double($0.least) } ?? .null), ("mean", statistics.map { .double($0.mean) } ?? .null),
        ("max", statistics.map { .double($0.most) } ?? .null),
      ])
    }
    let facts = attributes.sorted { $0.key < $1.key }.filter { $0.key != "crc32" }.map { ($0.key, $0.value.json) }
    return .object([("attributes", .object(facts)), ("tensors", .array(tensors))])
  }
}

/// The smallest, mean and largest of a tensor's elements; NaN where one is.
private struct Statistics {
  let least: Double
  let mean: Double
  let most: Double

  init?(_ tensor: Tensor) {
    let values = tensor.doubles
    guard !values.isEmpty else { return nil }
    let hasNaN = values.contains(where: \.isNaN)
    least = hasNaN ? .nan : values.min() ?? .nan
    most = hasNaN ? .nan : values.max() ?? .nan
    mean = values.reduce(0, +) / Double(values.count)
  }

  var text: String { "min \(Float(least))  mean \(Float(mean))  max \(Float(most))" }
}

extension HDF5Attribute {
  fileprivate var shown: String {
    switch self {
    case .text(let text): text
    case .integer(let number): String(number)
    }
  }

  fileprivate var json: JSON {
    switch self {
    case .text(let text): .string(text)
    case .integer(let number): .int(number)
    }
  }
}
