public import FlowGraph
public import FlowTensor

/// Rounding down.
public struct Floor: PiecewiseConstant {
  public static let name = "floor"
  public static let signature: Signature = "x -> y"
  public static let opcode = ElementwiseOpcode.floor
  public static let manual = Manual(
    "Each element rounded down.", shapes: elementwise, gradient: "zero")
  public init() {}
}

/// Rounding up.
public struct Ceiling: PiecewiseConstant {
  public static let name = "ceil"
  public static let signature: Signature = "x -> y"
  public static let opcode = ElementwiseOpcode.ceil
  public static let manual = Manual(
    "Each element rounded up.", shapes: elementwise, gradient: "zero")
  public init() {}
}

/// Rounding to the nearest whole number.
public struct Round: PiecewiseConstant {
  public static let name = "round"
  public static let signature: Signature = "x -> y"
  public static let opcode = ElementwiseOpcode.round
  public static let manual = Manual(
    "Each element rounded to the nearest whole number, halves to the even one.", shapes: elementwise, gradient: "zero")
  public init() {}
}

/// Rounding toward zero.
public struct Truncate: PiecewiseConstant {
  public static let name = "trunc"
  public static let signature: Signature = "x -> y"
  public static let opcode = ElementwiseOpcode.trunc
  public static let manual = Manual(
    "Each element rounded toward zero.", shapes: elementwise, gradient: "zero")
  public init() {}
}

/// Whether an element is not a number.
public struct IsNaN: PiecewiseConstant {
  public static let name = "is_nan"
  public static let signature: Signature = "x -> y"
  public static let opcode = ElementwiseOpcode.isNaN
  public static let manual = Manual(
    "Whether each element is NaN.", shapes: tested, gradient: "zero")
  public init() {}
}

/// Whether an element is infinite.
public struct IsInfinite: PiecewiseConstant {
  public static let name = "is_inf"
  public static let signature: Signature = "x -> y"
  public static let opcode = ElementwiseOpcode.isInfinite
  public static let manual = Manual(
    "Whether each element is an infinity, of either sign.", shapes: tested, gradient: "zero")
  public init() {}
}

/// Whether an element is finite.
public struct IsFinite: PiecewiseConstant {
  public static let name = "is_finite"
  public static let signature: Signature = "x -> y"
  public static let opcode = ElementwiseOpcode.isFinite
  public static let manual = Manual(
    "Whether each element is neither NaN nor an infinity.", shapes: tested, gradient: "zero")
  public init() {}
}

private let tested = "x [...] → y bool [...]"
