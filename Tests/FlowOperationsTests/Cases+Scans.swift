import FlowGraph
import FlowTensor
import RealModule

extension OperationCase {
  static var moments: [OperationCase] {
    var rows: [OperationCase] = []
    for (sizes, axis, axes) in windows {
      for (name, function) in functions {
        for keep in [true, false] {
          rows.append(
            OperationCase(
              name, [Operand(sizes, .nonzero)], ["axis": axis, "keepdims": .boolean(keep)],
              matching: Naive.reduce(axes, function)))
        }
      }
    }
    rows += [
      OperationCase(
        "variance", [Operand([3], .values([1e8, 1e8 + 1, 1e8 + 2]))], dtypes: [.f64], order: 0, gives: [2.0 / 3]),
      OperationCase("variance", [Operand([2, 0])], ["axis": .whole(1)], order: 0, gives: [.nan, .nan]),
      OperationCase("std", [Operand([0])], order: 0, gives: [.nan]),
      OperationCase("norm", [Operand([2, 0])], ["axis": .whole(1)], order: 0, gives: [0, 0]),
      OperationCase("variance", [Operand([4, 1])], ["axis": .whole(1)], gives: [0, 0, 0, 0]),
      OperationCase("std", [Operand([3], .values([2, 2, 2]))], order: 0, gives: [0]),
      OperationCase("variance", [Operand([2], .values([.nan, 1]))], order: 0, gives: [.nan]),
      OperationCase("norm", [Operand([2], .values([.infinity, 1]))], order: 0, gives: [.infinity]),
      OperationCase("variance", [Operand([5000])], order: 1, matching: Naive.reduce([0], variance)),
      OperationCase(
        "variance", [Operand([300, 7])], ["axis": .whole(0)], order: 1, matching: Naive.reduce([0], variance)),
    ]
    return rows
  }

  /// Shapes, axes as given, and axes counted from the front.
  private static let windows: [([Int], AttributeValue, [Int])] = [
    ([2, 3], .none, [0, 1]), ([2, 3], .whole(0), [0]), ([2, 3], .whole(-1), [1]),
    ([2, 3, 4], .list([.whole(0), .whole(2)]), [0, 2]), ([2, 3, 4], .whole(1), [1]), ([0, 3], .whole(1), [1]),
  ]

  private static let functions: [(String, @Sendable ([Double]) -> Double)] = [
    ("variance", variance), ("std", { Double.sqrt(variance($0)) }),
    ("norm", { Double.sqrt($0.reduce(0) { $0 + $1 * $1 }) }),
  ]

  private static let variance: @Sendable ([Double]) -> Double = { x in
    let mean = x.reduce(0, +) / Double(x.count)
    return x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
  }

  static var scans: [OperationCase] {
    var rows: [OperationCase] = []
    for (sizes, axis) in [([4], 0), ([2, 3], -1), ([2, 3], 0), ([2, 3, 2], 1), ([1], 0), ([0, 2], 0), ([2, 0], 1)] {
      for (exclusive, reverse) in [(false, false), (true, false), (false, true), (true, true)] {
        for isSum in [true, false] {
          rows.append(
            OperationCase(
              isSum ? "cumsum" : "cumprod", [Operand(sizes)],
              ["axis": .whole(axis), "exclusive": .boolean(exclusive), "reverse": .boolean(reverse)],
              matching: scanned(axis < 0 ? axis + sizes.count : axis, exclusive, reverse, isSum)))
        }
      }
    }
    rows += [
      OperationCase("cumprod", [Operand([4], .values([2, 0, 3, 0]))], gives: [2, 0, 0, 0]),
      OperationCase("cumprod", [Operand([3], .values([0, 2, 3]))], ["reverse": .boolean(true)], gives: [0, 6, 3]),
      OperationCase(
        "cumsum", [Operand([3], .values([100, 100, 1]))], dtypes: [.i64, .i32, .i16, .i8, .u8], order: 0,
        gives: [100, 200, 201]),
      OperationCase(
        "cumprod", [Operand([3], .values([100, 2, 3]))], dtypes: [.i64, .i32, .i16, .i8, .u8], order: 0,
        gives: [100, 200, 600]),
      OperationCase("cumsum", [Operand([3], .values([1, 0, 1]))], dtypes: [.bool], order: 0, gives: [1, 1, 2]),
    ]
    return rows
  }

