public import FlowGraph
public import FlowTensor

/// Whether `a == b`, element by element.
public struct Equal: PiecewiseConstant {
  public static let name = "equal"
  public static let signature: Signature = "a, b -> y"
  public static let opcode = ElementwiseOpcode.equal
  public static let manual = Manual("Whether a == b, element by element.", shapes: broadcasting, gradient: "zero")
  public init() {}
}

/// Whether `a != b`, element by element.
public struct NotEqual: PiecewiseConstant {
  public static let name = "not_equal"
  public static let signature: Signature = "a, b -> y"
  public static let opcode = ElementwiseOpcode.notEqual
  public static let manual = Manual("Whether a != b, element by element.", shapes: broadcasting, gradient: "zero")
  public init() {}
}

/// Whether `a < b`, element by element.
public struct Less: PiecewiseConstant {
  public static let name = "less"
  public static let signature: Signature = "a, b -> y"
  public static let opcode = ElementwiseOpcode.less
  public static let manual = Manual("Whether a < b, element by element.", shapes: broadcasting, gradient: "zero")
  public init() {}
}

/// Whether `a <= b`, element by element.
public struct LessEqual: PiecewiseConstant {
  public static let name = "less_equal"
  public static let signature: Signature = "a, b -> y"
  public static let opcode = ElementwiseOpcode.lessEqual
  public static let manual = Manual("Whether a <= b, element by element.", shapes: broadcasting, gradient: "zero")
  public init() {}
}

/// Whether `a > b`, element by element.
public struct Greater: PiecewiseConstant {
  public static let name = "greater"
  public static let signature: Signature = "a, b -> y"
  public static let opcode = ElementwiseOpcode.greater
  public static let manual = Manual("Whether a > b, element by element.", shapes: broadcasting, gradient: "zero")
  public init() {}
}

/// Whether `a >= b`, element by element.
public struct GreaterEqual: PiecewiseConstant {
  public static let name = "greater_equal"
  public static let signature: Signature = "a, b -> y"
  public static let opcode = ElementwiseOpcode.greaterEqual
  public static let manual = Manual("Whether a >= b, element by element.", shapes: broadcasting, gradient: "zero")
  public init() {}
}

/// Whether both hold, element by element.
public struct And: PiecewiseConstant {
  public static let name = "and"
  public static let signature: Signature = "a, b -> y"
  public static let opcode = ElementwiseOpcode.and
  public static let manual = Manual("Whether both hold, element by element.", shapes: broadcasting, gradient: "zero")
  public init() {}
}

/// Whether either holds, element by element.
public struct Or: PiecewiseConstant {
  public static let name = "or"
  public static let signature: Signature = "a, b -> y"
  public static let opcode = ElementwiseOpcode.or
  public static let manual = Manual("Whether either holds, element by element.", shapes: broadcasting, gradient: "zero")
  public init() {}
}

/// Whether exactly one of two holds, element by element.
public struct ExclusiveOr: PiecewiseConstant {
  public static let name = "xor"
  public static let signature: Signature = "a, b -> y"
  public static let opcode = ElementwiseOpcode.xor
  public static let manual = Manual(
    "Whether exactly one of the two holds, element by element.", shapes: broadcasting, gradient: "zero")
  public init() {}
}

/// Whether a boolean does not hold, element by element.
public struct Not: PiecewiseConstant {
  public static let name = "not"
  public static let signature: Signature = "x -> y"
  public static let opcode = ElementwiseOpcode.not
  public static let manual = Manual("Whether each element does not hold.", shapes: elementwise, gradient: "zero")
  public init() {}
}
