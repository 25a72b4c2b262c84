import FlowGraph
import FlowTensor

private let movable: [DType] = DType.allCases

extension OperationCase {
  static var diagonals: [OperationCase] {
    parts("diagonal") + triangles + embeddings
  }

  private static let forms: [([Int], Int)] = [
    ([3, 3], 0), ([2, 3], 1), ([3, 2], -1), ([2, 2, 3], -1), ([2, 3], 3), ([2, 3], -9), ([1, 1], 0), ([0, 3], 0),
    ([2, 0, 0], 0), ([4, 2], 1), ([3, 3], .max), ([3, 3], .min),
  ]

  private static func parts(_ name: String) -> [OperationCase] {
    forms.map { (sizes, offset) -> OperationCase in
      OperationCase(name, [Operand(sizes)], ["offset": .whole(offset)]) { operands in
        zip(Naive.indices(sizes), operands[0].doubles).filter { lies($0.0) == offset }.map(\.1)
      }
    } + [
      OperationCase(name, [Operand([2, 2], .values([1, 0, 0, 1]))], dtypes: movable, order: 0, gives: [1, 1])
    ]
  }

  /// On which diagonal an index lies.
  private static func lies(_ index: [Int]) -> Int { index[index.count - 1] - index[index.count - 2] }

  private static var triangles: [OperationCase] {
    forms.flatMap { (sizes, offset) -> [OperationCase] in
      [true, false].map { (isUpper) -> OperationCase in
        OperationCase(isUpper ? "triu" : "tril", [Operand(sizes)], ["offset": .whole(offset)]) { operands in
          zip(Naive.indices(sizes), operands[0].doubles).map { index, number in
            (isUpper ? lies(index) >= offset : lies(index) <= offset) ? number : 0
          }
        }
      }
    } + [
      OperationCase(
        "triu", [Operand([2, 2], .values([1, 1, 1, 1]))], dtypes: movable, order: 0, gives: [1, 1, 0, 1]),
      OperationCase(
        "tril", [Operand([2, 2], .values([1, 1, 1, 1]))], dtypes: movable, order: 0, gives: [1, 0, 1, 1]),
    ]
  }

  private static var embeddings: [OperationCase] {
    [
      OperationCase("diagonal_matrix", [Operand([2], .values([1, 2]))], gives: [1, 0, 0, 2]),
      OperationCase(
        "diagonal_matrix", [Operand([1], .values([1]))], ["offset": .whole(-1)], gives: [0, 0, 1, 0]),
      OperationCase(
        "diagonal_matrix", [Operand([2, 1], .values([1, 2]))],
        ["offset": .whole(1), "shape": [1, 3].attributeValue], gives: [0, 1, 0, 0, 2, 0]),
      OperationCase(
        "diagonal_matrix", [Operand([2], .values([1, 2]))], ["shape": [2, 3].attributeValue], gives: [1, 0, 0, 0, 2, 0]),
      OperationCase("diagonal_matrix", [Operand([0])], gives: []),
      OperationCase(
        "diagonal_matrix", [Operand([2], .values([1, 1]))], dtypes: movable, order: 0, gives: [1, 0, 0, 1]),
    ]
  }
}
