import FlowPlugin

/// The rectifier of a published series on neural networks in plain numpy, with the gradient that the series uses.
///
/// - Shapes: `x [...]` → `y [...]`, of a floating type.
/// - Gradient: `x̄ = ȳ · clip(y, 0, 1)`, by declaration not the derivative of `y`, which would be a step.
/// - Source: the numpy networks for XOR whose printed losses the samples `xor_sigmoid` and `xor_softmax` reproduce.
struct ClippedRelu: UnaryFunction {
  static let name = "clipped_relu"
  static let manual = Manual(
    "max(x, 0), with a gradient that is clipped instead of a step.", shapes: "x [...] → y [...]",
    gradient: "x̄ = ȳ · clip(y, 0, 1), which is not the derivative",
    source: "an XOR network in numpy, published step by step")
  static let gradientIsNotDerivative = true

  /// `maximum(0, x)` as numpy has it: NaN stays.
  func evaluate(_ x: Double) -> Double { x <= 0 ? 0 : x }

  /// The output is never below 0.
  func derivative(x: Value, y: Value) -> Value { y.combined("minimum", y.constant(1)) }
}
