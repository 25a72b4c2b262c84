import FlowGraph
import FlowTensor

private let movable: [DType] = DType.allCases

extension OperationCase {
  static var repetition: [OperationCase] { tiles + repeated + margins }

  private static func list(_ numbers: [Int]) -> AttributeValue { numbers.attributeValue }

  private static var tiles: [OperationCase] {
    var rows: [OperationCase] = []
    rows +=
      ([
        ([2, 3], [2, 2]), ([2, 3], [3]), ([2], [2, 1, 3]), ([], [2]), ([2, 3], [1, 1]), ([2, 3], [0, 2]),
        ([0, 3], [2, 2]), ([1, 2, 1], [2, 1, 3]), ([3], []),
      ] as [([Int], [Int])]).map { (sizes, repeats) -> OperationCase in
        OperationCase("tile", [Operand(sizes)], ["repeats": list(repeats)]) { operands in
          let rank = max(sizes.count, repeats.count)
          let whole = Array(repeating: 1, count: rank - sizes.count) + sizes
          let counts = Array(repeating: 1, count: rank - repeats.count) + repeats
          return Naive.indices(zip(whole, counts).map(*)).map { index in
            operands[0].doubles[Naive.position(zip(index, whole).map { $0 % $1 }, whole)]
          }
        }
      }
    rows += [
      OperationCase(
        "tile", [Operand([2], .values([1, 0]))], ["repeats": list([2])], dtypes: movable, order: 0, gives: [1, 0, 1, 0])
    ]
    return rows
  }

  private static var repeated: [OperationCase] {
    var rows: [OperationCase] = []
    rows +=
      ([([2, 3], 2, 0), ([2, 3], 3, -1), ([2, 1, 3], 2, 1), ([3], 0, 0), ([0, 2], 2, 0), ([4], 1, 0)]
      as [([Int], Int, Int)]).map { (sizes, count, axis) -> OperationCase in
        OperationCase("repeat_elements", [Operand(sizes)], ["count": .whole(count), "axis": .whole(axis)]) { operands in
          let axis = axis < 0 ? axis + sizes.count : axis
          var result = sizes
          result[axis] *= count
          return Naive.indices(result).map { index in
            var source = index
            source[axis] /= count
            return operands[0].doubles[Naive.position(source, sizes)]
          }
        }
      }
    rows += [
      OperationCase(
        "repeat_elements", [Operand([2], .values([1, 0]))], ["count": .whole(2), "axis": .whole(0)], dtypes: movable,
        order: 0, gives: [1, 1, 0, 0])
    ]
    return rows
  }

  private static var margins: [OperationCase] {
    let x = Operand([3], .values([1, 2, 3]))
    return [
      OperationCase(
        "pad", [x], ["before": list([1]), "after": list([2]), "value": .real(7)], gives: [7, 1, 2, 3, 7, 7]),
      OperationCase("pad", [x], ["before": list([1])], gives: [0, 1, 2, 3, 0]),
      OperationCase(
        "pad", [x], ["before": list([2]), "after": list([1]), "mode": .string("edge")], gives: [1, 1, 1, 2, 3, 3]),
      OperationCase(
        "pad", [x], ["before": list([2]), "after": list([2]), "mode": .string("reflect")],
        gives: [3, 2, 1, 2, 3, 2, 1]),
      OperationCase(
        "pad", [Operand([2, 2], .values([1, 2, 3, 4]))],
        ["before": list([1, 0]), "after": list([0, 1]), "value": .whole(-1)], gives: [-1, -1, -1, 1, 2, -1, 3, 4, -1]),
      OperationCase(
        "pad", [Operand([2, 2], .values([1, 2, 3, 4]))],
        ["before": list([1, 1]), "after": list([0, 1]), "mode": .string("reflect")],
        gives: [4, 3, 4, 3, 2, 1, 2, 1, 4, 3, 4, 3]),
      OperationCase("pad", [Operand([0, 2])], ["before": list([1, 0]), "value": .whole(5)], gives: [5, 5, 5, 5]),
      OperationCase("pad", [Operand([])], ["before": list([])], matching: Naive.unary { $0 }),
      OperationCase("pad", [Operand([1, 3])], ["before": list([0, 2]), "mode": .string("reflect")]),
      OperationCase(
        "pad", [Operand([1], .values([1]))], ["before": list([1])], dtypes: movable, order: 0, gives: [0, 1, 0]),
      OperationCase(
        "pad_sum", [Operand([5], .values([1, 2, 3, 4, 5]))], ["shape": list([3]), "before": list([1])],
        gives: [2, 3, 4]),
      OperationCase(
        "pad_sum", [Operand([5], .values([1, 2, 3, 4, 5]))],
        ["shape": list([3]), "before": list([1]), "mode": .string("edge")], gives: [3, 3, 9]),
      OperationCase(
        "pad_sum", [Operand([6], .values([1, 2, 3, 4, 5, 6]))],
        ["shape": list([3]), "before": list([2]), "after": list([1]), "mode": .string("reflect")], gives: [3, 12, 6]),
    ]
  }
}
