import FlowGraph
import FlowTensor

/// A graph as a picture: boxes for operations, inputs and parameters apart, a type on every line, scopes as frames.
package struct GraphDrawing: Sendable {
  /// One box.
  struct Box: Sendable, Equatable {
    enum Kind: Sendable { case operation, input, parameter, state, output, scope }

    let kind: Kind
    let title: String
    let detail: String
    /// The frames around it, outermost first: `["h", "h.0"]`.
    var scopes: [String]
  }

  /// A line from a box to another.
  struct Line: Sendable, Hashable {
    let from: Int
    let to: Int
    let label: String
    /// Whether it is what a step writes over a state.
    let isUpdate: Bool
  }

  private(set) var boxes: [Box] = []
  private(set) var lines: [Line] = []
  let title: String

  /// - Parameters:
  ///   - wanted: values that are shown beside the outputs and updates, such as what is minimized.
  ///   - depth: how many scopes are opened inside each other; each beyond is one box. nil for all.
  package init(_ graph: Graph, title: String, wanted: [ValueID] = [], depth: Int? = nil) {
    self.title = title
    let scopes = NodeScopes(graph)
    let shown = Self.shown(graph, wanted)
    var boxOfNode: [Int: Int] = [:]
    var boxOfScope: [String: Int] = [:]
    for index in graph.nodes.indices where shown[index] {
      let path = scopes.path(of: index)
      if let depth, path.count > depth {
        let scope = path[depth]
        let box = boxOfScope[scope] ?? add(Box(kind: .scope, title: scope, detail: "", scopes: Array(path[..<depth])))
        boxOfScope[scope] = box
        boxOfNode[index] = box
      } else {
        boxOfNode[index] = add(Self.box(graph, index, path))
      }
    }
    connect(graph, shown, boxOfNode)
  }

  /// How many boxes there are.
  package var count: Int { boxes.count }

  private mutating func add(_ box: Box) -> Int {
    boxes.append(box)
    return boxes.count - 1
  }

  private mutating func connect(_ graph: Graph, _ shown: [Bool], _ boxOfNode: [Int: Int]) {
    var known: Set<Line> = []
    func box(of value: ValueID) -> Int? { boxOfNode[Int(graph.producers[value.int])] }
    func connect(_ value: ValueID, to target: Int, isUpdate: Bool = false) {
      guard let source = box(of: value), source != target else { return }
      let line = Line(from: source, to: target, label: graph.type(of: value).description, isUpdate: isUpdate)
      if known.insert(line).inserted { lines.append(line) }
    }
    for index in graph.nodes.indices where shown[index] {
      guard let target = boxOfNode[index] else { continue }
      for operand in graph.operands(of: graph.nodes[index]) { connect(operand, to: target) }
    }
    for update in graph.updates where !graph.variables[update.variable].role.isHidden {
      if let target = box(of: graph.variables[update.variable].value) {
        connect(update.value, to: target, isUpdate: true)
      }
    }
    for output in graph.outputs {
      connect(output.value, to: add(Box(kind: .output, title: output.name, detail: "", scopes: [])))
    }
  }

  /// The nodes that have a box, or belong to one: what is needed, but for numbers, which stand where they are used.
  private static func shown(_ graph: Graph, _ wanted: [ValueID]) -> [Bool] {
    var shown = Array(repeating: false, count: graph.nodeCount)
    let kept = graph.updates.filter { !graph.variables[$0.variable].role.isHidden }.map(\.value)
    for value in graph.outputs.map(\.value) + wanted + kept { shown[Int(graph.producers[value.int])] = true }
    for index in graph.nodes.indices.reversed() where shown[index] {
      for operand in graph.operands(of: graph.nodes[index]) { shown[Int(graph.producers[operand.int])] = true }
    }
    let results = Set((graph.outputs.map(\.value) + wanted).map { Int(graph.producers[$0.int]) })
    for index in graph.nodes.indices where shown[index] && !results.contains(index) {
      let isHidden = graph.nodes[index].variable.map { graph.variables[$0].role.isHidden } ?? false
      if isHidden || graph.number(at: index) != nil { shown[index] = false }
    }
    return shown
  }

  private static func box(_ graph: Graph, _ index: Int, _ path: [String]) -> Box {
    let node = graph.nodes[index]
    if let variable = node.variable.map({ graph.variables[$0] }) {
      let kind: Box.Kind = variable.role == .input ? .input : variable.role == .parameter ? .parameter : .state
      return Box(kind: kind, title: variable.name, detail: variable.type.description, scopes: path)
    }
    let name = node.results.lazy.compactMap { graph.labels[ValueID($0)] }.first ?? ""
    return Box(kind: .operation, title: graph.call(at: index), detail: name, scopes: path)
  }
}

extension Graph.Variable.Role {
  /// What the engine supplies by itself.
  fileprivate var isHidden: Bool {
    switch self {
    case .input, .parameter, .state: false
    case .slot, .counter, .step: true
    }
  }
}

