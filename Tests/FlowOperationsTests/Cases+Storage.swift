import FlowGraph
import FlowTensor
import RealModule

/// What is computed in single precision where numbers are stored in half of it: one rounding away from the exact result.
extension OperationCase {
  static var storage: [OperationCase] {
    let rows =
      elementwise + reductions + matrices + layout + neural + convolutions + pooling + resizing + joining + repetition
      + movements + diagonals + moments + scans + sorting + contractions + factorizations
    return rows.filter { $0.dtypes.contains(.f32) && $0.isSmallInStorage }.map(\.stored) + long
  }

  private static let long: [OperationCase] = [
    OperationCase(
      "add", [Operand([3, 700]), Operand([700])], dtypes: [.f16, .bf16], order: 0, matching: Naive.binary { $0 + $1 }),
    OperationCase(
      "less", [Operand([3, 700]), Operand([700])], dtypes: [.f16, .bf16], order: 0,
      matching: Naive.binary { $0 < $1 ? 1 : 0 }),
    OperationCase(
      "sum", [Operand([3000], .values([Double](repeating: 1, count: 3000)))], dtypes: [.f16], order: 0, gives: [3000]),
    OperationCase(
      "sum_to", [Operand([3000, 2], .values([Double](repeating: 0.5, count: 6000)))], ["shape": [1, 2].attributeValue],
      dtypes: [.f16], order: 0, gives: [1500, 1500]),
    OperationCase(
      "gather_sum", [Operand([3], .values([1024, 0.5, 0.5])), Operand([3], .values([0, 0, 0]), .i32)],
      ["size": .whole(1)], dtypes: [.f16], order: 0, gives: [1025]),
  ]

  /// Without numbers that f16 rounds to infinity or to zero.
  private var isSmallInStorage: Bool {
    reference != nil
      && operands.allSatisfy { operand in
        guard case .values(let numbers) = operand.domain else { return true }
        return numbers.allSatisfy { !$0.isFinite || Swift.abs($0) < 500 }
      }
  }

  private var stored: OperationCase {
    OperationCase(operation, operands, attributes, dtypes: [.f16, .bf16], order: 0, matching: reference)
  }
}
