import ArgumentParser
import FlowDiagnostics
import FlowFiles
import FlowTensor
import FlowTraining

/// `flowrun diff`: in what two files of tensors differ.
struct DiffCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Tells in what two checkpoints, or any two files of tensors, differ.",
    discussion: """
      Example: flowrun diff before.h5 after.h5 --rtol 1e-6

      Tensors are compared by name, also between formats; of checkpoints the graph's text and the attributes too. Exit \
      code 1 where anything differs.
      """)

  @Argument(help: ArgumentHelp("A checkpoint or any file of tensors.", valueName: "A"))
  var first: String

  @Argument(help: ArgumentHelp("Another.", valueName: "B"))
  var second: String

  @Option(help: ArgumentHelp("Allowed difference, relative to B's number.", valueName: "number"))
  var rtol = 0.0

  @Option(help: ArgumentHelp("Allowed difference beyond that.", valueName: "number"))
  var atol = 0.0

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup var talk: TalkOptions

  var console: Console { talk.console }

  func validate() throws {
    if !(rtol >= 0 && atol >= 0) { throw ValidationError("--rtol and --atol are at least 0") }
  }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let (first, second, rtol, atol) = (first, second, rtol, atol)
    let differences = try failing { () throws(FileError) in
      try FileDifferences(first, second, relative: rtol, absolute: atol)
    }
    try console.print(json ? differences.json.text : DisplayText.lines(differences.text))
    return differences.isEmpty ? 0 : Failure.Code.difference.rawValue
  }
}

/// What two files differ in.
private struct FileDifferences {
  /// A tensor that both have.
  private struct Pair {
    let name: String
    let a: TensorEntry
    let b: TensorEntry
    /// nil where the shapes differ, or the values do not.
    let values: TensorDifference?
    let position: [Int]

    var differs: Bool { a.type != b.type || values != nil }
  }

  private let files: [String]
  private var attributes: [(name: String, a: FileAttribute?, b: FileAttribute?)] = []
  /// The lines in which the graphs' texts differ.
  private var source: [String] = []
  private var only: [[String]] = [[], []]
  private var pairs: [Pair] = []

  init(_ first: String, _ second: String, relative: Double, absolute: Double) throws(FileError) {
    files = [first, second]
    let (a, b) = (try openTensorFile(first), try openTensorFile(second))
    try compareTexts(a as? HDF5Reader, b as? HDF5Reader)
    let isSingle = a.entries.count == 1 && b.entries.count == 1
    for entry in a.entries {
      guard let other = isSingle ? b.entries.first : b.entries.first(where: { $0.name == entry.name }) else {
        only[0].append(entry.name)
        continue
      }
      var (values, position): (TensorDifference?, [Int]) = (nil, [])
      if entry.sizes == other.sizes {
        let (x, y) = (try a.read(entry.name), try b.read(other.name))
        values = x == y ? nil : TensorDifference(x, y, relative: relative, absolute: absolute)
        position = values.map { x.position(of: $0.index) } ?? []
      }
      pairs.append(Pair(name: entry.name, a: entry, b: other, values: values, position: position))
    }
    if !isSingle {
      let names = Set(a.entries.map(\.name))
      only[1] = b.entries.map(\.name).filter { !names.contains($0) }
    }
  }

  /// Attributes, and the graphs that checkpoints hold.
  private mutating func compareTexts(_ a: HDF5Reader?, _ b: HDF5Reader?) throws(FileError) {
    guard let a, let b else { return }
    let (x, y) = (try a.ownAttributes, try b.ownAttributes)
    for name in x.map(\.name) + y.map(\.name).filter({ name in !x.contains { $0.name == name } }) {
      let (old, new) = (x.first { $0.name == name }?.value, y.first { $0.name == name }?.value)
      if old != new { attributes.append((name, old, new)) }
    }
    let (before, after) = (try a.text("source") ?? "", try b.text("source") ?? "")
    if before != after { source = LineChanges(from: before, to: after).lines(most: 20) }
  }

  var isEmpty: Bool {
    attributes.isEmpty && source.isEmpty && only.allSatisfy(\.isEmpty) && !pairs.contains(where: \.differs)
  }

  // MARK: Text

  var text: String {
    var lines = attributes.map { "\($0.name): \($0.a?.shown ?? "none"), \($0.b?.shown ?? "none")" }
    if !source.isEmpty { lines += ["source:"] + source.map { "  \($0)" } }
    for (file, names) in zip(files, only) { lines += names.map { "\(Self.shown($0)): only in \(file)" } }
    lines += pairs.filter(\.differs).map(Self.text)
    let count = pairs.count { $0.differs } + only[0].count + only[1].count
    let all = pairs.count + only[0].count + only[1].count
    lines.append(
      "\(count == 0 ? "none" : "\(count)") of \(all) tensor\(all == 1 ? "" : "s") differ\(count > 1 ? "" : "s")")
    return lines.joined(separator: "\n")
  }

  private static func text(_ pair: Pair) -> String {
    var text = "\(shown(pair.name)): "
    if pair.a.type != pair.b.type { text += "\(pair.a.type), \(pair.b.type)" }
    guard let values = pair.values else { return text }
    if pair.a.type != pair.b.type { text += "; " }
    let place = pair.position.isEmpty ? "" : " at \(pair.position)"
    let count = pair.a.sizes.reduce(1, *)
    return text
      + "\(values.count) of \(count) differ, the most by \(shortText(values.largest))\(place): \(shortText(values.a, digits: 8)), \(shortText(values.b, digits: 8)); "
      + "root mean square \(shortText(values.rms))"
  }

  private static func shown(_ name: String) -> String { name.isEmpty ? "(unnamed)" : name }

  // MARK: JSON

  var json: JSON {
    .object([
      ("a", .string(files[0])), ("b", .string(files[1])), ("equal", .bool(isEmpty)),
      (
        "attributes",
        .array(
          attributes.map {
            .object([("name", .string($0.name)), ("a", $0.a?.json ?? .null), ("b", $0.b?.json ?? .null)])
          })
      ),
      ("source", .array(source.map(JSON.string))), ("only_a", .array(only[0].map(JSON.string))),
      ("only_b", .array(only[1].map(JSON.string))), ("tensors", .array(pairs.filter(\.differs).map(Self.json))),
    ])
  }

  private static func json(_ pair: Pair) -> JSON {
    var members: [(String, JSON)] = [
      ("name", .string(pair.name)), ("type_a", .string("\(pair.a.type)")), ("type_b", .string("\(pair.b.type)")),
    ]
    if let values = pair.values {
      members += [
        ("count", .int(Int64(pair.a.sizes.reduce(1, *)))), ("differing", .int(Int64(values.count))),
        ("largest", .double(values.largest)), ("rms", .double(values.rms)),
        ("index", .array(pair.position.map { .int(Int64($0)) })), ("a", .double(values.a)), ("b", .double(values.b)),
      ]
    }
    return .object(members)
  }
}
