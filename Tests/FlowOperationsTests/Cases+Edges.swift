import FlowGraph
import FlowTensor

/// What is at the edge: nothing at all, one number, NaN and infinities.
extension OperationCase {
  static var extremes: [OperationCase] { constantsInEveryType + empty + single + chosen + unusual(of: proved) }

  private static let floating: [DType] = [.f64, .f32, .f16, .bf16]
  private static let binary: [DType] = [.bool]

  /// Constants in every floating type; what is drawn is proved by `RandomTests`.
  private static var constantsInEveryType: [OperationCase] {
    floating.flatMap { dtype in
      let two: [String: AttributeValue] = ["shape": [2].attributeValue, "dtype": .dtype(dtype)]
      return [
        OperationCase("fill", [], two.merging(["value": .real(1.5)]) { $1 }, order: 0, gives: [1.5, 1.5]),
        OperationCase("eye", [], ["shape": [1, 2].attributeValue, "dtype": .dtype(dtype)], order: 0, gives: [1, 0]),
        OperationCase(
          "literal", [], ["values": .list([.real(1.5)]), "dtype": .dtype(dtype)], order: 0, gives: [1.5]),
        OperationCase(
          "arange", [], ["start": .whole(1), "stop": .whole(3), "dtype": .dtype(dtype)], order: 0, gives: [1, 2]),
        OperationCase(
          "linspace", [], ["start": .real(0), "stop": .real(1), "count": .whole(3), "dtype": .dtype(dtype)], order: 0,
          gives: [0, 0.5, 1]),
      ]
        + ["bernoulli", "normal", "truncated_normal", "uniform", "variance_scaling"].map { name in
          OperationCase(name, [], two, order: 0)
        }
    }
  }

  private static var empty: [OperationCase] {
    let none = Operand([0])
    let positions = Operand([0], .values([]), .i32)
    var rows = ["and", "or", "xor"].map { OperationCase($0, [none, none], dtypes: binary, order: 0, gives: []) }
    rows.append(OperationCase("not", [none], dtypes: binary, order: 0, gives: []))
    rows += ["floor", "ceil", "round", "trunc", "stop_gradient", "is_nan"].map {
      OperationCase($0, [none], dtypes: floating, order: 0, gives: [])
    }
    rows += ["floor_div", "mod"].map { OperationCase($0, [none, Operand([])], dtypes: floating, order: 0, gives: []) }
    rows += ["argmax", "argmin"].map {
      OperationCase($0, [Operand([0, 3])], ["axis": .whole(1)], dtypes: floating, order: 0, gives: [])
    }
    rows += ["bernoulli", "normal", "truncated_normal", "uniform", "variance_scaling"].map {
      OperationCase($0, [], ["shape": [3, 0].attributeValue, "dtype": .dtype(.f64)], order: 0, gives: [])
    }
    rows += [
      OperationCase("cast", [none], ["dtype": .dtype(.f64)], dtypes: DType.allCases, order: 0, gives: []),
      OperationCase("where", [Operand([0], .values([]), .bool), none, Operand([])], gives: []),
      OperationCase("broadcast_to", [none], ["shape": [2, 0].attributeValue], gives: []),
      OperationCase("sum_to", [Operand([0, 2])], ["shape": [1, 2].attributeValue], gives: [0, 0]),
      OperationCase("squeeze", [Operand([1, 0])], gives: []),
      OperationCase("unsqueeze", [none], ["axis": .whole(0)], gives: []),
      OperationCase("slice", [none], ["starts": [0].attributeValue, "stops": [3].attributeValue], gives: []),
      OperationCase(
        "pad_index", [none], ["at": [[2, 2]].attributeValue, "shape": [3].attributeValue], gives: [0, 0, 0]),
      OperationCase("pad_sum", [Operand([2, 0])], ["shape": [2, 0].attributeValue, "before": [0, 0].attributeValue]) {
        _ in
        []
      },
      OperationCase("gather_sum", [none, positions], ["size": .whole(2)], gives: [0, 0]),
      OperationCase("one_hot", [positions], ["depth": .whole(2), "dtype": .dtype(.f64)], order: 0, gives: []),
      OperationCase("prod_others", [Operand([2, 0])], gives: []),
      OperationCase(
        "integers", [], ["low": .whole(0), "high": .whole(9), "shape": [0].attributeValue], order: 0, gives: []),
    ]
    return rows
  }

