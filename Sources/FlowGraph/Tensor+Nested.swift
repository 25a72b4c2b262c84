package import FlowTensor

extension Tensor {
  /// The tensor that a nested list of numbers or booleans spells: i64 where all are whole, bool where all are booleans,
  /// else f64. nil where the list is ragged or holds anything else.
  package init?(nested value: AttributeValue) {
    var sizes: [Int] = []
    var probe = value
    while case .list(let values) = probe {
      sizes.append(values.count)
      guard sizes.count <= Shape.maximumRank else { return nil }
      guard let first = values.first else { break }
      probe = first
    }
    var leaves = Leaves()
    guard leaves.collect(value, sizes[...]) else { return nil }
    switch leaves.kind {
    case .real: self.init(leaves.reals, sizes)
    case .whole, nil: self.init(leaves.wholes.map(Int64.init), sizes)
    case .boolean: self.init(leaves.wholes.map { $0 != 0 }, sizes)
    }
  }
}

private struct Leaves {
  enum Kind { case whole, real, boolean }

  var kind: Kind?
  var reals: [Double] = []
  var wholes: [Int] = []

  mutating func collect(_ value: AttributeValue, _ sizes: ArraySlice<Int>) -> Bool {
    switch value {
    case .list(let values):
      guard let size = sizes.first, size == values.count else { return false }
      return values.allSatisfy { collect($0, sizes.dropFirst()) }
    case .whole(let number): return sizes.isEmpty && append(.whole, number, Double(number))
    case .real(let number): return sizes.isEmpty && append(.real, 0, number)
    case .boolean(let flag): return sizes.isEmpty && append(.boolean, flag ? 1 : 0, 0)
    case .none, .dimension, .string, .dtype, .tensor: return false
    }
  }

  private mutating func append(_ leaf: Kind, _ whole: Int, _ real: Double) -> Bool {
    if let kind, (kind == .boolean) != (leaf == .boolean) { return false }
    kind = kind == .real || leaf == .real ? .real : leaf
    wholes.append(whole)
    reals.append(real)
    return true
  }
}
