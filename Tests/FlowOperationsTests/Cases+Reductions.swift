import FlowGraph
import FlowTensor
import RealModule

extension OperationCase {
  static var reductions: [OperationCase] { floatingReductions + wholeReductions + emptyReductions }

  /// Shapes, axes as given, and axes counted from the front.
  private static let forms: [([Int], AttributeValue, [Int])] = [
    ([2, 3], .none, [0, 1]), ([2, 3], .whole(0), [0]), ([2, 3], .whole(-1), [1]), ([], .none, []),
    ([2, 3, 4], .list([.whole(0), .whole(2)]), [0, 2]), ([2, 3, 4], .whole(1), [1]),
    ([2, 1, 4], .list([.whole(1)]), [1]),
    ([2, 3, 2, 2], .list([.whole(1), .whole(-1)]), [1, 3]), ([3, 2], .list([]), []), ([0, 3], .whole(1), [1]),
  ]

  private static let functions: [(String, Operand.Domain, @Sendable ([Double]) -> Double)] = [
    ("sum", .any, { $0.reduce(0, +) }), ("mean", .any, { $0.reduce(0, +) / Double($0.count) }),
    ("prod", .any, { $0.reduce(1, *) }), ("max", .distinct, { $0.max() ?? 0 }), ("min", .distinct, { $0.min() ?? 0 }),
    ("sum_squares", .any, { $0.reduce(0) { $0 + $1 * $1 } }),
    ("logsumexp", .any, { Double.log($0.reduce(0) { $0 + Double.exp($1) }) }),
  ]

  private static var floatingReductions: [OperationCase] {
    var rows: [OperationCase] = []
    rows += functions.flatMap { (name, domain, function) -> [OperationCase] in
      forms.flatMap { (sizes, axis, axes) -> [OperationCase] in
        [true, false].map { (keep) -> OperationCase in
          OperationCase(
            name, [Operand(sizes, domain)], ["axis": axis, "keepdims": .boolean(keep)],
            matching: Naive.reduce(axes, function))
        }
      }
    }
    rows += ["argmax", "argmin"].flatMap { (name) -> [OperationCase] in
      forms.filter { !$0.2.isEmpty && $0.0 != [0, 3] }.map { (sizes, axis, axes) -> OperationCase in
        OperationCase(
          name, [Operand(sizes, .wholes(0..<4))], ["axis": axis], dtypes: [.f64, .f32, .i64, .u8], order: 0,
          matching: Naive.reduce(axes) { x in Double(x.firstIndex(of: name == "argmax" ? x.max()! : x.min()!)!) })
      }
    }
    rows += [
      OperationCase("argmax", [Operand([4], .values([1, .nan, 9, .nan]))], order: 0, gives: [1]),
      OperationCase("max", [Operand([3], .values([1, .nan, 9]))], order: 0, gives: [.nan]),
      OperationCase(
        "min", [Operand([2, 2], .values([1, .infinity, -.infinity, 3]))], ["axis": .whole(1)], order: 0,
        gives: [1, -.infinity]),
      OperationCase(
        "prod", [Operand([2, 3], .values([0, 2, 3, 0, 0, 5]))], ["axis": .whole(1)], order: 2, gives: [0, 0]),
      OperationCase(
        "prod_others", [Operand([2, 3], .values([0, 2, 3, 4, 5, 6]))], order: 2, gives: [6, 0, 0, 30, 24, 20]),
      OperationCase("prod_others", [Operand([4])], order: 2),
      OperationCase("logsumexp", [Operand([2], .values([1000, 1000]))], order: 0, gives: [1000 + Double.log(2)]),
      OperationCase("logsumexp", [Operand([2], .values([-.infinity, -.infinity]))], order: 0, gives: [-.infinity]),
      OperationCase("sum", [Operand([3000])], order: 1, matching: Naive.reduce([0]) { $0.reduce(0, +) }),
      OperationCase(
        "sum", [Operand([300, 7])], ["axis": .whole(0)], order: 1, matching: Naive.reduce([0]) { $0.reduce(0, +) }),
      OperationCase(
        "mean", [Operand([5, 70, 3])], ["axis": .whole(1)], order: 1,
        matching: Naive.reduce([1]) { $0.reduce(0, +) / 70 }),
    ]
    return rows
  }

  private static var wholeReductions: [OperationCase] {
    var rows: [OperationCase] = []
    rows += ["sum", "mean", "prod", "sum_squares"].flatMap { (name) -> [OperationCase] in
      forms.prefix(5).map { (sizes, axis, axes) -> OperationCase in
        OperationCase(
          name, [Operand(sizes, .wholes(0..<3))], ["axis": axis], dtypes: [.i64, .i32, .i16, .i8, .u8], order: 0,
          matching: Naive.reduce(axes, functions.first { $0.0 == name }!.2))
      }
    }
    rows += ["max", "min"].flatMap { (name) -> [OperationCase] in
      forms.prefix(3).map { (sizes, axis, axes) -> OperationCase in
        OperationCase(
          name, [Operand(sizes, .wholes(0..<50))], ["axis": axis], dtypes: [.i64, .i32, .i16, .i8, .u8], order: 0,
          matching: Naive.reduce(axes, functions.first { $0.0 == name }!.2))
      }
    }
    for (name, function) in ofBooleans {
      for (sizes, axis, axes) in forms {
        rows.append(
          OperationCase(
            name, [Operand(sizes, .wholes(0..<2))], ["axis": axis], dtypes: [.bool], order: 0,
            matching: Naive.reduce(axes, function)))
      }
    }
    return rows
  }

  private static let ofBooleans: [(String, @Sendable ([Double]) -> Double)] = [
    ("any", { $0.max() ?? 0 }), ("all", { $0.min() ?? 1 }), ("sum", { $0.reduce(0, +) }),
  ]

  private static var emptyReductions: [OperationCase] {
    var rows: [OperationCase] = []
    rows += [("sum", 0), ("prod", 1), ("mean", .nan), ("sum_squares", 0), ("logsumexp", -.infinity)].map {
      (name: String, value: Double) in
      OperationCase(name, [Operand([2, 0])], ["axis": .whole(1)], order: 0, gives: [value, value])
    }
    rows += [("any", 0), ("all", 1)].map { (name: String, value: Double) in
      OperationCase(name, [Operand([0])], dtypes: [.bool], order: 0, gives: [value])
    }
    return rows
  }
}
