import FlowDiagnostics
package import FlowGraph
import FlowTensor

/// The text of a graph, flat: a line for each node that something wanted needs, definitions expanded.
///
/// It resolves to a graph with the same values, bit for bit, and that one has the same text.
///
/// - Parameters:
///   - tree: the file it came from; its `train` block, with the consts and definitions that it needs, is kept.
///   - training: what that block was resolved to.
///   - places: what variables start from instead of their own first values, by name.
package func graphText(
  _ graph: Graph, tree: SyntaxTree? = nil, training: TrainingSettings? = nil,
  loading places: [String: TensorPlace] = [:]
) -> String {
  let kept = KeptStatements(tree)
  var printer = GraphPrinter(graph, kept, training, places)
  return printer.text()
}

/// A tensor of a file.
package struct TensorPlace: Sendable {
  package let path: String
  package let name: String

  package init(path: String, name: String) {
    self.path = path
    self.name = name
  }
}

private struct GraphPrinter {
  private let graph: Graph
  private let kept: KeptStatements
  private let training: TrainingSettings?
  private let places: [String: TensorPlace]
  private let layout: PrintLayout
  private let names: ValueNames
  private var lines: [String] = []
  /// Named numbers that nothing uses: they come last, for the graph has them last.
  private var plainNumbers: [String] = []

  init(
    _ graph: Graph, _ kept: KeptStatements, _ training: TrainingSettings?, _ places: [String: TensorPlace]
  ) {
    self.graph = graph
    self.kept = kept
    self.places = places
    self.training = kept.train == nil ? nil : training
    let wanted = graph.outputs.map(\.value) + (self.training.map { [$0.minimize] + $0.report.map(\.value) } ?? [])
    layout = PrintLayout(graph, wanted: wanted)
    names = ValueNames(graph, layout, reserved: kept.names, reports: self.training?.report ?? [])
  }

