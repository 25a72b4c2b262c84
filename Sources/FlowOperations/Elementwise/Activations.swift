public import FlowGraph
public import FlowTensor

/// Smooth rectifier.
public struct Softplus: UnaryElementwise {
  public static let name = "softplus"
  public static let opcode = ElementwiseOpcode.softplus
  public static let manual = Manual(
    "log(1 + exp(x)) of each element, without overflow.", shapes: elementwise, gradient: "x̄ = ȳ · sigmoid(x)",
    source: "Dugas, Bengio, Bélisle, Nadeau & Garcia, Incorporating second-order functional knowledge, 2000")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { x.applying("sigmoid") }
}

/// Gaussian error linear unit.
public struct GELU: UnaryElementwise {
  public static let name = "gelu"
  public static let opcode = ElementwiseOpcode.gelu
  public static let manual = Manual(
    "x · Φ(x) of each element, Φ being the normal distribution function.", shapes: elementwise,
    gradient: "x̄ = ȳ · (Φ(x) + x · φ(x)), φ being the normal density",
    source: "Hendrycks & Gimpel, Gaussian error linear units, 2016")
  public init() {}

  public func derivative(x: Value, y: Value) -> Value {
    let distribution = 0.5 * (1 + (0.707_106_781_186_547_5 * x).applying("erf"))
    let density = 0.398_942_280_401_432_7 * (-0.5 * (x * x)).applying("exp")
    return distribution + x * density
  }
}

/// Gaussian error linear unit, approximated.
public struct GELUTanh: UnaryElementwise {
  public static let name = "gelu_tanh"
  public static let opcode = ElementwiseOpcode.geluTanh
  public static let manual = Manual(
    "gelu, approximated: x · sigmoid(2u), u = √(2 / π) · (x + 0.044715 · x³).", shapes: elementwise,
    gradient: "x̄ = ȳ · (s + 2 · x · s · (1 - s) · u′), s = sigmoid(2u), u′ = √(2 / π) · (1 + 0.134145 · x²)",
    source: "Hendrycks & Gimpel, Gaussian error linear units, 2016")
  public init() {}

  public func derivative(x: Value, y: Value) -> Value {
    let twiceScale = 1.595_769_121_605_730_7
    let square = x * x
    let share = (twiceScale * (x * (1 + 0.044715 * square))).applying("sigmoid")
    let slope = twiceScale * (1 + 0.134145 * square)
    return share + x * (share * (1 - share)) * slope
  }
}
