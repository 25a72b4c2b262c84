import FlowGraph
import FlowTensor

extension Draft {
  /// The draft in which values that are runs of another's elements lie there: their nodes do nothing and are left out.
  func aliased() -> Draft {
    var result = self
    var isKept = Array(repeating: true, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      guard let operand = operands[node.operands].first,
        let offsets = operations[Int(node.operation)].aliasOffsets(inputTypes(of: node)),
        offsets.count == node.resultCount
      else { continue }
      isKept[index] = false
      let owner = result.aliases.owner(of: operand)
      for (value, offset) in zip(node.results, offsets) {
        let bytes = result.aliases.offset(of: operand) + offset * type(of: Int32(value)).dtype.byteCount
        result.aliases.set(Int32(value), in: owner, at: bytes)
      }
    }
    result.statistics.aliased = isKept.count { !$0 }
    return result.keeping(isKept)
  }
}

/// Values that lie in the memory of others.
struct Aliases: Sendable {
  private var owners: [Int32: (owner: Int32, offset: Int)] = [:]

  /// The value whose memory a value lies in: itself, where it has its own.
  func owner(of value: Int32) -> Int32 { owners.isEmpty ? value : owners[value]?.owner ?? value }

  /// In bytes from its owner's start.
  func offset(of value: Int32) -> Int { owners.isEmpty ? 0 : owners[value]?.offset ?? 0 }

  mutating func set(_ value: Int32, in owner: Int32, at offset: Int) { owners[value] = (owner, offset) }
}