  /// One number, along axes of size 1.
  private static var single: [OperationCase] {
    let one = Operand([1], .values([2]))
    let matrix = Operand([1, 1], .values([2]))
    let first = Operand([1], .values([0]), .i32)
    var rows = ["floor", "ceil", "round", "trunc", "stop_gradient"].map {
      OperationCase($0, [one], dtypes: floating, order: 0, gives: [2])
    }
    rows += ["is_nan", "is_inf"].map { OperationCase($0, [one], dtypes: floating, order: 0, gives: [0]) }
    rows += [
      OperationCase("is_finite", [one], dtypes: floating, order: 0, gives: [1]),
      OperationCase("floor_div", [one, one], dtypes: floating, order: 0, gives: [1]),
      OperationCase("mod", [one, one], dtypes: floating, order: 0, gives: [0]),
      OperationCase("not", [Operand([1], .values([1]))], dtypes: binary, order: 0, gives: [0]),
      OperationCase("cast", [one], ["dtype": .dtype(.f64)], dtypes: floating, order: 0, gives: [2]),
      OperationCase("argsort", [one], dtypes: floating, order: 0, gives: [0]),
      OperationCase("top_k", [one], ["k": .whole(1)], gives: [2]),
      OperationCase("index", [matrix], ["at": [[0]].attributeValue], gives: [2]),
      OperationCase("slice", [one], ["starts": [0].attributeValue, "stops": [1].attributeValue], gives: [2]),
      OperationCase("split", [one], ["parts": .whole(1)], gives: [2]),
      OperationCase("roll", [one], ["shift": .whole(3), "axis": .whole(0)], gives: [2]),
      OperationCase("unsqueeze", [one], ["axis": .whole(-1)], gives: [2]),
      OperationCase("sum_to", [Operand([1, 3], .values([1, 2, 3]))], ["shape": [1, 1].attributeValue], gives: [6]),
      OperationCase("gather", [one, first], gives: [2]),
      OperationCase("gather_sum", [one, first], ["size": .whole(1)], gives: [2]),
      OperationCase("pad_index", [one], ["at": [[0, 1]].attributeValue, "shape": [1].attributeValue], gives: [2]),
      OperationCase("pad_sum", [one], ["shape": [1].attributeValue, "before": [0].attributeValue], gives: [2]),
      OperationCase("one_hot", [first], ["depth": .whole(1), "dtype": .dtype(.f64)], order: 0, gives: [1]),
      OperationCase("prod_others", [one], gives: [1]),
      OperationCase("linear", [matrix, matrix, one], gives: [6]),
      OperationCase("norm", [matrix], ["axis": .whole(1)], gives: [2]),
      OperationCase("std", [one], order: 0, gives: [0]),
      OperationCase("softmax_cross_entropy", [matrix, first], gives: [0]),
    ]
    return rows
  }

