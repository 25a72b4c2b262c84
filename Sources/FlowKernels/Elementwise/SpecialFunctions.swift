import RealModule

/// Functions of one number that a plain formula would compute with overflow or cancellation.
enum SpecialFunctions {
  /// The logistic function, stable for large numbers of either sign: the exponential never overflows.
  static func sigmoid<Number: Real>(_ x: Number) -> Number {
    let e = Number.exp(-x.magnitude)
    return (x < 0 ? e : 1) / (1 + e)
  }

  /// `log(1 + exp(x))`, without overflow, and exact in the far tail.
  static func softplus<Number: Real>(_ x: Number) -> Number {
    (x < 0 ? 0 : x) + Number.log(onePlus: Number.exp(-x.magnitude))
  }

  /// `x · Φ(x)`, by the complementary error function, which keeps the digits of the left tail.
  static func gelu<Number: Real & BinaryFloatingPoint>(_ x: Number) -> Number {
    x / 2 * Number.erfc(-x * Number(0.5).squareRoot())
  }

  /// The approximation of `gelu` by a hyperbolic tangent: `x · sigmoid(2u)`, which is `x / 2 · (1 + tanh u)`.
  static func geluTanh<Number: Real & BinaryFloatingPoint>(_ x: Number) -> Number {
    let u = (2 / Number.pi).squareRoot() * (x + Number(0.044715) * x * x * x)
    return x * sigmoid(2 * u)
  }
}