extension Graph {
  /// The number that a node fills a scalar with; nil for any other node.
  fileprivate func number(at index: Int) -> String? {
    guard let operation = nodes[index].operation.map({ operations[$0] }), operation.title == "fill",
      let result = nodes[index].results.first, type(of: ValueID(result)).shape.rank == 0
    else { return nil }
    let values = zip(operation.attributeDescriptions, operation.attributeValues)
    return values.first { $0.0.name == "value" }.map { $0.1.text }
  }

  /// What a node does: `mul(2.0)`, `softmax(axis: 0)`: the numbers that it takes, and the attributes that are not as usual.
  fileprivate func call(at index: Int) -> String {
    guard let operation = nodes[index].operation.map({ operations[$0] }) else { return "" }
    let numbers = operands(of: nodes[index]).compactMap { number(at: Int(producers[$0.int])) }
    let attributes = zip(zip(operation.attributeDescriptions, operation.attributeValues), operation.standardValues)
    let labels = attributes.compactMap { pair, standard -> String? in
      let (description, value) = pair
      guard value != standard || description.isRequired, !description.isHidden,
        !["stream", "shape"].contains(description.name)
      else {
        return nil
      }
      let text = value.text
      return "\(description.name): \(text.count > 24 ? text.prefix(21) + "..." : text[...])"
    }
    let arguments = numbers + labels
    return arguments.isEmpty ? operation.title : "\(operation.title)(\(arguments.joined(separator: ", ")))"
  }
}

/// In which call's scope each node stands, as far as names tell.
struct NodeScopes {
  private var scopes: [String]
  private let known: Set<String>

  init(_ graph: Graph) {
    known = Set(graph.labels.values.flatMap { Self.prefixes(of: Self.parent($0)) })
    scopes = Array(repeating: "", count: graph.nodeCount)
    var isKnown = Array(repeating: false, count: graph.nodeCount)
    for (index, node) in graph.nodes.enumerated() {
      if let label = node.results.lazy.compactMap({ graph.labels[ValueID($0)] }).first {
        // What a call with parameters gives has the scope's own name.
        let isCall = node.variable == nil && known.contains(label)
        scopes[index] = isCall ? label : Self.parent(label)
        isKnown[index] = isCall || node.variable != nil || !scopes[index].isEmpty
      }
    }
    placeUnnamed(graph, &isKnown)
    for index in graph.nodes.indices where graph.nodes[index].variable == nil { placeDeeper(index, graph) }
  }

  /// A node belongs into the innermost scope, inside its own, of what it reads: first its parameters', else the latest. One
  /// with a name is deeper only in a repeated call, whose name each iteration shares.
  private mutating func placeDeeper(_ index: Int, _ graph: Graph) {
    let outer = scopes[index]
    let isNamed = graph.nodes[index].results.contains { graph.labels[ValueID($0)] != nil }
    guard !outer.isEmpty else { return }
    let producers = graph.operands(of: graph.nodes[index]).map { Int(graph.producers[$0.int]) }.filter { producer in
      guard scopes[producer].hasPrefix(outer + ".") else { return false }
      let inner = scopes[producer].dropFirst(outer.count + 1)
      return !isNamed || inner.allSatisfy { $0.isNumber || $0 == "." }
    }
    let parameters = producers.filter { graph.nodes[$0].variable != nil }
    if let deeper = (parameters.isEmpty ? producers : parameters).max() { scopes[index] = scopes[deeper] }
  }

  /// A node without a name belongs where all that read it do, where that is one scope.
  private mutating func placeUnnamed(_ graph: Graph, _ isKnown: inout [Bool]) {
    var readers: [Int: String?] = [:]
    for index in graph.nodes.indices.reversed() {
      let node = graph.nodes[index]
      let isNamed = node.results.contains { graph.labels[ValueID($0)] != nil }
      if !isKnown[index], !isNamed, let scope = readers[index].flatMap({ $0 }) { scopes[index] = scope }
      for operand in graph.operands(of: node) {
        let producer = Int(graph.producers[operand.int])
        if let earlier = readers[producer], earlier != scopes[index] {
          readers[producer] = .some(nil)
        } else {
          readers[producer] = scopes[index]
        }
      }
    }
  }

  /// The scopes around a node, outermost first.
  func path(of node: Int) -> [String] { Self.prefixes(of: scopes[node]).filter(known.contains) }

  /// `h.0` for `h.0.w`.
  private static func parent(_ name: String) -> String {
    name.lastIndex(of: ".").map { String(name[..<$0]) } ?? ""
  }

  /// `h`, `h.0` for `h.0`.
  private static func prefixes(of scope: String) -> [String] {
    guard !scope.isEmpty else { return [] }
    let parts = scope.split(separator: ".")
    return parts.indices.map { parts[...$0].joined(separator: ".") }
  }
}
