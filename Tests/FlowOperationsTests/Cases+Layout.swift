import FlowGraph
import FlowTensor

private let movable: [DType] = DType.allCases

extension OperationCase {
  static var layout: [OperationCase] { reshaping + moving + indexing }

  private static func list(_ numbers: [Int]) -> AttributeValue { numbers.attributeValue }

  private static var reshaping: [OperationCase] {
    var rows: [OperationCase] = []
    rows +=
      ([
        ([2, 6], [3, 4]), ([2, 6], [-1]), ([2, 6], [4, -1]), ([], [1, 1]), ([1], []), ([0, 3], [3, 0]),
        ([0, 3], [-1, 3]),
      ] as [([Int], [Int])]).map { (from, to) -> OperationCase in
        OperationCase("reshape", [Operand(from)], ["shape": list(to)], matching: Naive.unary { $0 })
      }
    rows += [[2, 3, 4], [3], [2, 0, 3], [5, 1]].map {
      OperationCase("flatten", [Operand($0)], matching: Naive.unary { $0 })
    }
    rows += [
      OperationCase(
        "reshape", [Operand([4], .wholes(0..<2))], ["shape": list([2, 2])], dtypes: movable, order: 0,
        matching: Naive.unary { $0 }),
      OperationCase("squeeze", [Operand([1, 3, 1])], matching: Naive.unary { $0 }),
      OperationCase("squeeze", [Operand([1, 3, 1])], ["axis": .whole(-1)], matching: Naive.unary { $0 }),
      OperationCase("unsqueeze", [Operand([2, 3])], ["axis": .whole(0)], matching: Naive.unary { $0 }),
      OperationCase("unsqueeze", [Operand([2, 3])], ["axis": list([1, -1])], matching: Naive.unary { $0 }),
      OperationCase("match_shape", [Operand([3, 1]), Operand([3])]) { $0[0].doubles },
      OperationCase("match_shape", [Operand([2, 3]), Operand([1, 2, 1, 3])]) { $0[0].doubles },
      OperationCase("match_shape", [Operand([]), Operand([1, 1])]) { $0[0].doubles },
      OperationCase("match_shape", [Operand([0, 1]), Operand([0])]) { $0[0].doubles },
    ]
    return rows
  }

  private static var moving: [OperationCase] {
    var rows: [OperationCase] = []
    rows +=
      ([
        ([2, 3], nil), ([2, 3, 4], [1, 2, 0]), ([2, 3, 4], [0, -1, 1]), ([5], nil), ([], nil), ([0, 3], nil),
        ([2, 1, 3], [2, 1, 0]),
      ] as [([Int], [Int]?)]).map { (sizes, axes) -> OperationCase in
        OperationCase("transpose", [Operand(sizes)], ["axes": axes.attributeValue]) { operands in
          let order = axes.map { $0.map { $0 < 0 ? $0 + sizes.count : $0 } } ?? sizes.indices.reversed()
          let x = operands[0].doubles
          return Naive.indices(order.map { sizes[$0] }).map { index in
            var source = index
            for (position, axis) in order.enumerated() { source[axis] = index[position] }
            return x[Naive.position(source, sizes)]
          }
        }
      }
    rows += [
      OperationCase(
        "transpose", [Operand([2, 2], .values([1, 0, 0, 1]))], dtypes: movable, order: 0, gives: [1, 0, 0, 1])
    ]
    rows +=
      ([
        ([3], [2, 3]), ([], [2, 2]), ([2, 1], [2, 3]), ([1, 3], [0, 3]), ([2, 3], [2, 3]), ([2, 1, 2], [3, 2, 4, 2]),
      ] as [([Int], [Int])]).flatMap { (small, large) -> [OperationCase] in
        [
          OperationCase("broadcast_to", [Operand(small)], ["shape": list(large)]) { operands in
            let x = operands[0].doubles
            return Naive.indices(large).map { x[Naive.position($0, small)] }
          },
          OperationCase("sum_to", [Operand(large)], ["shape": list(small)]) { operands in
            var sums = [Double](repeating: 0, count: small.reduce(1, *))
            for (index, x) in zip(Naive.indices(large), operands[0].doubles) { sums[Naive.position(index, small)] += x }
            return sums
          },
        ]
      }
    rows += [
      OperationCase(
        "sum_to", [Operand([2, 2], .values([100, 100, 100, 1]))], ["shape": list([2])], dtypes: [.u8], order: 0,
        gives: [200, 101])
    ]
    return rows
  }

