import FlowTensor
import RealModule

/// The further functions of one number, rounding, tests and gradient control; f16 and bf16 as well.
extension OperationCase {
  static var furtherFunctions: [OperationCase] { smooth + edges + rounding + tests + angles + controls }

  private static let floating: [DType] = [.f64, .f32, .f16, .bf16]
  private static let shapes: [[Int]] = [[2, 3], [], [0, 4], [1, 1, 5]]

  private typealias Function = @Sendable (Double) -> Double

  private static let functions: [(String, Operand.Domain, Function)] = [
    ("expm1", .any, { Double.exp($0) - 1 }), ("log1p", .positive, { Double.log(1 + $0) }),
    ("rsqrt", .positive, { 1 / $0.squareRoot() }), ("erf", .any, erf),
    ("tan", .fraction, { Double.sin($0) / Double.cos($0) }), ("asin", .fraction, { Double.atan2(y: $0, x: leg($0)) }),
    ("acos", .fraction, { Double.atan2(y: leg($0), x: $0) }), ("atan", .any, { Double.atan2(y: $0, x: 1) }),
    ("sinh", .any, { (Double.exp($0) - Double.exp(-$0)) / 2 }),
    ("cosh", .any, { (Double.exp($0) + Double.exp(-$0)) / 2 }),
    ("asinh", .any, { Double.log($0 + ($0 * $0 + 1).squareRoot()) }),
    ("acosh", .aboveOne, { Double.log($0 + ($0 * $0 - 1).squareRoot()) }),
    ("atanh", .fraction, { 0.5 * Double.log((1 + $0) / (1 - $0)) }),
    ("softplus", .any, { Double.log(1 + Double.exp($0)) }),
    ("gelu", .any, { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }),
    (
      "gelu_tanh", .any,
      { 0.5 * $0 * (1 + Double.tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
    ),
  ]

  private static let leg: Function = { (1 - $0 * $0).squareRoot() }

  /// By its power series.
  private static let erf: Function = { x in
    var (term, sum) = (x, x)
    for n in 1..<60 {
      term *= -x * x / Double(n)
      sum += term / Double(2 * n + 1)
    }
    return 2 / Double.pi.squareRoot() * sum
  }

  private static var smooth: [OperationCase] {
    functions.flatMap { name, domain, function in
      shapes.map { OperationCase(name, [Operand($0, domain)], dtypes: floating, matching: Naive.unary(function)) }
    }
  }

  private static let edges: [OperationCase] = [
    edge("expm1", [1e-12, -.infinity, .infinity, .nan], [1e-12, -1, .infinity, .nan]),
    edge("log1p", [1e-12, -1, -2, .infinity], [1e-12, -.infinity, .nan, .infinity]),
    edge("rsqrt", [0, .infinity, -1, 4], [.infinity, 0, .nan, 0.5]),
    edge("erf", [.infinity, -.infinity, .nan, 0], [1, -1, .nan, 0]),
    edge("softplus", [1000, -1000, .infinity, -.infinity, .nan], [1000, 0, .infinity, 0, .nan]),
    edge("gelu", [100, -100, .infinity, .nan], [100, 0, .infinity, .nan]),
    edge("gelu_tanh", [100, -100, .infinity, .nan], [100, 0, .infinity, .nan]),
    edge("asin", [1.5, 0, .nan], [.nan, 0, .nan]), edge("acos", [1.5, 1], [.nan, 0]),
    edge("acosh", [0.5, 1, .infinity], [.nan, 0, .infinity]),
    edge("atanh", [1, -1, 2], [.infinity, -.infinity, .nan]),
    edge("sinh", [1000, -1000, .nan], [.infinity, -.infinity, .nan]), edge("cosh", [-1000, 0], [.infinity, 1]),
    edge("asinh", [.infinity, -.infinity], [.infinity, -.infinity]),
    edge("atan", [.infinity, -.infinity], [Double.pi / 2, -Double.pi / 2]), edge("tan", [0, .infinity], [0, .nan]),
    OperationCase("softplus", [Operand([1], .values([-40]))], dtypes: [.f64], order: 0, gives: [Double.exp(-40)]),
  ]

  private static func edge(_ name: String, _ x: [Double], _ y: [Double]) -> OperationCase {
    OperationCase(name, [Operand([x.count], .values(x))], order: 0, gives: y)
  }

  private static let rounding: [OperationCase] = {
    let numbers = [-2.5, -1.5, -0.5, 0, 0.5, 1.5, 2.25, 3, .infinity, .nan]
    let results: [(String, [Double])] = [
      ("floor", [-3, -2, -1, 0, 0, 1, 2, 3, .infinity, .nan]), ("ceil", [-2, -1, 0, 0, 1, 2, 3, 3, .infinity, .nan]),
      ("round", [-2, -2, 0, 0, 0, 2, 2, 3, .infinity, .nan]), ("trunc", [-2, -1, 0, 0, 0, 1, 2, 3, .infinity, .nan]),
    ]
    return results.flatMap { name, expected in
      [
        OperationCase(name, [Operand([10], .values(numbers))], dtypes: floating, order: 0, gives: expected),
        OperationCase(name, [Operand([2, 3], .values([0.25, 1.75, -0.75, 3.25, 7.75, -2.25]))], order: 2),
        OperationCase(
          name, [Operand([3], .values([-3, 0, 7]))], dtypes: [.i64, .i32, .i16, .i8], order: 0, gives: [-3, 0, 7]),
      ]
    }
  }()

  private static let tests: [OperationCase] = {
    let numbers: [Double] = [.nan, .infinity, -.infinity, 0, -3]
    let results: [(String, [Double])] = [
      ("is_nan", [1, 0, 0, 0, 0]), ("is_inf", [0, 1, 1, 0, 0]), ("is_finite", [0, 0, 0, 1, 1]),
    ]
    return results.flatMap { name, expected in
      [
        OperationCase(name, [Operand([5], .values(numbers))], dtypes: floating, order: 0, gives: expected),
        OperationCase(name, [Operand([0])], dtypes: floating, order: 0, gives: []),
        OperationCase(name, [Operand([600])], dtypes: floating, order: 0) { x in
          x[0].doubles.map { _ in name == "is_finite" ? 1 : 0 }
        },
      ]
    }
  }()

  private static var angles: [OperationCase] {
    let pairs: [([Int], [Int])] = [([2, 3], [2, 3]), ([2, 3], []), ([2, 1], [3]), ([0, 3], [3]), ([], [])]
    var rows = pairs.map { a, b in
      OperationCase(
        "atan2", [Operand(a, .nonzero), Operand(b, .nonzero)], dtypes: floating,
        matching: Naive.binary { 2 * Double.atan($0 / (($0 * $0 + $1 * $1).squareRoot() + $1)) })
    }
    rows += [([4], [4]), ([2, 1], [3])].map { (a: [Int], b: [Int]) in
      OperationCase(
        "xor", [Operand(a, .wholes(0..<2)), Operand(b, .wholes(0..<2))], dtypes: [.bool], order: 0,
        matching: Naive.binary { $0 + $1 == 1 ? 1 : 0 })
    }
    rows.append(
      OperationCase(
        "atan2", [Operand([4], .values([0, 0, 1, -1])), Operand([4], .values([-1, 0, 0, -.infinity]))], order: 0,
        gives: [Double.pi, 0, Double.pi / 2, -Double.pi]))
    return rows
  }

  private static let controls: [OperationCase] = ["gradient_scale", "gradient_clip", "gradient_reverse"].flatMap {
    (name) -> [OperationCase] in
    shapes.map { OperationCase(name, [Operand($0)], dtypes: floating, order: 0, matching: Naive.unary { $0 }) }
  }
}
