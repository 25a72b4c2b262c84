import FlowGraph
package import FlowTensor

/// A scalar computed only from literals, consts, sizes and the step: it takes the dtype of each value it meets.
package enum WeakScalar: Hashable, Sendable {
  case whole(Int)
  case real(Double)
  case dimension(Dimension)
  case flag(Bool)
  /// The training step.
  case step
  /// What the graph computes of other such scalars.
  case apply(WeakOperation)

  package enum Kind: Hashable, Sendable { case whole, real, boolean }

  package init(_ dimension: Dimension) { self = dimension.size.map(WeakScalar.whole) ?? .dimension(dimension) }

  package var kind: Kind {
    switch self {
    case .whole, .dimension, .step: .whole
    case .real: .real
    case .flag: .boolean
    case .apply(let operation): operation.kind
    }
  }

  /// Whether its value is known when the file is resolved, or when sizes are.
  var isConstant: Bool {
    switch self {
    case .whole, .real, .dimension, .flag: true
    case .step, .apply: false
    }
  }

  /// The dtype that it has where it meets nothing.
  var standardType: DType {
    switch self {
    case .whole, .dimension: .i32
    case .real: .f32
    case .flag: .bool
    case .step: .i64
    case .apply(let operation): operation.standardType
    }
  }

  /// How many operations deep it is.
  var depth: Int {
    switch self {
    case .whole, .real, .dimension, .flag, .step: 0
    case .apply(let operation): operation.depth
    }
  }
}

/// An operation whose operands are all weak. Equal ones are one object, so that hashing and comparing never walk it.
package final class WeakOperation: Sendable {
  struct Key: Hashable {
    let operation: String
    let attributes: [String: AttributeValue]
    let operands: [WeakScalar]
  }

  /// The deepest one.
  static let maximumDepth = 256

  let operation: String
  let attributes: [String: AttributeValue]
  let operands: [WeakScalar]
  let kind: WeakScalar.Kind
  let standardType: DType
  let depth: Int

  init(_ key: Key, _ kind: WeakScalar.Kind) {
    operation = key.operation
    attributes = key.attributes
    operands = key.operands
    self.kind = kind
    depth = 1 + (key.operands.map(\.depth).max() ?? 0)
    standardType =
      switch kind {
      case .whole: key.operands.contains { $0.standardType == .i64 } ? .i64 : .i32
      case .real: .f32
      case .boolean: .bool
      }
  }
}

extension WeakOperation: Hashable {
  package static func == (a: WeakOperation, b: WeakOperation) -> Bool { a === b }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
