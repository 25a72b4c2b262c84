import FlowGraph
import FlowTensor

/// One walk over a draft in order, which builds it anew by laws.
///
/// Every node is looked at once its operands are as simple as they get; equal nodes become one on the way. What laws add is
/// simplified as it is added. Linear in the nodes; what happens depends on the draft alone.
final class Rewriting: RewriteScope {
  private let source: Draft
  private var laws: LawTable
  private let isTimed: Bool
  private var types: ValueTypes
  private var operations: OperationTable

  private var nodes: [Draft.Node] = []
  private var nodeOperands: [Int32] = []
  /// The node of each value, of those built so far; -1 where there is none.
  private var producers: [Int32]
  /// What stands for each value.
  private var replacement: [Int32]
  /// How often each value is read by nodes that are needed, those still to come included.
  private var reads: [Int32]
  private let isFetched: [Bool]

  private var table: SequenceTable
  private var firsts: [Int32] = []
  private var key: [Int32] = []
  /// The number of each constant that is one number throughout.
  private var constantNumbers: [Double??]
  /// The node of the graph that is being rewritten.
  private var origin: Int32 = 0
  private var depth = 0
  /// How many more times laws may apply: a limit that only laws that undo each other would reach.
  private var budget: Int
  private var shared = 0
  private(set) var tallies: [Plan.RewriteTally]

  init(_ draft: Draft, _ laws: [Rewrite], isTimed: Bool) {
    source = draft
    self.laws = LawTable(laws)
    self.isTimed = isTimed
    types = ValueTypes(draft)
    operations = OperationTable(draft.operations)
    producers = Array(repeating: -1, count: draft.typeIndices.count)
    replacement = (0..<Int32(draft.typeIndices.count)).map { $0 }
    reads = Array(repeating: 0, count: draft.typeIndices.count)
    for operand in draft.operands { reads[Int(operand)] += 1 }
    for root in draft.roots { reads[Int(root)] += 1 }
    var isFetched = Array(repeating: false, count: draft.typeIndices.count)
    for fetch in draft.fetches { isFetched[Int(fetch)] = true }
    self.isFetched = isFetched
    table = SequenceTable(minimumCapacity: draft.nodes.count)
    constantNumbers = Array(repeating: nil, count: draft.constants.count)
    budget = 8 * draft.nodes.count + 64
    tallies = laws.map { Plan.RewriteTally($0.name) }
    nodes.reserveCapacity(draft.nodes.count)
    nodeOperands.reserveCapacity(draft.operands.count)
  }

  /// The draft by the laws.
  func run() -> Draft {
    for node in source.nodes { visit(node) }
    var result = source
    result.nodes = nodes
    result.operands = nodeOperands
    result.operations = operations.operations
    result.types = types.types
    result.typeIndices = types.indices
    let added = types.indices.count - source.typeIndices.count
    result.variableIndices += Array(repeating: -1, count: added)
    result.constantIndices += Array(repeating: -1, count: added)
    result.replaceRoots(replacement)
    result.statistics.shared += shared
    return result.keeping(result.neededNodes())
  }

  // MARK: The walk

  private func visit(_ node: Draft.Node) {
    origin = node.origin
    let start = nodeOperands.count
    for position in node.operands { nodeOperands.append(resolved(source.operands[position])) }
    guard let first = equal(node.operation, nodeOperands[start...]) else {
      let built = append(node.operation, operandsFrom: start, node.results)
      if node.resultCount == 1, let value = simplified(built) { replace(Int32(node.results.lowerBound), by: value) }
      return
    }
    shared += 1
    let operands = Array(nodeOperands[start...])
    nodeOperands.removeSubrange(start...)
    for (value, other) in zip(node.results, nodes[Int(first)].results) {
      let known = resolved(Int32(other))
      replace(Int32(value), by: mayStand(known, for: Int32(value)) ? known : Int32(other))
    }
    for operand in operands { release(operand) }
  }

  /// The node that does the same already; where there is none, the next one is taken to be the first.
  private func equal(_ operation: Int32, _ operands: ArraySlice<Int32>) -> Int32? {
    key.removeAll(keepingCapacity: true)
    key.append(operation)
    key += operands
    if key.count == 3, key[1] > key[2], operations.isCommutative(operation) { key.swapAt(1, 2) }
    let (number, isNew) = table.insert(key)
    return isNew ? nil : firsts[number]
  }

  /// Adds a node whose operands are the last ones.
  private func append(_ operation: Int32, operandsFrom start: Int, _ results: Range<Int>) -> Int32 {
    let index = Int32(nodes.count)
    firsts.append(index)
    nodes.append(
      Draft.Node(
        origin: origin, operation: operation, firstOperand: Int32(start),
        operandCount: Int32(nodeOperands.count - start), firstResult: Int32(results.lowerBound),
        resultCount: Int32(results.count)))
    for value in results { producers[value] = index }
    return index
  }

