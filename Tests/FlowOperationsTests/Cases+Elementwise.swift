import FlowTensor
import RealModule

private let wholes: [DType] = [.i64, .i32, .i16, .i8]

extension OperationCase {
  static var elementwise: [OperationCase] { unary + special + binary + ties + comparisons + logic + selections }

  private static var unary: [OperationCase] {
    var rows: [OperationCase] = []
    rows += functions.flatMap { (name, domain, function) -> [OperationCase] in
      [[2, 3], [], [0, 4], [1, 1, 5]].map {
        OperationCase(name, [Operand($0, domain)], matching: Naive.unary(function))
      }
    }
    rows += ["neg", "abs", "sign", "square", "relu"].map { (name) -> OperationCase in
      OperationCase(name, [Operand([9], .wholes(-5..<6))], dtypes: wholes, order: 0) { x in
        x[0].doubles.map { functions.first { $0.0 == name }!.2($0) }
      }
    }
    return rows
  }

  private static let functions: [(String, Operand.Domain, @Sendable (Double) -> Double)] = [
    ("neg", .any, { -$0 }), ("abs", .nonzero, { Swift.abs($0) }),
    ("sign", .nonzero, { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }), ("square", .any, { $0 * $0 }),
    ("reciprocal", .nonzero, { 1 / $0 }), ("exp", .any, { Double.exp($0) }), ("log", .positive, { Double.log($0) }),
    ("sqrt", .positive, { $0.squareRoot() }), ("sin", .any, { Double.sin($0) }), ("cos", .any, { Double.cos($0) }),
    ("tanh", .any, { Double.tanh($0) }), ("sigmoid", .any, { 1 / (1 + Double.exp(-$0)) }),
    ("relu", .nonzero, { max($0, 0) }),
  ]

  private static let special: [OperationCase] = [
    OperationCase(
      "sigmoid", [Operand([4], .values([1000, -1000, .infinity, .nan]))], order: 0, gives: [1, 0, 1, .nan]),
    OperationCase(
      "relu", [Operand([5], .values([.nan, -0.0, 0, -1, .infinity]))], order: 0, gives: [.nan, 0, 0, 0, .infinity]),
    OperationCase("sign", [Operand([4], .values([.nan, 0, .infinity, -2]))], order: 0, gives: [.nan, 0, 1, -1]),
    OperationCase("abs", [Operand([3], .values([.nan, -.infinity, 0]))], order: 0, gives: [.nan, .infinity, 0]),
    OperationCase("log", [Operand([3], .values([0, -1, .infinity]))], order: 0, gives: [-.infinity, .nan, .infinity]),
    OperationCase("neg", [Operand([1], .values([-128]))], dtypes: [.i8], order: 0, gives: [-128]),
    OperationCase("abs", [Operand([2], .values([-128, -127]))], dtypes: [.i8], order: 0, gives: [-128, 127]),
    OperationCase("exp", [Operand([3], .values([1000, -1000, .nan]))], order: 0, gives: [.infinity, 0, .nan]),
  ]

  private static let pairs: [([Int], [Int])] = [
    ([2, 3], [2, 3]), ([2, 3], []), ([], [2, 3]), ([2, 3], [3]), ([2, 1], [1, 3]), ([4, 1, 2], [3, 1]), ([0, 3], [3]),
    ([2, 3], [2, 1]), ([1], [1]), ([2, 1, 3, 1], [1, 2, 1, 4]),
  ]

