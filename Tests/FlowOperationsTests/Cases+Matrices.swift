import FlowGraph
import FlowTensor
import RealModule

extension OperationCase {
  static var matrices: [OperationCase] {
    var rows: [OperationCase] = []
    rows +=
      ([
        ([2, 3], [3, 4]), ([1, 1], [1, 1]), ([3], [3, 2]), ([2, 3], [3]), ([3], [3]), ([5, 2, 3], [3, 4]),
        ([5, 2, 3], [5, 3, 4]),
        ([2, 1, 2, 3], [3, 3, 2]), ([3, 2], [4, 2, 3]), ([0, 3], [3, 2]), ([2, 0], [0, 3]), ([2, 3], [3, 0]),
        ([9, 17], [17, 12]),
      ] as [([Int], [Int])]).map { (a, b) -> OperationCase in
        OperationCase("matmul", [Operand(a), Operand(b)], matching: Naive.matmul())
      }
    rows +=
      ([
        ([3, 2], [3, 4], true, false), ([2, 3], [4, 3], false, true), ([3, 2], [4, 3], true, true),
        ([5, 3, 2], [3, 4], true, false),
        ([5, 2, 3], [4, 3], false, true), ([12, 15], [14, 12], true, true), ([2, 3, 2], [2, 4, 3], true, true),
      ]
      as [([Int], [Int], Bool, Bool)]).map { (a, b, transposeA, transposeB) -> OperationCase in
        OperationCase(
          "matmul", [Operand(a), Operand(b)],
          ["transpose_a": .boolean(transposeA), "transpose_b": .boolean(transposeB)],
          matching: Naive.matmul(transposeA, transposeB))
      }
    rows += [
      OperationCase(
        "matmul", [Operand([2, 3], .wholes(-3..<4)), Operand([3, 4], .wholes(-3..<4))],
        dtypes: [.i64, .i32, .i16, .i8], order: 0, matching: Naive.matmul()),
      OperationCase("linear", [Operand([2, 3]), Operand([3, 4]), Operand([4])], matching: linear),
      OperationCase("linear", [Operand([2, 3]), Operand([3, 4])], matching: Naive.matmul()),
      OperationCase("linear", [Operand([3]), Operand([3, 4]), Operand([4])], matching: linear),
      OperationCase("linear", [Operand([2, 5, 3]), Operand([3, 4]), Operand([4])], matching: linear),
      OperationCase("linear", [Operand([0, 3]), Operand([3, 4]), Operand([4])], matching: linear),
      OperationCase("linear", [Operand([10, 20]), Operand([20, 30]), Operand([30])], matching: linear),
    ]
    return rows
  }

  private static let linear: Reference = { operands in
    let bias = operands[2].doubles
    return Naive.matmul()(operands).enumerated().map { $1 + bias[$0 % bias.count] }
  }
}
