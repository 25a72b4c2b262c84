/// The element-wise functions that kernels know, and that may be fused: a closed set.
public enum ElementwiseOpcode: String, Sendable, CaseIterable {
  // one operand
  case identity, neg, abs, sign, reciprocal, square
  case exp, expm1, log, log1p, sqrt, rsqrt
  case sin, cos, tan, asin, acos, atan
  case sinh, cosh, tanh, asinh, acosh, atanh
  case sigmoid, softplus, relu, erf, gelu, geluTanh
  case floor, ceil, round, trunc
  case isNaN, isInfinite, isFinite
  case not
  // two operands
  case add, sub, mul, div, floorDiv, mod, pow, maximum, minimum, atan2
  case equal, notEqual, less, lessEqual, greater, greaterEqual
  case and, or, xor
  // three operands: condition, value where true, value where false
  case `where`

  public var operandCount: Int {
    switch self {
    case .identity, .neg, .abs, .sign, .reciprocal, .square, .exp, .expm1, .log, .log1p, .sqrt, .rsqrt, .sin, .cos,
      .tan, .asin, .acos, .atan, .sinh, .cosh, .tanh, .asinh, .acosh, .atanh, .sigmoid, .softplus, .relu, .erf, .gelu,
      .geluTanh, .floor, .ceil, .round, .trunc, .isNaN, .isInfinite, .isFinite, .not:
      1
    case .add, .sub, .mul, .div, .floorDiv, .mod, .pow, .maximum, .minimum, .atan2, .equal, .notEqual, .less,
      .lessEqual, .greater, .greaterEqual, .and, .or, .xor:
      2
    case .where: 3
    }
  }

  /// Whether the result is a boolean.
  public var isTest: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .isNaN, .isInfinite, .isFinite, .not, .and, .or,
      .xor:
      true
    default: false
    }
  }

  /// Whether the function of numbers of a dtype fails for some of them: whole numbers divided by zero, or to a negative power.
  package func mayFail(for dtype: DType) -> Bool {
    switch self {
    case .floorDiv, .mod, .pow: dtype.isInteger
    default: false
    }
  }
}