  /// What laws put in the place of a node's only result.
  private func simplified(_ node: Int32) -> Int32? {
    let result = nodes[Int(node)].firstResult
    for law in laws.indices(at: nodes[Int(node)].operation, operations) {
      guard budget > 0, let value = attempt(law, at: node), value != result,
        types.indices[Int(value)] == types.indices[Int(result)], mayStand(value, for: result)
      else { continue }
      budget -= 1
      tallies[law].count += 1
      return value
    }
    return nil
  }

  private func attempt(_ law: Int, at node: Int32) -> Int32? {
    guard isTimed else { return laws[law].apply(to: node, in: self) }
    let start = ContinuousClock.now
    defer { tallies[law].duration += start.duration(to: .now) }
    return laws[law].apply(to: node, in: self)
  }

  /// A fetched value is read after a step, when variables may have new values already.
  private func mayStand(_ value: Int32, for result: Int32) -> Bool {
    guard Int(result) < isFetched.count, isFetched[Int(result)] else { return true }
    return Int(value) >= source.variableIndices.count || source.variableIndices[Int(value)] < 0
  }

  // MARK: Who reads what

  private func resolved(_ value: Int32) -> Int32 { replacement[Int(value)] }

  private func replace(_ value: Int32, by other: Int32) {
    let count = reads[Int(value)]
    replacement[Int(value)] = other
    retain(other, count)
    release(value, count)
  }

  /// The operands of a node count as read once one of its results is.
  private func retain(_ value: Int32, _ count: Int32 = 1) {
    guard count > 0 else { return }
    var pending = [(value, count)]
    while let (next, count) = pending.popLast() {
      let producer = producers[Int(next)]
      if producer >= 0, !isNeeded(producer) { pending += operands(of: producer).map { ($0, 1) } }
      reads[Int(next)] += count
    }
  }

  private func release(_ value: Int32, _ count: Int32 = 1) {
    guard count > 0 else { return }
    var pending = [(value, count)]
    while let (next, count) = pending.popLast() {
      reads[Int(next)] -= count
      let producer = producers[Int(next)]
      if producer >= 0, !isNeeded(producer) { pending += operands(of: producer).map { ($0, 1) } }
    }
  }

  private func isNeeded(_ node: Int32) -> Bool { nodes[Int(node)].results.contains { reads[$0] > 0 } }
}

// MARK: What laws see

extension Rewriting {
  /// How deep the nodes that laws add may be simplified in turn; the next walk goes on.
  private static let maximumDepth = 32

  func type(of value: Int32) -> TensorType { types.types[Int(types.indices[Int(value)])] }

  func readers(of value: Int32) -> Int { Int(reads[Int(value)]) }

  func node(of value: Int32) -> Int32? {
    let node = producers[Int(value)]
    return node < 0 ? nil : node
  }

  func operation(of node: Int32) -> any Operation { operations.operations[Int(nodes[Int(node)].operation)] }

  func operands(of node: Int32) -> ArraySlice<Int32> { nodeOperands[nodes[Int(node)].operands] }

  func result(of node: Int32) -> Int32 { nodes[Int(node)].firstResult }

  func number(of value: Int32) -> Double? {
    let producer = producers[Int(value)]
    if producer >= 0 { return operations.number(of: nodes[Int(producer)].operation) }
    guard Int(value) < source.constantIndices.count else { return nil }
    let constant = Int(source.constantIndices[Int(value)])
    guard constant >= 0 else { return nil }
    if let known = constantNumbers[constant] { return known }
    let number = source.constants[constant].uniformNumber
    constantNumbers[constant] = .some(number)
    return number
  }

  func add(_ operation: any Operation, _ operands: [Int32]) -> Int32? {
    let index = operations.intern(operation)
    guard let results = types.results(of: index, operations.operations[Int(index)], operands) else { return nil }
    if let known = equal(index, operands[...]) { return resolved(nodes[Int(known)].firstResult) }
    let first = types.indices.count
    for type in results { appendValue(type) }
    nodeOperands += operands
    let node = append(index, operandsFrom: nodeOperands.count - operands.count, first..<first + results.count)
    guard results.count == 1, depth < Self.maximumDepth else { return Int32(first) }
    depth += 1
    defer { depth -= 1 }
    guard let value = simplified(node) else { return Int32(first) }
    replacement[first] = value
    return value
  }

  private func appendValue(_ type: Int32) {
    replacement.append(Int32(types.indices.count))
    producers.append(-1)
    reads.append(0)
    types.indices.append(type)
  }
}

extension Draft {
  /// Which nodes somebody needs, found by walking back.
  func neededNodes() -> [Bool] {
    var isRead = Array(repeating: false, count: typeIndices.count)
    for root in roots { isRead[Int(root)] = true }
    var isNeeded = Array(repeating: false, count: nodes.count)
    for (index, node) in nodes.enumerated().reversed() where node.results.contains(where: { isRead[$0] }) {
      isNeeded[index] = true
      for position in node.operands { isRead[Int(operands[position])] = true }
    }
    return isNeeded
  }
}