  /// What is not chosen does not count, be it NaN: nothing is multiplied by zero. NaN is first and last.
  private static let chosen: [OperationCase] = [
    OperationCase("triu", [Operand([2, 2], .values([1, 2, .nan, 4]))], order: 0, gives: [1, 2, 0, 4]),
    OperationCase("tril", [Operand([2, 2], .values([1, .infinity, 3, 4]))], order: 0, gives: [1, 0, 3, 4]),
    OperationCase(
      "where",
      [Operand([2], .values([1, 0]), .bool), Operand([2], .values([1, .nan])), Operand([2], .values([.nan, 4]))],
      order: 0, gives: [1, 4]),
    OperationCase(
      "gather", [Operand([3], .values([.nan, 1, 2])), Operand([2], .values([2, 1]), .i32)], order: 0, gives: [2, 1]),
    OperationCase(
      "scatter", [Operand([2], .values([.nan, 1])), Operand([1], .values([0]), .i32), Operand([1], .values([5]))],
      order: 0, gives: [5, 1]),
    OperationCase(
      "min", [Operand([2, 2], .values([1, .nan, .infinity, 3]))], ["axis": .whole(1)], order: 0, gives: [.nan, 3]),
    OperationCase("max", [Operand([2], .values([-.infinity, .infinity]))], order: 0, gives: [.infinity]),
    OperationCase("argmax", [Operand([3], .values([-.infinity, 2, .infinity]))], order: 0, gives: [2]),
    OperationCase("argsort", [Operand([3], .values([.infinity, .nan, -.infinity]))], order: 0, gives: [2, 0, 1]),
    OperationCase(
      "top_k", [Operand([3], .values([1, -.infinity, .infinity]))], ["k": .whole(2)], order: 0, gives: [.infinity, 1]),
    OperationCase(
      "prod_others", [Operand([3], .values([.nan, 2, .infinity]))], order: 0, gives: [.infinity, .nan, .nan]),
    OperationCase("std", [Operand([2], .values([.nan, .infinity]))], order: 0, gives: [.nan]),
    OperationCase(
      "mod", [Operand([3], .values([.nan, .infinity, 1])), Operand([], .values([2]))], order: 0, gives: [.nan, .nan, 1]),
    OperationCase(
      "floor_div", [Operand([2], .values([.nan, .infinity])), Operand([], .values([2]))], order: 0,
      gives: [.nan, .infinity]),
    OperationCase("log_softmax", [Operand([2], .values([-.infinity, 0]))], order: 0, gives: [-.infinity, 0]),
    OperationCase("softmax", [Operand([2], .values([.nan, 0]))], order: 0, gives: [.nan, .nan]),
    OperationCase(
      "softmax_cross_entropy_gradient",
      [
        Operand([2, 2], .values([.nan, 0, -.infinity, 0])), Operand([2], .values([0, 0]), .i32),
        Operand([], .values([2])),
      ],
      order: 0, gives: [.nan, .nan, -2, 2]),
    OperationCase("log_softmax", [Operand([2], .values([.nan, 0]))], order: 0, gives: [.nan, .nan]),
    OperationCase("acos", [Operand([2], .values([.nan, .infinity]))], order: 0, gives: [.nan, .nan]),
    OperationCase("asinh", [Operand([1], .values([.nan]))], order: 0, gives: [.nan]),
    OperationCase("argmin", [Operand([3], .values([.infinity, .nan, -.infinity]))], order: 0, gives: [1]),
    OperationCase(
      "atan2", [Operand([3], .values([.nan, 1, .infinity])), Operand([3], .values([1, .nan, .infinity]))], order: 0,
      gives: [.nan, .nan, .pi / 4]),
    OperationCase(
      "triangular_solve", [Operand([2, 2], .values([2, .nan, 1, 1])), Operand([2], .values([2, 3]))], order: 0,
      gives: [1, 2]),
  ]

  /// The first row of each operation that a naive computation answers, with NaN and infinities among its numbers.
  private static func unusual(of rows: [OperationCase]) -> [OperationCase] {
    Dictionary(grouping: rows.filter(\.takesUnusual), by: \.operation).values.compactMap(\.first).map { row in
      var operands = row.operands
      operands[0] = Operand(operands[0].sizes, .unusual)
      return OperationCase(row.operation, operands, row.attributes, order: 0, matching: row.reference)
    }
  }

  /// Their naive computations are not made for such numbers; rows of their own have them.
  private static let usual: Set<String> = [
    "argmax", "argmin", "asinh", "atan2", "cholesky", "erf", "gelu", "is_finite", "is_inf", "is_nan", "log_softmax",
    "max_pool_gradient",
    "pow",
    "resize", "resize_gradient", "sign", "softmax", "softmax_cross_entropy_gradient", "triangular_solve",
  ]

  private var takesUnusual: Bool {
    guard !Self.usual.contains(operation), reference != nil, !isFixed, dtypes.contains(.f32),
      let first = operands.first, first.dtype == nil,
      first.sizes.reduce(1, *) > 3
    else { return false }
    return true
  }
}