  private static var binary: [OperationCase] {
    var rows: [OperationCase] = []
    rows += operators.flatMap { (name, a, b, function) -> [OperationCase] in
      pairs.map { OperationCase(name, [Operand($0, a), Operand($1, b)], matching: Naive.binary(function)) }
    }
    rows += ["add", "sub", "mul", "maximum", "minimum"].flatMap { (name) -> [OperationCase] in
      pairs.prefix(5).map { (first, second) -> OperationCase in
        OperationCase(
          name, [Operand(first, .wholes(-5..<6)), Operand(second, .wholes(-5..<6))], dtypes: wholes, order: 0,
          matching: Naive.binary(operators.first { $0.0 == name }!.3))
      }
    }
    rows += [
      OperationCase(
        "add", [Operand([2], .values([250, 5])), Operand([], .values([10]))], dtypes: [.u8], order: 0, gives: [4, 15]),
      OperationCase(
        "mul", [Operand([1], .values([2_147_483_647])), Operand([], .values([2]))], dtypes: [.i32], order: 0,
        gives: [-2]),
      OperationCase(
        "sub", [Operand([1], .values([0])), Operand([], .values([1]))], dtypes: [.u8], order: 0, gives: [255]),
      OperationCase(
        "floor_div", [Operand([6], .values([7, -7, 7, -7, 6, -128])), Operand([6], .values([2, 2, -2, -2, 3, -1]))],
        dtypes: wholes.filter { $0 != .i8 } + [.f64, .f32], order: 0, gives: [3, -4, -4, 3, 2, 128]),
      OperationCase(
        "mod", [Operand([6], .values([7, -7, 7, -7, 6, -128])), Operand([6], .values([2, 2, -2, -2, 3, -1]))],
        dtypes: wholes + [.f64, .f32], order: 0, gives: [1, 1, -1, -1, 0, 0]),
      OperationCase(
        "mod", [Operand([2, 2], .values([5.5, -5.5, 1.25, 8.5])), Operand([2], .values([2, -3]))], order: 2,
        gives: [1.5, -2.5, 1.25, -0.5]),
      OperationCase(
        "floor_div", [Operand([3], .values([5.5, -5.5, 1])), Operand([3], .values([2, 2, 0]))], order: 0,
        gives: [2, -3, .infinity]),
      OperationCase(
        "floor_div", [Operand([2], .values([5.5, -5.5])), Operand([], .values([2]))], order: 1, gives: [2, -3]),
      OperationCase(
        "pow", [Operand([5], .values([2, -3, 0, 7, -1])), Operand([5], .values([10, 3, 0, 0, 5]))],
        dtypes: [.i64, .i32, .i16, .f64, .f32], order: 0, gives: [1024, -27, 1, 1, -1]),
      OperationCase(
        "pow",
        [
          Operand([6], .values([0, -2, -8, .nan, 1, .infinity])), Operand([6], .values([0, 3, 1.0 / 3, 0, .nan, -1])),
        ], order: 0, gives: [1, -8, .nan, 1, 1, 0]),
      OperationCase(
        "pow", [Operand([2, 3]), Operand([], .values([2]))], order: 0, matching: Naive.binary { a, _ in a * a }),
      OperationCase(
        "div", [Operand([3], .values([1, -1, 0])), Operand([], .values([0]))], order: 0,
        gives: [.infinity, -.infinity, .nan]),
    ]
    return rows
  }

  private static let operators: [(String, Operand.Domain, Operand.Domain, @Sendable (Double, Double) -> Double)] = [
    ("add", .any, .any, { $0 + $1 }), ("sub", .any, .any, { $0 - $1 }), ("mul", .any, .any, { $0 * $1 }),
    ("div", .any, .nonzero, { $0 / $1 }), ("pow", .positive, .any, { Double.pow($0, $1) }),
    ("maximum", .any, .any, { max($0, $1) }), ("minimum", .any, .any, { min($0, $1) }),
  ]

  private static let ties: [OperationCase] = [
    OperationCase(
      "maximum", [Operand([4], .values([1, .nan, 2, -.infinity])), Operand([4], .values([1, 3, .nan, 5]))], order: 0,
      gives: [1, .nan, .nan, 5]),
    OperationCase(
      "minimum", [Operand([4], .values([1, .nan, 2, -.infinity])), Operand([4], .values([1, 3, .nan, 5]))], order: 0,
      gives: [1, .nan, .nan, -.infinity]),
  ]
}
