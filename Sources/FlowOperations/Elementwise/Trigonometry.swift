public import FlowGraph
public import FlowTensor

/// Tangent, in radians.
public struct Tangent: UnaryElementwise {
  public static let name = "tan"
  public static let opcode = ElementwiseOpcode.tan
  public static let manual = Manual(
    "Tangent of each element, in radians.", shapes: elementwise, gradient: "x̄ = ȳ · (1 + y²)")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { 1 + y * y }
}

/// Inverse of the sine, in radians.
public struct ArcSine: UnaryElementwise {
  public static let name = "asin"
  public static let opcode = ElementwiseOpcode.asin
  public static let manual = Manual(
    "Inverse sine of each element, in radians; NaN outside of -1...1.", shapes: elementwise,
    gradient: "x̄ = ȳ / √(1 - x²)")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { (1 - x * x).applying("rsqrt") }
}

/// Inverse of the cosine, in radians.
public struct ArcCosine: UnaryElementwise {
  public static let name = "acos"
  public static let opcode = ElementwiseOpcode.acos
  public static let manual = Manual(
    "Inverse cosine of each element, in radians; NaN outside of -1...1.", shapes: elementwise,
    gradient: "x̄ = -ȳ / √(1 - x²)")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { -(1 - x * x).applying("rsqrt") }
}

/// Inverse of the tangent, in radians.
public struct ArcTangent: UnaryElementwise {
  public static let name = "atan"
  public static let opcode = ElementwiseOpcode.atan
  public static let manual = Manual(
    "Inverse tangent of each element, in radians.", shapes: elementwise, gradient: "x̄ = ȳ / (1 + x²)")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { 1 / (1 + x * x) }
}

/// Hyperbolic sine.
public struct HyperbolicSine: UnaryElementwise {
  public static let name = "sinh"
  public static let opcode = ElementwiseOpcode.sinh
  public static let manual = Manual(
    "Hyperbolic sine of each element.", shapes: elementwise, gradient: "x̄ = ȳ · cosh x")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { x.applying("cosh") }
}

/// Hyperbolic cosine.
public struct HyperbolicCosine: UnaryElementwise {
  public static let name = "cosh"
  public static let opcode = ElementwiseOpcode.cosh
  public static let manual = Manual(
    "Hyperbolic cosine of each element.", shapes: elementwise, gradient: "x̄ = ȳ · sinh x")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { x.applying("sinh") }
}

/// Inverse of the hyperbolic sine.
public struct InverseHyperbolicSine: UnaryElementwise {
  public static let name = "asinh"
  public static let opcode = ElementwiseOpcode.asinh
  public static let manual = Manual(
    "Inverse hyperbolic sine of each element.", shapes: elementwise, gradient: "x̄ = ȳ / √(x² + 1)")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { (x * x + 1).applying("rsqrt") }
}

/// Inverse of the hyperbolic cosine.
public struct InverseHyperbolicCosine: UnaryElementwise {
  public static let name = "acosh"
  public static let opcode = ElementwiseOpcode.acosh
  public static let manual = Manual(
    "Inverse hyperbolic cosine of each element; NaN below 1.", shapes: elementwise,
    gradient: "x̄ = ȳ / √((x - 1) · (x + 1))")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { ((x - 1) * (x + 1)).applying("rsqrt") }
}

/// Inverse of the hyperbolic tangent.
public struct InverseHyperbolicTangent: UnaryElementwise {
  public static let name = "atanh"
  public static let opcode = ElementwiseOpcode.atanh
  public static let manual = Manual(
    "Inverse hyperbolic tangent of each element; NaN outside of -1...1.", shapes: elementwise,
    gradient: "x̄ = ȳ / (1 - x²)")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { 1 / (1 - x * x) }
}

/// Angle of a point of the plane, in radians.
public struct ArcTangent2: BinaryElementwise {
  public static let name = "atan2"
  public static let opcode = ElementwiseOpcode.atan2
  public static let manual = Manual(
    "Angle of the point (b, a), in radians between -π and π.", shapes: broadcasting,
    gradient: "ā = ȳ · b / (a² + b²), b̄ = -ȳ · a / (a² + b²); NaN at the origin")
  public init() {}

  public func derivatives(a: Value, b: Value, y: Value) -> (Value, Value) {
    let square = a * a + b * b
    return (b / square, -(a / square))
  }
}
