public import FlowGraph
public import FlowTensor

/// Exponential minus one, without cancellation.
public struct ExponentialMinusOne: UnaryElementwise {
  public static let name = "expm1"
  public static let opcode = ElementwiseOpcode.expm1
  public static let manual = Manual(
    "exp(x) - 1 of each element, exact near 0.", shapes: elementwise, gradient: "x̄ = ȳ · exp x")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { x.applying("exp") }
}

/// Logarithm of one plus a number, without cancellation.
public struct LogarithmOfOnePlus: UnaryElementwise {
  public static let name = "log1p"
  public static let opcode = ElementwiseOpcode.log1p
  public static let manual = Manual(
    "log(1 + x) of each element, exact near 0.", shapes: elementwise, gradient: "x̄ = ȳ / (1 + x)")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { 1 / (1 + x) }
}

/// Reciprocal of the square root.
public struct ReciprocalSquareRoot: UnaryElementwise {
  public static let name = "rsqrt"
  public static let opcode = ElementwiseOpcode.rsqrt
  public static let manual = Manual(
    "1 / sqrt(x) of each element.", shapes: elementwise, gradient: "x̄ = -½ · ȳ · y / x")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { -0.5 * (y / x) }
}

/// Error function.
public struct ErrorFunction: UnaryElementwise {
  public static let name = "erf"
  public static let opcode = ElementwiseOpcode.erf
  public static let manual = Manual(
    "Error function of each element: 2 / √π · ∫₀ˣ exp(-t²) dt.", shapes: elementwise,
    gradient: "x̄ = ȳ · 2 / √π · exp(-x²)")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value {
    1.128_379_167_095_512_6 * (-(x * x)).applying("exp")
  }
}