  private static func at(_ axes: [[Int]]) -> AttributeValue { axes.attributeValue }

  private static var indexing: [OperationCase] {
    var rows: [OperationCase] = []
    rows += [
      OperationCase("index", [Operand([2, 3], .values([0, 1, 2, 3, 4, 5]))], ["at": at([[1]])], gives: [3, 4, 5]),
      OperationCase("index", [Operand([2, 3], .values([0, 1, 2, 3, 4, 5]))], ["at": at([[-1], [-2]])], gives: [4]),
      OperationCase(
        "index", [Operand([2, 3], .values([0, 1, 2, 3, 4, 5]))], ["at": at([[], [0, 3, 2]])], gives: [0, 2, 3, 5]),
      OperationCase(
        "index", [Operand([2, 3], .values([0, 1, 2, 3, 4, 5]))], ["at": at([[-1, -3, -1], [1, 99]])],
        gives: [4, 5, 1, 2]),
      OperationCase("index", [Operand([5], .values([0, 1, 2, 3, 4]))], ["at": at([[-2, 0, -2]])], gives: [3, 1]),
      OperationCase("index", [Operand([5], .values([0, 1, 2, 3, 4]))], ["at": at([[4, 2]])], gives: []),
      OperationCase("index", [Operand([5], .values([0, 1, 2, 3, 4]))], ["at": at([[99, -99, -3]])], gives: [4, 1]),
      OperationCase("index", [Operand([0, 2])], ["at": at([[0, 5], [1]])], gives: []),
      OperationCase(
        "index", [Operand([3], .values([1, 0, 1]))], ["at": at([[1, 3]])], dtypes: movable, order: 0, gives: [0, 1]),
      OperationCase(
        "pad_index", [Operand([2], .values([7, 8]))], ["at": at([[1], [0, 3, 2]]), "shape": list([2, 3])],
        gives: [0, 0, 0, 7, 0, 8]),
      OperationCase(
        "pad_index", [Operand([2], .values([7, 8]))], ["at": at([[-1, -3, -1]]), "shape": list([3])], gives: [0, 8, 7]),
      OperationCase(
        "gather", [Operand([3, 2], .values([0, 1, 2, 3, 4, 5])), Operand([2, 2], .values([2, 0, 2, 1]), .i32)],
        gives: [4, 5, 0, 1, 4, 5, 2, 3]),
      OperationCase(
        "gather", [Operand([2, 3], .values([0, 1, 2, 3, 4, 5])), Operand([], .values([1]), .i64)], ["axis": .whole(-1)],
        gives: [1, 4]),
      OperationCase("gather", [Operand([3]), Operand([0], .values([]), .u8)], gives: []),
      OperationCase(
        "gather_sum",
        [Operand([4, 2], .values([1, 2, 3, 4, 5, 6, 7, 8])), Operand([4], .values([2, 0, 2, 2]), .i32)],
        ["size": .whole(3)], gives: [3, 4, 0, 0, 13, 16]),
      OperationCase(
        "gather_sum", [Operand([2, 2], .values([1, 2, 3, 4])), Operand([2], .values([1, 1]), .i32)],
        ["axis": .whole(1), "size": .whole(2)], gives: [0, 3, 0, 7]),
      OperationCase(
        "one_hot", [Operand([2], .values([2, 0]), .i64)], ["depth": .whole(3), "dtype": .dtype(.f64)], order: 0,
        gives: [0, 0, 1, 1, 0, 0]),
      OperationCase(
        "one_hot", [Operand([], .values([1]))], ["depth": .whole(2), "dtype": .dtype(.bool)],
        dtypes: [.i32, .i16, .i8, .u8], order: 0, gives: [0, 1]),
    ]
    return rows
  }
}
