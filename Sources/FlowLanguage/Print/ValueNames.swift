import FlowGraph
import FlowTensor

/// A name for each value that is printed, none twice, and for each size.
struct ValueNames {
  private var names: [ValueID: String] = [:]
  private var taken: Set<String>
  /// How often a name was asked for: the next number to try.
  private var counts: [String: Int] = [:]
  /// Further names of values that have one.
  private(set) var aliases: [(name: String, value: ValueID)] = []
  /// How to write a size that has no name.
  private var sizes: [String: String] = [:]

  init(_ graph: Graph, _ layout: PrintLayout, reserved: Set<String>, reports: [TrainingSettings.Report]) {
    taken = reserved.union(["step", "training"])
    for variable in graph.variables { take(variable.name, for: variable.value) }
    var wanted = graph.names.merging(graph.outputs.map { ($0.name, $0.value) }) { _, output in output }
    for report in reports where wanted[report.name] == nil { wanted[report.name] = report.value }
    for (name, value) in wanted.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) where names[value] != name {
      if names[value] == nil { take(name, for: value) } else { alias(name, value) }
    }
    for (index, node) in graph.nodes.enumerated() where layout.isLine[index] && node.operation != nil {
      for result in node.results { name(ValueID(result), graph) }
    }
    nameSizes(graph)
  }

  subscript(value: ValueID) -> String {
    switch names[value] {
    case "@step"?: "cast(step, i64)"
    case let name?: name
    case nil: "v\(value.int)"
    }
  }

  /// A size; one without a name of its own is that of the value it first stood in.
  func text(_ size: Dimension) -> String {
    let derived = size.symbols.filter { $0.hasPrefix("?") }
    // Longer names first: `?1` begins `?12`.
    return derived.sorted { $0.count > $1.count }.reduce(size.description) { text, symbol in
      text.replacing(symbol, with: sizes[symbol] ?? symbol)
    }
  }

  private mutating func nameSizes(_ graph: Graph) {
    guard graph.types.contains(where: { $0.shape.contains { $0.symbol?.hasPrefix("?") ?? false } }) else { return }
    for index in 0..<graph.valueCount {
      let value = ValueID(index)
      for (axis, size) in graph.type(of: value).shape.enumerated() {
        guard let symbol = size.symbol, symbol.hasPrefix("?"), sizes[symbol] == nil, let name = names[value] else {
          continue
        }
        sizes[symbol] = "dim(\(name), \(axis))"
      }
    }
  }

  private mutating func take(_ name: String, for value: ValueID) {
    taken.insert(name)
    names[value] = name
  }

  private mutating func alias(_ name: String, _ value: ValueID) {
    guard taken.insert(name).inserted else { return }
    aliases.append((name, value))
  }

  private mutating func name(_ value: ValueID, _ graph: Graph) {
    guard names[value] == nil else { return }
    let base = graph.labels[value].map { $0.replacing(".", with: "_").replacing("@", with: "") } ?? "v\(value.int)"
    var name = base
    while taken.contains(name) {
      counts[base, default: 1] += 1
      name = "\(base)_\(counts[base, default: 2])"
    }
    take(name, for: value)
  }
}
