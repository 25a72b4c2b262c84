import FlowGraph
import FlowTensor

/// Which nodes run as one: element-wise ones over equally many elements, between which no other node stands.
///
/// Every node has a level: how many times the way to it passes from what can be fused to what cannot. Between two nodes of
/// one level that can be fused lies no node that cannot; and of one level, none with more elements comes before one with fewer.
/// So nodes of one level and one number of elements may become one, in any choice. A node whose readers all have higher levels
/// moves up to them: what only the backward pass reads is computed there.
struct FusionGroups: Sendable {
  /// What fusion can do with a node.
  enum Kind: Hashable, Sendable {
    case none
    case function(TileRule)
    /// The elements of its first operand in their order.
    case view
    /// The elements of its first operand, repeated.
    case repetition

    var isFunction: Bool { if case .function = self { true } else { false } }
  }

  private(set) var kinds: [Kind] = []
  /// The group of each node, -1 for none.
  private(set) var groups: [Int32] = []
  private(set) var count = 0
  /// The node that computes each value, -1 where none does.
  private(set) var producers: [Int32]

  private let draft: Draft
  /// The number of elements of each type.
  private let counts: [Int]
  private var levels: [Int32] = []

  /// More nodes than this are several groups, lest registers leave the first-level cache.
  private static let largest = 64

  init(_ draft: Draft) {
    self.draft = draft
    counts = draft.types.map { type in type.byteCount.map { $0 / type.dtype.byteCount } ?? 0 }
    producers = Array(repeating: -1, count: draft.typeIndices.count)
    for (index, node) in draft.nodes.enumerated() {
      for value in node.results { producers[value] = Int32(index) }
    }
    kinds = draft.nodes.map(kind)
    levels = raised(firstLevels())
    groups = cut(joined())
    dissolve()
  }

  func elementCount(_ value: Int32) -> Int { counts[Int(draft.typeIndices[Int(value)])] }

  private func kind(_ node: Draft.Node) -> Kind {
    guard node.resultCount == 1 else { return .none }
    let count = elementCount(node.firstResult)
    guard count > 0 else { return .none }
    let operation = draft.operations[Int(node.operation)]
    let operands = draft.operands[node.operands]
    switch operation.tileRule {
    case .map(.identity): return .view
    case .map(let opcode)?: return isFusible(opcode, operands, count) ? .function(.map(opcode)) : .none
    case .cast?: return .function(.cast)
    case .repetition?: return operands.first.map { elementCount($0) == count } == true ? .view : .repetition
    case nil:
      guard let first = operands.first, elementCount(first) == count else { return .none }
      return operation.aliasOffsets(draft.inputTypes(of: node)) == [0] ? .view : .none
    }
  }

  /// Squares have a loop of their own where all exponents are one number, and so not where they are many.
  private func isFusible(_ opcode: ElementwiseOpcode, _ operands: ArraySlice<Int32>, _ count: Int) -> Bool {
    guard let last = operands.last, !opcode.mayFail(for: draft.type(of: last).dtype) else { return false }
    return opcode != .pow || elementCount(last) == count || elementCount(last) == 1
  }

  // MARK: Levels

  private func firstLevels() -> [Int32] {
    var levels = [Int32](repeating: 0, count: draft.nodes.count)
    for (index, node) in draft.nodes.enumerated() {
      for operand in draft.operands[node.operands] {
        let producer = Int(producers[Int(operand)])
        guard producer >= 0 else { continue }
        let isCrossing = kinds[producer] != .none && kinds[index] == .none
        levels[index] = max(levels[index], levels[producer] + (isCrossing ? 1 : 0))
      }
    }
    return levels
  }

  /// The highest level that each node can have, as far as it has readers and nobody fetches it.
  private func raised(_ first: [Int32]) -> [Int32] {
    var levels = first
    var bounds = [Int32](repeating: .max, count: draft.nodes.count)
    for (index, node) in draft.nodes.enumerated().reversed() {
      if kinds[index] != .none, bounds[index] != .max { levels[index] = bounds[index] }
      let bound = kinds[index] == .none ? levels[index] - 1 : levels[index]
      for operand in draft.operands[node.operands] {
        let producer = Int(producers[Int(operand)])
        if producer >= 0 { bounds[producer] = min(bounds[producer], bound) }
      }
    }
    return levels
  }

  // MARK: Groups

  /// Joins what reads from one another, or reads the same tensor: for each node one that stands for all that it is joined with.
  private func joined() -> DisjointSets {
    var sets = DisjointSets(count: draft.nodes.count)
    var readers = [Int32](repeating: -1, count: draft.typeIndices.count)
    for (index, node) in draft.nodes.enumerated() where kinds[index] != .none {
      for operand in draft.operands[node.operands] where elementCount(operand) == elementCount(node.firstResult) {
        for other in [producers[Int(operand)], readers[Int(operand)]] where other >= 0 {
          if isAlike(index, Int(other)) { sets.join(index, Int(other)) }
        }
        readers[Int(operand)] = Int32(index)
      }
    }
    return sets
  }

  private func isAlike(_ a: Int, _ b: Int) -> Bool {
    kinds[a] != .none && kinds[b] != .none && levels[a] == levels[b]
      && elementCount(draft.nodes[a].firstResult) == elementCount(draft.nodes[b].firstResult)
  }

  /// Groups of limited size: of what is joined, so many nodes in order.
  private mutating func cut(_ sets: DisjointSets) -> [Int32] {
    var sets = sets
    var sizes = [Int](repeating: 0, count: draft.nodes.count)
    var current = [Int32](repeating: -1, count: draft.nodes.count)
    var groups = current
    for index in draft.nodes.indices where kinds[index] != .none {
      let set = sets.representative(of: index)
      if sizes[set] % Self.largest == 0 {
        current[set] = Int32(count)
        count += 1
      }
      sizes[set] += 1
      groups[index] = current[set]
    }
    return groups
  }

  /// Leaves alone what no function is in.
  private mutating func dissolve() {
    var functions = [Int](repeating: 0, count: count)
    for (index, group) in groups.enumerated() where group >= 0 && kinds[index].isFunction {
      functions[Int(group)] += 1
    }
    for (index, group) in groups.enumerated() where group >= 0 && functions[Int(group)] == 0 { groups[index] = -1 }
  }
}

/// Disjoint sets of integers, each with one of them for all.
///
/// - Source: Tarjan, Efficiency of a good but not linear set union algorithm, 1975.
struct DisjointSets: Sendable {
  private var parents: [Int32]

  init(count: Int) { parents = (0..<Int32(count)).map { $0 } }

  mutating func representative(of element: Int) -> Int {
    var element = element
    while Int(parents[element]) != element {
      parents[element] = parents[Int(parents[element])]
      element = Int(parents[element])
    }
    return element
  }

  /// The smaller number stands for both.
  mutating func join(_ a: Int, _ b: Int) {
    let (first, second) = (representative(of: a), representative(of: b))
    parents[max(first, second)] = Int32(min(first, second))
  }
}
