/// The element-wise functions that kernels know, and that may be fused: a closed set.
public enum ElementwiseOpcode: String, Sendable, CaseIterable {
  // one operand
  case identity, neg, abs, sign, reciprocal, square
  case exp, log, sqrt, sin, cos, tanh, sigmoid, relu
  case not
  // two operands
  case add, sub, mul, div, floorDiv, mod, pow, maximum, minimum
  case equal, notEqual, less, lessEqual, greater, greaterEqual
  case and, or
  // three operands: condition, value where true, value where false
  case `where`

  public var operandCount: Int {
    switch self {
    case .identity, .neg, .abs, .sign, .reciprocal, .square, .exp, .log, .sqrt, .sin, .cos, .tanh, .sigmoid, .relu,
      .not:
      1
    case .add, .sub, .mul, .div, .floorDiv, .mod, .pow, .maximum, .minimum, .equal, .notEqual, .less, .lessEqual,
      .greater, .greaterEqual, .and, .or:
      2
    case .where: 3
    }
  }
}
