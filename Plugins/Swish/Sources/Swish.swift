import FlowPlugin

/// The sigmoid-weighted linear unit, with a slope: x · sigmoid(beta · x).
///
/// - Shapes: `x [...]` → `y [...]`, of a floating type.
/// - Gradient: `x̄ = ȳ · (s + beta · y · (1 - s))` with `s = sigmoid(beta · x)`; as graph, so of any order.
/// - Source: Ramachandran, Zoph & Le, Searching for activation functions, 2017.
struct Swish: UnaryFunction {
  static let name = "swish"
  static let attributes = [Attribute<Self>("beta", \.beta, "how steep the sigmoid is")]
  static let manual = Manual(
    "x · sigmoid(beta · x).", shapes: "x [...] → y [...]",
    gradient: "x̄ = ȳ · (s + beta · y · (1 - s)), s = sigmoid(beta · x)",
    source: "Ramachandran, Zoph & Le, Searching for activation functions, 2017")

  var beta = 1.0

  func evaluate(_ x: Double) -> Double { x / (1 + exp(-beta * x)) }

  func derivative(x: Value, y: Value) -> Value {
    let s = (x * beta).applying("sigmoid")
    return s + beta * y * (1 - s)
  }
}
