import FlowDiagnostics
package import FlowGraph
import FlowTensor

/// The text of a graph, flat: a line for each node, definitions expanded. It resolves to the same graph again.
///
/// - Parameter tree: the file it came from; its `train` block, with what that refers to, is kept.
package func graphText(_ graph: Graph, tree: SyntaxTree? = nil) -> String {
  var printer = GraphPrinter(graph, tree)
  return printer.text()
}

private struct GraphPrinter {
  private let graph: Graph
  private let kept: [Statement]
  private var names = ValueNames()
  /// Whether a node is more than a part of a variable's first value.
  private let isMain: [Bool]
  private var lines: [String] = []

  init(_ graph: Graph, _ tree: SyntaxTree?) {
    self.graph = graph
    let statements = tree?.statements ?? []
    let trains = statements.contains { $0.isTrain }
    kept = trains ? statements.filter { $0.isTrain || $0.isConstantOrDefinition } : []
    isMain = Self.mainNodes(of: graph)
    names = ValueNames(graph, isMain, reserved: kept.compactMap(\.declaredName))
  }

  mutating func text() -> String {
    let heads = kept.filter { !$0.isTrain }
    if !heads.isEmpty { lines.append(format(SyntaxTree(statements: heads)).trimmingEnd()) }
    for (index, node) in graph.nodes.enumerated() where isMain[index] {
      if let variable = node.variable { declare(graph.variables[variable]) } else { define(node) }
    }
    lines += names.aliases.map { "\($0.name) = \(names[$0.value])" }
    for update in graph.updates {
      guard case .slot = graph.variables[update.variable].role else {
        lines.append("update \(graph.variables[update.variable].name) = \(names[update.value])")
        continue
      }
    }
    if !graph.outputs.isEmpty { lines.append("output " + graph.outputs.map(output).joined(separator: ", ")) }
    let trains = kept.filter(\.isTrain)
    if !trains.isEmpty { lines.append("\n" + format(SyntaxTree(statements: trains)).trimmingEnd()) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func output(_ output: Graph.Output) -> String {
    names[output.value] == output.name || names.isAlias(output.name)
      ? output.name : "\(output.name) = \(names[output.value])"
  }

  private mutating func declare(_ variable: Graph.Variable) {
    let word: String
    switch variable.role {
    case .input: word = "input"
    case .parameter: word = "param"
    case .state: word = "state"
    case .slot, .counter, .step: return
    }
    let value = variable.initial.map { " = " + expression($0) } ?? ""
    lines.append("\(word) \(variable.name): \(type(variable.type))\(value)")
  }

  private mutating func define(_ node: Graph.Node) {
    let results = node.results.map { names[ValueID($0)] }.joined(separator: ", ")
    let types = node.results.map { type(graph.type(of: ValueID($0))) }.joined(separator: ", ")
    lines.append("\(results) = \(call(node) { names[$0] })  # \(types)")
  }

  /// A value as one expression: what a variable's first value is written as.
  private func expression(_ value: ValueID) -> String {
    let node = graph.node(of: value)
    return node.operation == nil ? names[value] : call(node, expression)
  }

  private func call(_ node: Graph.Node, _ operand: (ValueID) -> String) -> String {
    guard let index = node.operation else { return "" }
    return call(graph.operations[index], graph.operands(of: node).filter { !isCounter($0) }.map(operand))
  }

  private func isCounter(_ value: ValueID) -> Bool {
    graph.node(of: value).variable.map { graph.variables[$0].role == .counter } ?? false
  }

  private func call(_ operation: some Operation, _ operands: [String]) -> String {
    let name = Swift.type(of: operation).name
    let standard = Swift.type(of: operation).init().attributeValues
    let given = zip(Swift.type(of: operation).attributes.map(\.description), zip(operation.attributeValues, standard))
    if name == "index", let operand = operands.first, case .list(let selection)? = operation.attributeValues.first {
      return "\(operand)[\(selection.map(entry).joined(separator: ", "))]"
    }
    let labels = given.compactMap { description, values in
      description.isHidden || (values.0 == values.1 && !description.isRequired)
        ? nil : "\(description.name): \(text(values.0))"
    }
    return "\(name)(\((operands + labels).joined(separator: ", ")))"
  }

  /// One entry of `[0, 1:3]`, as `index` holds it.
  private func entry(_ entry: AttributeValue) -> String {
    guard case .list(let bounds) = entry, !bounds.isEmpty else { return ":" }
    func bound(_ value: AttributeValue) -> String {
      value == .whole(.max) || value == .whole(.min) ? "" : text(value)
    }
    if bounds.count == 1 { return text(bounds[0]) }
    let step = bounds.count == 3 ? ":" + text(bounds[2]) : ""
    return "\(bound(bounds[0])):\(bound(bounds[1]))\(step)"
  }

  // MARK: Constants

  private func text(_ value: AttributeValue) -> String {
    switch value {
    case .none: "[]"
    case .boolean(let flag): flag ? "true" : "false"
    case .whole(let number): String(number)
    case .real(let number): Formatter.number(number)
    case .dimension(let size): text(size)
    case .string(let string): Formatter.quoted(string)
    case .dtype(let dtype): dtype.rawValue
    case .list(let values): "[\(values.map(text).joined(separator: ", "))]"
    case .tensor(let tensor): nested(tensor)
    }
  }

  private func type(_ type: TensorType) -> String {
    type.shape.rank == 0
      ? type.dtype.rawValue : "\(type.dtype.rawValue)[\(type.shape.dimensions.map(text).joined(separator: ", "))]"
  }

  /// A size; one without a name of its own is that of the value it first stood in.
  private func text(_ size: Dimension) -> String {
    guard size.symbols.contains(where: { $0.hasPrefix("?") }) else { return size.description }
    var text = size.description
    // Longer names first: `?1` begins `?12`.
    for symbol in size.symbols.sorted(by: { $0.count > $1.count }) where symbol.hasPrefix("?") {
      text = text.replacing(symbol, with: names.sizes[symbol] ?? symbol)
    }
    return text
  }

  private func nested(_ tensor: Tensor) -> String {
    let numbers: [String] =
      tensor.dtype == .bool
      ? tensor.doubles.map { $0 != 0 ? "true" : "false" }
      : tensor.wholeNumbers?.map(String.init) ?? tensor.doubles.map(Formatter.number)
    var rows = numbers
    for size in tensor.sizes.reversed() {
      let count = tensor.sizes.isEmpty || size == 0 ? 0 : rows.count / size
      rows = (0..<count).map { "[\(rows[($0 * size)..<(($0 + 1) * size)].joined(separator: ", "))]" }
    }
    return rows.first ?? "[]"
  }

  // MARK: Nodes

  /// Everything but what only first values of variables need.
  private static func mainNodes(of graph: Graph) -> [Bool] {
    var isMain = Array(repeating: false, count: graph.nodes.count)
    var isUsed = Array(repeating: false, count: graph.nodes.count)
    var isInitial = Array(repeating: false, count: graph.nodes.count)
    for variable in graph.variables {
      if let value = variable.initial { isInitial[Int(graph.producers[value.int])] = true }
    }
    let wanted = graph.outputs.map(\.value) + graph.updates.map(\.value) + graph.names.values
    for value in wanted { isMain[Int(graph.producers[value.int])] = true }
    for index in graph.nodes.indices.reversed() {
      let node = graph.nodes[index]
      if node.variable != nil || !isUsed[index] && !isInitial[index] { isMain[index] = true }
      for operand in graph.operands(of: node) {
        let producer = Int(graph.producers[operand.int])
        isUsed[producer] = true
        if isMain[index] { isMain[producer] = true }
      }
    }
    return isMain
  }
}

/// A name for each value, none twice.
private struct ValueNames {
  private var names: [ValueID: String] = [:]
  private var taken: Set<String> = []
  /// Further names of values that have one.
  private(set) var aliases: [(name: String, value: ValueID)] = []
  /// How to write a size that has no name.
  private(set) var sizes: [String: String] = [:]

  init() {}

  init(_ graph: Graph, _ isMain: [Bool], reserved: [String]) {
    taken = Set(reserved)
    for variable in graph.variables { take(variable.name, for: variable.value) }
    for (name, value) in graph.names.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
      if names[value] == nil { take(name, for: value) } else if names[value] != name { alias(name, value) }
    }
    for (index, node) in graph.nodes.enumerated() where isMain[index] && node.operation != nil {
      for result in node.results { name(ValueID(result), graph) }
    }
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

  /// Whether a name stands for a value that is called otherwise.
  func isAlias(_ name: String) -> Bool { aliases.contains { $0.name == name } }

  subscript(value: ValueID) -> String {
    switch names[value] {
    case "@step"?: "cast(step, i64)"
    case let name?: name
    case nil: "v\(value.int)"
    }
  }

  private mutating func take(_ name: String, for value: ValueID) {
    taken.insert(name)
    names[value] = name
  }

  private mutating func alias(_ name: String, _ value: ValueID) {
    taken.insert(name)
    aliases.append((name, value))
  }

  private mutating func name(_ value: ValueID, _ graph: Graph) {
    guard names[value] == nil else { return }
    let base = graph.labels[value].map { $0.replacing(".", with: "_").replacing("@", with: "") } ?? "v\(value.int)"
    var name = base
    var number = 2
    while taken.contains(name) {
      name = "\(base)_\(number)"
      number += 1
    }
    take(name, for: value)
  }
}

extension Statement {
  fileprivate var isTrain: Bool {
    if case .train = kind { true } else { false }
  }

  fileprivate var isConstantOrDefinition: Bool { declaredName != nil }

  fileprivate var declaredName: String? {
    switch kind {
    case .constant(let name, _): name.text
    case .define(let syntax): syntax.name.text
    default: nil
    }
  }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    String(self[..<(lastIndex { !$0.isNewline }.map(index(after:)) ?? startIndex)])
  }
}
