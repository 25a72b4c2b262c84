import FlowGraph
import FlowTensor

extension OperationCase {
  static var conversions: [OperationCase] {
    var rows: [OperationCase] = []
    rows +=
      [
        OperationCase("stop_gradient", [Operand([2, 3])], order: 0, matching: Naive.unary { $0 }),
        OperationCase("recomputed", [Operand([2]), Operand([])], ["count": .whole(2)], matching: Naive.unary { $0 }),
      ]
      + ["after", "recomputed"].flatMap { name in
        [[2, 3], [1], [0, 2]].map {
          OperationCase(
            name, [Operand($0), Operand([4])], dtypes: [.f64, .f32, .f16, .bf16], matching: Naive.unary { $0 })
        }
      }
      + [
        OperationCase(
          "cast", [Operand([2, 3])], ["dtype": .dtype(.f64)], dtypes: [.f64], matching: Naive.unary { $0 }),
        OperationCase(
          "cast", [Operand([2, 3])], ["dtype": .dtype(.bool)], dtypes: [.f64, .f32], order: 1,
          matching: Naive.unary { $0 == 0 ? 0 : 1 }),
        OperationCase(
          "cast", [Operand([7], .values([2.7, -2.7, 300, -300, .nan, .infinity, 0]))], ["dtype": .dtype(.i8)], order: 0,
          gives: [2, -2, 127, -128, 0, 127, 0]),
        OperationCase(
          "cast", [Operand([3], .values([300, -1, 255]))], ["dtype": .dtype(.u8)], dtypes: [.i64, .i32, .i16], order: 0,
          gives: [44, 255, 255]),
        OperationCase(
          "cast", [Operand([2], .values([3, 0]))], ["dtype": .dtype(.bool)], dtypes: [.i64, .u8, .f16], order: 0,
          gives: [1, 0]),
        OperationCase(
          "cast", [Operand([3], .values([1.0009765625, 65504, 1e-8]))], ["dtype": .dtype(.f16)], order: 0,
          gives: [1.0009765625, 65504, 0]),
        OperationCase(
          "cast", [Operand([2], .values([1.00390625, 3]))], ["dtype": .dtype(.bf16)], order: 0, gives: [1, 3]),
      ]
    rows += DType.allCases.flatMap { (source) -> [OperationCase] in
      DType.allCases.map { (target) -> OperationCase in
        OperationCase(
          "cast", [Operand([3], .values([0, 1, 1]), source)], ["dtype": .dtype(target)], dtypes: [.f64], order: 0,
          gives: [0, 1, 1])
      }
    }
    return rows
  }
}
