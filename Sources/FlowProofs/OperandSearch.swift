package import FlowGraph
package import FlowTensor

/// Operands for an operation about which nothing is known but its signature: what its shape rule takes, of many that are tried.
package struct OperandSearch {
  /// Shapes of every kind: scalars, odd, empty and size-1 axes, pairs that broadcast, pairs that multiply.
  private static let shapes: [[Int]] = [[2, 3], [3], [], [1, 1, 5], [3, 3], [3, 2], [0, 4], [2, 3, 5, 4]]
  private static let dtypes: [DType] = [.f64, .i32, .bool]
  /// How many combinations of operands are tried, and how many kept of those that are taken.
  private static let tries = 60_000
  private static let kept = 12

  private let operation: any Operation
  private let counts: [Int]

  /// - Parameter signature: how many operands there are, optional ones also left out, of variadic ones none to three.
  package init(_ operation: any Operation, _ signature: Signature) {
    self.operation = operation
    let arity = signature.arity
    counts = Array(arity.lowerBound...min(arity.upperBound, max(arity.lowerBound, 3)))
  }

  /// Operands that the shape rule takes: floating ones first, with shapes as different as there are.
  package func operands() -> [[TensorType]] {
    var found: [[TensorType]] = []
    for count in counts { found += taken(count) }
    return found
  }

  private func taken(_ count: Int) -> [[TensorType]] {
    guard count > 0 else { return operationTakes([]) ? [[]] : [] }
    let choices = Self.dtypes.flatMap { dtype in Self.shapes.map { TensorType(dtype, Shape($0)) } }
    var found: [[TensorType]] = []
    var tried = 0
    var positions = [Int](repeating: 0, count: count)
    while tried < Self.tries, found.count < Self.kept {
      let types = positions.map { choices[$0] }
      tried += 1
      if operationTakes(types), isNew(types, found) { found.append(types) }
      guard Self.advance(&positions, choices.count) else { break }
    }
    return found
  }

  /// One kind of dtypes may fill the list only by half, so that the others have a chance.
  private func isNew(_ types: [TensorType], _ found: [[TensorType]]) -> Bool {
    found.count { $0.map(\.dtype) == types.map(\.dtype) } < Self.kept / 2 + 2
  }

  private func operationTakes(_ types: [TensorType]) -> Bool { (try? operation.infer(types)) != nil }

  private static func advance(_ positions: inout [Int], _ count: Int) -> Bool {
    for index in positions.indices.reversed() {
      positions[index] += 1
      if positions[index] < count { return true }
      positions[index] = 0
    }
    return false
  }

  /// Numbers for operands: between 0.2 and 0.8, which most functions are defined at; whole ones 0 or 1.
  package static func tensors(_ types: [TensorType], _ domain: Domain) -> [Tensor] {
    types.enumerated().map { index, type in
      let random = Philox(seed: 20, stream: "operand \(index)")
      let sizes = type.shape.sizes ?? []
      let numbers = (0..<sizes.reduce(1, *)).map { position in
        let number = random.uniform(position)
        return type.dtype.isFloating ? domain.number(number) : (number < 0.5 ? 0 : 1)
      }
      return Tensor(numbers, sizes, as: type.dtype)
    }
  }

  /// What floating operands hold.
  package enum Domain: String, CaseIterable, Sendable {
    /// Of either sign.
    case any
    /// Between 0 and 1, near neither.
    case fraction
    /// 0 or 1, as labels are; tried where others are refused.
    case labels

    fileprivate func number(_ uniform: Double) -> Double {
      switch self {
      case .any: 4 * uniform - 2
      case .fraction: 0.2 + 0.6 * uniform
      case .labels: uniform < 0.5 ? 0 : 1
      }
    }
  }
}
