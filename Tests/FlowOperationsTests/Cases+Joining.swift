import FlowGraph
import FlowTensor

private let movable: [DType] = DType.allCases

extension OperationCase {
  static var joining: [OperationCase] { concatenations + stacks + splits + slices }

  private static var concatenations: [OperationCase] {
    var rows: [OperationCase] = []
    rows +=
      ([
        ([[2, 3], [4, 3]], 0), ([[2, 3], [2, 1], [2, 2]], 1), ([[2, 3], [2, 3]], -1), ([[2, 3]], 0),
        ([[0, 3], [2, 3], [0, 3]], 0), ([[2, 0], [2, 0]], 0), ([[2, 1, 3], [2, 4, 3]], 1), ([[3], [1], [2]], 0),
      ] as [([[Int]], Int)]).map { (shapes, axis) -> OperationCase in
        OperationCase("concat", shapes.map { Operand($0) }, ["axis": .whole(axis)]) { operands in
          joined(operands, axis < 0 ? axis + shapes[0].count : axis)
        }
      }
    rows += [
      OperationCase(
        "concat", [Operand([2], .values([1, 0])), Operand([1], .values([1]))], dtypes: movable, order: 0,
        gives: [1, 0, 1])
    ]
    return rows
  }

  private static func joined(_ tensors: [Tensor], _ axis: Int) -> [Double] {
    var sizes = tensors[0].sizes
    sizes[axis] = tensors.reduce(0) { $0 + $1.sizes[axis] }
    return Naive.indices(sizes).map { index in
      var place = index
      for tensor in tensors {
        if place[axis] < tensor.sizes[axis] { return tensor.doubles[Naive.position(place, tensor.sizes)] }
        place[axis] -= tensor.sizes[axis]
      }
      return .nan
    }
  }

  private static var stacks: [OperationCase] {
    [
      OperationCase("stack", [Operand([2], .values([1, 2])), Operand([2], .values([3, 4]))], gives: [1, 2, 3, 4]),
      OperationCase(
        "stack", [Operand([2], .values([1, 2])), Operand([2], .values([3, 4]))], ["axis": .whole(-1)],
        gives: [1, 3, 2, 4]),
      OperationCase("stack", [Operand([], .values([5])), Operand([], .values([6]))], gives: [5, 6]),
      OperationCase("stack", [Operand([2, 2], .values([1, 2, 3, 4]))], ["axis": .whole(1)], gives: [1, 2, 3, 4]),
      OperationCase("stack", [Operand([0, 3]), Operand([0, 3])], ["axis": .whole(2)], gives: []),
      OperationCase(
        "stack", [Operand([1], .values([1])), Operand([1], .values([0]))], dtypes: movable, order: 0, gives: [1, 0]),
    ]
  }

  /// The first part; the others are proved by what `concat` makes of them.
  private static var splits: [OperationCase] {
    [
      OperationCase("split", [Operand([4], .values([0, 1, 2, 3]))], ["parts": .whole(2)], gives: [0, 1]),
      OperationCase(
        "split", [Operand([2, 3], .values([0, 1, 2, 3, 4, 5]))],
        ["sizes": [1, 2].attributeValue, "axis": .whole(1)], gives: [0, 3]),
      OperationCase(
        "split", [Operand([2, 3], .values([0, 1, 2, 3, 4, 5]))],
        ["sizes": [2, 0, 1].attributeValue, "axis": .whole(-1)], gives: [0, 1, 3, 4]),
      OperationCase("split", [Operand([0, 2])], ["parts": .whole(3)], gives: []),
      OperationCase("split", [Operand([2, 6])], ["parts": .whole(1)], matching: Naive.unary { $0 }),
      OperationCase(
        "split", [Operand([2], .values([1, 0]))], ["parts": .whole(2)], dtypes: movable, order: 0, gives: [1]),
    ]
  }

  private static func list(_ numbers: [Int]) -> AttributeValue { numbers.attributeValue }

  private static var slices: [OperationCase] {
    let x = Operand([2, 3], .values([0, 1, 2, 3, 4, 5]))
    return [
      OperationCase("slice", [x], ["starts": list([1]), "stops": list([2])], gives: [3, 4, 5]),
      OperationCase(
        "slice", [x], ["starts": list([0, 0]), "stops": list([2, 3]), "steps": list([1, 2])], gives: [0, 2, 3, 5]),
      OperationCase(
        "slice", [x], ["starts": list([-1]), "stops": list([-99]), "steps": list([-1]), "axes": list([-1])],
        gives: [2, 1, 0, 5, 4, 3]),
      OperationCase(
        "slice", [x], ["starts": list([2]), "stops": list([0]), "steps": list([-2]), "axes": list([1])], gives: [2, 5]),
      OperationCase("slice", [x], ["starts": list([2]), "stops": list([1]), "axes": list([1])], gives: []),
      OperationCase("slice", [x], ["starts": list([]), "stops": list([])], gives: [0, 1, 2, 3, 4, 5]),
      OperationCase("slice", [x], ["starts": list([-99]), "stops": list([99])], gives: [0, 1, 2, 3, 4, 5]),
      OperationCase(
        "slice", [x], ["starts": list([.min]), "stops": list([.max]), "steps": list([.max])], gives: [0, 1, 2]),
      OperationCase(
        "slice", [Operand([3], .values([1, 0, 1]))], ["starts": list([1]), "stops": list([3])], dtypes: movable,
        order: 0, gives: [0, 1]),
    ]
  }
}