  mutating func text() -> String {
    lines += plugins.map { "plugin \(Formatter.quoted($0))" }
    if !kept.heads.isEmpty { lines.append(format(SyntaxTree(statements: kept.heads)).trimmingEnd()) }
    for (index, node) in graph.nodes.enumerated() {
      if let variable = node.variable {
        declare(graph.variables[variable])
      } else if layout.isLine[index] {
        define(node)
      }
    }
    lines += plainNumbers
    lines += names.aliases.map { "\($0.name) = \(names[$0.value])" }
    for update in graph.updates where !graph.variables[update.variable].role.isSupplied {
      lines.append("update \(graph.variables[update.variable].name) = \(names[update.value])")
    }
    if !graph.outputs.isEmpty { lines.append("output " + graph.outputs.map(\.name).joined(separator: ", ")) }
    if let train = kept.train {
      lines.append("\n" + format(SyntaxTree(statements: [train.naming(training, names)])).trimmingEnd())
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What the file asks for, then what its operations come from beside that.
  private var plugins: [String] {
    var seen: Set<String> = []
    return (kept.plugins + graph.operations.compactMap(\.plugin)).filter { seen.insert($0).inserted }
  }

  private mutating func declare(_ variable: Graph.Variable) {
    guard let word = variable.role.word else { return }
    let value = variable.initial.map { " = " + initialText(variable, $0) } ?? ""
    lines.append("\(word) \(variable.name): \(type(variable.type))\(value)")
  }

  private mutating func define(_ node: Graph.Node) {
    let results = node.results.map { names[ValueID($0)] }
    let types = node.results.map { type(graph.type(of: ValueID($0))) }.joined(separator: ", ")
    if let number = plainNumber(node) {
      plainNumbers.append("\(results.joined()) = \(number)")
    } else {
      let value = call(node, stream: results.first ?? "") { names[$0] }
      lines.append("\(results.joined(separator: ", ")) = \(value)  # \(types)")
    }
  }

  // MARK: First values

  /// What a declaration is given: numbers, an initializer, else the expression.
  private func initialText(_ variable: Graph.Variable, _ initial: ValueID) -> String {
    if let place = places[variable.name] {
      return "load(\(Formatter.quoted(place.path)), \(Formatter.quoted(place.name)))"
    }
    let node = graph.node(of: initial)
    let isExact = graph.type(of: initial) == variable.type
    if isExact, let index = node.operation, let text = numbers(graph.operations[index], variable.type) { return text }
    var draws = 0
    return expression(initial, variable.name, &draws, omitting: isExact ? ["shape", "dtype"] : [])
  }

  /// A value as one expression. Random operations draw from the variable's stream, in the order of their evaluation.
  private func expression(
    _ value: ValueID, _ variable: String, _ draws: inout Int, omitting: Set<String> = []
  ) -> String {
    let position = Int(graph.producers[value.int])
    let node = graph.nodes[position]
    guard let index = node.operation, !layout.isLine[position] else { return names[value] }
    var operands: [String] = []
    for operand in graph.operands(of: node) where !isCounter(operand) {
      operands.append(expression(operand, variable, &draws))
    }
    let operation = graph.operations[index]
    if operation.attribute("stream") != nil { draws += 1 }
    let stream = "initial \(variable)" + (draws > 1 ? "#\(draws)" : "")
    let takesType = operation.attribute("shape") != nil && operation.attribute("dtype") != nil
    return call(operation, operands, stream: stream, omitting: takesType ? omitting : [])
  }

  /// `[[0.5, -1.0]]`, `0.7`, `zeros`: a tensor that is written in the file, where the declared type makes it the same.
  private func numbers(_ operation: any Operation, _ type: TensorType) -> String? {
    if case .tensor(let tensor)? = operation.attribute("values"), operation.title == "literal" {
      return tensor.dtype == type.dtype && tensor.count > 0 ? tensor.nestedText : nil
    }
    guard operation.title == "fill", let value = operation.attribute("value") else { return nil }
    if type.shape.rank == 0 { return value.isSymbolicNumber ? nil : numberText(value) }
    let word = value == .whole(0) ? "zeros" : value == .whole(1) ? "ones" : "constant(\(numberText(value)))"
    return kept.names.isDisjoint(with: ["zeros", "ones", "constant"]) ? word : nil
  }

  /// A named number that nothing else uses.
  private func plainNumber(_ node: Graph.Node) -> String? {
    guard let index = node.operation, let result = node.results.first, !layout.isUsed[result] else { return nil }
    let operation = graph.operations[index]
    let type = graph.type(of: ValueID(result))
    guard operation.title == "fill", type.shape.rank == 0, let value = operation.attribute("value")
    else { return nil }
    switch (value, type.dtype) {
    case (.whole, .i32), (.real, .f32), (.boolean, .bool): return numberText(value)
    default: return nil
    }
  }

  // MARK: Calls

  private func call(_ node: Graph.Node, stream: String, _ operand: (ValueID) -> String) -> String {
    guard let index = node.operation else { return "" }
    let operands = graph.operands(of: node).filter { !isCounter($0) }.map(operand)
    return call(graph.operations[index], operands, stream: stream, omitting: [])
  }

  private func isCounter(_ value: ValueID) -> Bool {
    graph.node(of: value).variable.map { graph.variables[$0].role == .counter } ?? false
  }

  /// - Parameters:
  ///   - stream: what a random operation draws from where nothing is said.
  ///   - omitting: attributes that the declaration supplies.
  private func call(
    _ operation: some Operation, _ operands: [String], stream: String, omitting: Set<String>
  ) -> String {
    let name = operation.title
    if name == "index", let operand = operands.first, case .list(let selection)? = operation.attributeValues.first {
      return "\(operand)[\(selection.map(entry).joined(separator: ", "))]"
    }
    let standard = operation.standardValues
    var labels: [String] = []
    for (index, description) in operation.attributeDescriptions.enumerated() {
      let value = operation.attributeValues[index]
      let isStandard = value == standard[index] && !description.isRequired
      let isKnown = omitting.contains(description.name) || description.name == "stream" && value == .string(stream)
      if !description.isHidden, !isStandard, !isKnown { labels.append("\(description.name): \(text(value))") }
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

  private func text(_ value: AttributeValue) -> String {
    switch value {
    case .none: "[]"
    case .boolean, .whole, .real: numberText(value)
    case .dimension(let size): names.text(size)
    case .string(let string): Formatter.quoted(string)
    case .dtype(let dtype): dtype.rawValue
    case .list(let values): "[\(values.map(text).joined(separator: ", "))]"
    case .tensor(let tensor): tensor.nestedText
    }
  }

  private func type(_ type: TensorType) -> String {
    type.shape.rank == 0
      ? type.dtype.rawValue : "\(type.dtype.rawValue)[\(type.shape.dimensions.map(names.text).joined(separator: ", "))]"
  }
}

extension Graph.Variable.Role {
  /// How a file declares it; nil for what the engine keeps.
  fileprivate var word: String? {
    switch self {
    case .input: "input"
    case .parameter: "param"
    case .state: "state"
    case .slot, .counter, .step: nil
    }
  }

  fileprivate var isSupplied: Bool { word == nil }
}

extension Operation {
  fileprivate func attribute(_ name: String) -> AttributeValue? {
    attributeDescriptions.firstIndex { $0.name == name }.map { attributeValues[$0] }
  }
}

extension AttributeValue {
  fileprivate var isSymbolicNumber: Bool {
    if case .dimension = self { true } else { false }
  }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    String(self[..<(lastIndex { !$0.isNewline }.map(index(after:)) ?? startIndex)])
  }
}
