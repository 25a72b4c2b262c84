import FlowGraph
import FlowTensor

private let movable: [DType] = DType.allCases

extension OperationCase {
  static var movements: [OperationCase] { turned + gathered + scattered + spaced }

  private static func list(_ numbers: [Int]) -> AttributeValue { numbers.attributeValue }

  private static var turned: [OperationCase] {
    let x = Operand([2, 3], .values([0, 1, 2, 3, 4, 5]))
    return [
      OperationCase("flip", [x], gives: [5, 4, 3, 2, 1, 0]),
      OperationCase("flip", [x], ["axis": .whole(-1)], gives: [2, 1, 0, 5, 4, 3]),
      OperationCase("flip", [x], ["axis": list([0])], gives: [3, 4, 5, 0, 1, 2]),
      OperationCase("flip", [x], ["axis": list([])], gives: [0, 1, 2, 3, 4, 5]),
      OperationCase("flip", [Operand([])], matching: Naive.unary { $0 }),
      OperationCase("flip", [Operand([0, 2])], gives: []),
      OperationCase("flip", [Operand([1, 2, 1], .values([1, 2]))], gives: [2, 1]),
      OperationCase("flip", [Operand([2], .values([1, 0]))], dtypes: movable, order: 0, gives: [0, 1]),
      OperationCase("roll", [x], ["shift": .whole(1), "axis": .whole(1)], gives: [2, 0, 1, 5, 3, 4]),
      OperationCase("roll", [x], ["shift": .whole(-4), "axis": .whole(-1)], gives: [1, 2, 0, 4, 5, 3]),
      OperationCase("roll", [x], ["shift": .whole(3), "axis": .whole(0)], gives: [3, 4, 5, 0, 1, 2]),
      OperationCase("roll", [x], ["shift": .whole(.max), "axis": .whole(0)], gives: [3, 4, 5, 0, 1, 2]),
      OperationCase("roll", [Operand([0, 2])], ["shift": .whole(1), "axis": .whole(0)], gives: []),
      OperationCase(
        "roll", [Operand([2], .values([1, 0]))], ["shift": .whole(1), "axis": .whole(0)], dtypes: movable, order: 0,
        gives: [0, 1]),
    ]
  }

  private static var gathered: [OperationCase] {
    let x = Operand([2, 3], .values([0, 1, 2, 3, 4, 5]))
    return [
      OperationCase(
        "gather_along", [x, Operand([2, 2], .values([2, 2, 0, 1]), .i32)], ["axis": .whole(1)], gives: [2, 2, 3, 4]),
      OperationCase("gather_along", [x, Operand([1, 3], .values([1, 0, 1]), .i64)], gives: [3, 1, 5]),
      OperationCase("gather_along", [x, Operand([0, 3], .values([]), .u8)], gives: []),
      OperationCase(
        "gather_along", [Operand([2, 2, 2]), Operand([2, 3, 2], .wholes(0..<2), .i32)], ["axis": .whole(-2)]
      ) { operands in
        Naive.indices([2, 3, 2]).map { index in
          let entry = Int(operands[1].doubles[Naive.position(index, [2, 3, 2])])
          return operands[0].doubles[Naive.position([index[0], entry, index[2]], [2, 2, 2])]
        }
      },
      OperationCase(
        "gather_along", [Operand([2], .values([1, 0])), Operand([1], .values([1]), .i32)], dtypes: movable, order: 0,
        gives: [0]),
    ]
  }

  private static var scattered: [OperationCase] {
    let x = Operand([2, 3], .values([0, 1, 2, 3, 4, 5]))
    let indices = Operand([2, 2], .values([2, 2, 0, 1]), .i32)
    let updates = Operand([2, 2], .values([10, 20, 30, 40]))
    return [
      OperationCase("scatter_add", [x, indices, updates], ["axis": .whole(1)], gives: [0, 1, 32, 33, 44, 5]),
      OperationCase(
        "scatter_add", [x, Operand([1, 3], .values([1, 0, 1]), .i64), Operand([1, 3], .values([10, 20, 30]))],
        gives: [0, 21, 2, 13, 4, 35]),
      OperationCase(
        "scatter_add", [x, Operand([0, 3], .values([]), .i64), Operand([0, 3])], gives: [0, 1, 2, 3, 4, 5]),
      OperationCase(
        "scatter_add",
        [Operand([2], .values([1, 2])), Operand([2], .values([1, 1]), .i32), Operand([2], .values([3, 4]))],
        dtypes: [.i64, .i32, .i16, .i8, .u8], order: 0, gives: [1, 9]),
      OperationCase("scatter", [x, indices, updates], ["axis": .whole(1)], gives: [0, 1, 20, 30, 40, 5]),
      OperationCase(
        "scatter", [x, Operand([1, 3], .values([1, 0, 1]), .i64), Operand([1, 3], .values([10, 20, 30]))],
        gives: [0, 20, 2, 10, 4, 30]),
      OperationCase("scatter", [x, Operand([0, 3], .values([]), .i64), Operand([0, 3])], gives: [0, 1, 2, 3, 4, 5]),
      OperationCase(
        "scatter", [Operand([2], .values([1, 1])), Operand([1], .values([1]), .i32), Operand([1], .values([0]))],
        dtypes: movable, order: 0, gives: [1, 0]),
    ]
  }

  private static func space(_ start: Double, _ stop: Double, _ count: Int, _ dtype: DType) -> [String: AttributeValue] {
    ["start": .real(start), "stop": .real(stop), "count": .whole(count), "dtype": .dtype(dtype)]
  }

  private static let spaced: [OperationCase] = [
    OperationCase("linspace", [], space(0, 1, 5, .f32), order: 0, gives: [0, 0.25, 0.5, 0.75, 1]),
    OperationCase("linspace", [], space(2, -1, 3, .f64), order: 0, gives: [2, 0.5, -1]),
    OperationCase("linspace", [], space(3, 9, 1, .f16), order: 0, gives: [3]),
    OperationCase("linspace", [], space(3, 9, 0, .f64), order: 0, gives: []),
  ]
}
