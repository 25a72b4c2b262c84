import ArgumentParser
import FlowDiagnostics
import FlowFiles
import FlowTensor
import FlowTraining

/// `flowrun inspect`: the tensors of a file.
struct InspectCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows the tensors of a file as a tree: name, type, bytes, and smallest, mean and largest value.",
    discussion: "Example: flowrun inspect digits.h5 --tensor params/h/w")

  @Argument(
    help: ArgumentHelp(
      "A checkpoint or any file of tensors: .h5, .npz, .npy, .safetensors, .onnx, .idx, .csv, .json.", valueName: "FILE"
    ))
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
      let values = try failing { () throws(FileError) in try reader.read(reader.ownName(of: tensor)) }
      let text = DisplayText.lines(TensorText.line(tensor, values))
      try console.print(json ? JSON.object([(tensor, .tensor(values))]).text : text)
      return 0
    }
    let contents = try failing { () throws(FileError) in try FileContents(reader) }
    try console.print(json ? contents.json.text : DisplayText.lines(contents.text))
    return 0
  }
}

/// What is in a file of tensors.
private struct FileContents {
  private let attributes: [(name: String, value: FileAttribute)]
  private let graph: ONNXDescription?
  private var rows: [(entry: TensorEntry, statistics: Statistics?)] = []
  /// What has a name and is no tensor, or not there.
  private var others: [(name: String, reason: String)]

  init(_ reader: any TensorReader) throws(FileError) {
    attributes = try reader.ownAttributes
    graph = (reader as? ONNXReader)?.graph
    others = reader.unreadable
    for entry in reader.entries {
      if let reason = reader.absence(of: entry) {
        rows.append((entry, nil))
        others.append((entry.name, reason))
      } else {
        rows.append((entry, try Statistics(of: entry, in: reader)))
      }
    }
  }

  var text: String {
    let tree = NameTree(rows.map { $0.entry.name.isEmpty ? "(unnamed)" : $0.entry.name })
    let nameWidth = tree.lines.map { $0.title.count }.max() ?? 0
    let typeWidth = rows.map { $0.entry.type.description.count }.max() ?? 0
    var lines = attributes.map { "\($0.name): \($0.value.shown)" } + (graph?.lines ?? [])
    for line in tree.lines {
      guard let row = line.row.map({ rows[$0] }) else {
        lines.append(line.title)
        continue
      }
      let type = row.entry.type.description.padded(to: typeWidth)
      let size = byteText(row.entry.type.byteCount ?? 0).padded(to: 9)
      lines.append("\(line.title.padded(to: nameWidth))  \(type)  \(size)\(row.statistics.map { " \($0.text)" } ?? "")")
    }
    lines += others.map { "'\($0.name)' is not read: \($0.reason)" }
    let total = rows.reduce(0) { $0 + ($1.entry.type.byteCount ?? 0) }
    lines.append("\(rows.count) tensor\(rows.count == 1 ? "" : "s"), \(byteText(total))")
    return lines.joined(separator: "\n")
  }

  var json: JSON {
    let tensors = rows.map { entry, statistics in
      JSON.object([
        ("name", .string(entry.name)), ("dtype", .string(entry.dtype.rawValue)),
        ("shape", .array(entry.sizes.map { .int(Int64($0)) })), ("bytes", .int(Int64(entry.type.byteCount ?? 0))),
        ("min", statistics.map { .double($0.least) } ?? .null), ("mean", statistics.map { .double($0.mean) } ?? .null),
        ("max", statistics.map { .double($0.most) } ?? .null),
      ])
    }
    return .object(
      [("attributes", .object(attributes.map { ($0.name, $0.value.json) }))] + (graph?.members ?? []) + [
        ("tensors", .array(tensors)), ("unreadable", .object(others.map { ($0.name, .string($0.reason)) })),
      ])
  }
}

extension ONNXDescription {
  fileprivate var lines: [String] {
    inputs.map { "input \($0.name): \($0.type)" } + outputs.map { "output \($0.name): \($0.type)" }
      + nodes.map { node in
        "\(node.outputs.joined(separator: ", ")) = \(node.operation)(\(node.inputs.joined(separator: ", ")))"
      }
  }

  fileprivate var members: [(String, JSON)] {
    func texts(_ all: [String]) -> JSON { .array(all.map(JSON.string)) }
    func values(_ all: [Value]) -> JSON {
      .array(all.map { .object([("name", .string($0.name)), ("type", .string($0.type))]) })
    }
    let nodes = nodes.map { node in
      JSON.object([
        ("operation", .string(node.operation)), ("inputs", texts(node.inputs)), ("outputs", texts(node.outputs)),
      ])
    }
    return [("inputs", values(inputs)), ("outputs", values(outputs)), ("nodes", .array(nodes))]
  }
}

/// Names with their groups above them, in order: a line for each group and each name.
private struct NameTree {
  struct Line {
    let title: String
    /// Which name it is; nil for a group.
    let row: Int?
  }

  private(set) var lines: [Line] = []

  init(_ names: [String]) {
    let separator: Character = names.contains { $0.contains("/") } ? "/" : "."
    var open: [Substring] = []
    for (row, name) in names.enumerated() {
      let parts = name.split(separator: separator)
      let groups = Array(parts.dropLast())
      let shared = zip(groups, open).prefix { $0 == $1 }.count
      for depth in shared..<groups.count {
        lines.append(Line(title: Self.title(groups[depth], depth) + "\(separator)", row: nil))
      }
      open = groups
      lines.append(Line(title: Self.title(parts.last ?? "", groups.count), row: row))
    }
  }

  private static func title(_ part: Substring, _ depth: Int) -> String { String(repeating: "  ", count: depth) + part }
}

/// The smallest, mean and largest of a tensor's elements; NaN where one is.
private struct Statistics {
  private(set) var least = Double.infinity
  private(set) var most = -Double.infinity
  private var sum = 0.0
  private var count = 0

  /// Nil where there are no elements. Large tensors are read in parts.
  init?(of entry: TensorEntry, in reader: any TensorReader) throws(FileError) {
    let bytes = entry.type.byteCount ?? .max
    if bytes <= Self.partBytes {
      add(try reader.read(entry.name))
    } else {
      let total = entry.sizes.first ?? 0
      let step = max(1, Self.partBytes / max(bytes / max(total, 1), 1))
      for start in stride(from: 0, to: total, by: step) {
        add(try reader.read(entry.name, rows: start..<min(start + step, total)))
      }
    }
    if count == 0 { return nil }
  }

  private static let partBytes = 64 << 20

  private mutating func add(_ tensor: Tensor) {
    for value in tensor.doubles {
      least = value.isNaN || least.isNaN ? .nan : Swift.min(least, value)
      most = value.isNaN || most.isNaN ? .nan : Swift.max(most, value)
      sum += value
    }
    count += tensor.count
  }

  var mean: Double { sum / Double(count) }

  var text: String { "min \(Float(least))  mean \(Float(mean))  max \(Float(most))" }
}

extension FileAttribute {
  var shown: String {
    switch self {
    case .text(let text): text.count > 200 ? "\(text.prefix(200))…" : text
    case .integer(let number): String(number)
    }
  }

  var json: JSON {
    switch self {
    case .text(let text): .string(text)
    case .integer(let number): .int(number)
    }
  }
}