  private static func scanned(_ axis: Int, _ exclusive: Bool, _ reverse: Bool, _ isSum: Bool) -> Reference {
    { operands in
      let sizes = operands[0].sizes
      return Naive.indices(sizes).map { index in
        var total = isSum ? 0.0 : 1.0
        for entry in 0..<sizes[axis] {
          let isBefore = reverse ? entry > index[axis] : entry < index[axis]
          guard isBefore || (entry == index[axis] && !exclusive) else { continue }
          var other = index
          other[axis] = entry
          let number = operands[0].doubles[Naive.position(other, sizes)]
          total = isSum ? total + number : total * number
        }
        return total
      }
    }
  }

  static var sorting: [OperationCase] {
    let ties = Operand([6], .values([2, 1, 2, 0, 1, 2]))
    return [
      OperationCase("sort", [Operand([2, 3], .values([3, 1, 2, 0, -1, 5]))], gives: [1, 2, 3, -1, 0, 5]),
      OperationCase(
        "sort", [Operand([2, 3], .values([3, 1, 2, 0, -1, 5]))], ["axis": .whole(0)], gives: [0, -1, 2, 3, 1, 5]),
      OperationCase(
        "sort", [Operand([2, 3], .values([3, 1, 2, 0, -1, 5]))], ["descending": .boolean(true)],
        gives: [3, 2, 1, 5, 0, -1]),
      OperationCase("sort", [Operand([2, 5, 3], .distinct)], ["axis": .whole(1)]),
      OperationCase("sort", [Operand([0])], gives: []),
      OperationCase("sort", [Operand([2, 0])], gives: []),
      OperationCase("sort", [Operand([3, 1])], matching: Naive.unary { $0 }),
      OperationCase("sort", [Operand([3], .values([.nan, 1, -.infinity]))], order: 0, gives: [-.infinity, 1, .nan]),
      OperationCase(
        "sort", [Operand([3], .values([1, .nan, 2]))], ["descending": .boolean(true)], order: 0, gives: [.nan, 2, 1]),
      OperationCase("sort", [ties], dtypes: [.i64, .i32, .i16, .i8, .u8], order: 0, gives: [0, 1, 1, 2, 2, 2]),
      OperationCase("argsort", [ties], order: 0, gives: [3, 1, 4, 0, 2, 5]),
      OperationCase("argsort", [ties], ["descending": .boolean(true)], order: 0, gives: [0, 2, 5, 1, 4, 3]),
      OperationCase(
        "argsort", [Operand([2, 2], .values([3, 1, 2, 5]))], ["axis": .whole(0)], dtypes: [.f64, .i64, .u8], order: 0,
        gives: [1, 0, 0, 1]),
      OperationCase("argsort", [Operand([0, 2])], ["axis": .whole(0)], order: 0, gives: []),
      OperationCase("top_k", [Operand([5], .values([1, 4, 3, 0, 2]))], ["k": .whole(2)], gives: [4, 3]),
      OperationCase("top_k", [ties], ["k": .whole(4)], order: 0, gives: [2, 2, 2, 1]),
      OperationCase(
        "top_k", [Operand([3, 2], .values([0, 5, 2, 1, 1, 3]))], ["k": .whole(2), "axis": .whole(0)],
        gives: [2, 5, 1, 3]),
      OperationCase("top_k", [Operand([2, 3], .distinct)], ["k": .whole(3)]),
      OperationCase("top_k", [Operand([2, 3])], ["k": .whole(0)], gives: []),
      OperationCase("top_k", [Operand([0, 3])], ["k": .whole(2)], gives: []),
      OperationCase("top_k", [Operand([3], .values([1, .nan, 2]))], ["k": .whole(2)], order: 0, gives: [.nan, 2]),
      OperationCase("top_k", [ties], ["k": .whole(1)], dtypes: [.i64, .i32, .i16, .i8, .u8], order: 0, gives: [2]),
    ]
  }
}
