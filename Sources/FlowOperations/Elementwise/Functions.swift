public import FlowGraph
public import FlowTensor

/// Negation.
public struct Negate: Elementwise {
  public static let name = "neg"
  public static let signature: Signature = "x -> y"
  public static let opcode = ElementwiseOpcode.neg
  public static let manual = Manual("Negation of each element.", shapes: elementwise, gradient: "x̄ = -ȳ")
  public init() {}

  public func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(-gradients[0])]
  }
}

/// Magnitude of each element.
public struct Absolute: UnaryElementwise {
  public static let name = "abs"
  public static let opcode = ElementwiseOpcode.abs
  public static let manual = Manual(
    "Magnitude of each element.", shapes: elementwise, gradient: "x̄ = ȳ · sign(x), 0 at 0")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { x.applying("sign") }
}

/// Sign of each element: -1, 0 or 1.
public struct Sign: PiecewiseConstant {
  public static let name = "sign"
  public static let signature: Signature = "x -> y"
  public static let opcode = ElementwiseOpcode.sign
  public static let manual = Manual("Sign of each element: -1, 0 or 1.", shapes: elementwise, gradient: "zero")
  public init() {}
}

/// Square of each element.
public struct Square: UnaryElementwise {
  public static let name = "square"
  public static let opcode = ElementwiseOpcode.square
  public static let manual = Manual("Square of each element.", shapes: elementwise, gradient: "x̄ = 2 · ȳ · x")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { 2 * x }
}

/// Reciprocal of each element.
public struct Reciprocal: UnaryElementwise {
  public static let name = "reciprocal"
  public static let opcode = ElementwiseOpcode.reciprocal
  public static let manual = Manual("Reciprocal of each element.", shapes: elementwise, gradient: "x̄ = -ȳ · y²")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { -(y * y) }
}

/// Exponential of each element.
public struct Exponential: UnaryElementwise {
  public static let name = "exp"
  public static let opcode = ElementwiseOpcode.exp
  public static let manual = Manual("Exponential of each element.", shapes: elementwise, gradient: "x̄ = ȳ · y")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { y }
}

/// Natural logarithm of each element.
public struct Logarithm: UnaryElementwise {
  public static let name = "log"
  public static let opcode = ElementwiseOpcode.log
  public static let manual = Manual("Natural logarithm of each element.", shapes: elementwise, gradient: "x̄ = ȳ / x")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { x.applying("reciprocal") }
}

/// Square root of each element.
public struct SquareRoot: UnaryElementwise {
  public static let name = "sqrt"
  public static let opcode = ElementwiseOpcode.sqrt
  public static let manual = Manual("Square root of each element.", shapes: elementwise, gradient: "x̄ = ½ · ȳ / y")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { 0.5 / y }
}

/// Sine of each element, in radians.
public struct Sine: UnaryElementwise {
  public static let name = "sin"
  public static let opcode = ElementwiseOpcode.sin
  public static let manual = Manual("Sine of each element, in radians.", shapes: elementwise, gradient: "x̄ = ȳ · cos x")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { x.applying("cos") }
}

/// Cosine of each element, in radians.
public struct Cosine: UnaryElementwise {
  public static let name = "cos"
  public static let opcode = ElementwiseOpcode.cos
  public static let manual = Manual(
    "Cosine of each element, in radians.", shapes: elementwise, gradient: "x̄ = -ȳ · sin x")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { -x.applying("sin") }
}

/// Hyperbolic tangent of each element.
public struct Tanh: UnaryElementwise {
  public static let name = "tanh"
  public static let opcode = ElementwiseOpcode.tanh
  public static let manual = Manual(
    "Hyperbolic tangent of each element.", shapes: elementwise, gradient: "x̄ = ȳ · (1 - y²)")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { 1 - y * y }
}

/// Logistic function of each element.
public struct Sigmoid: UnaryElementwise {
  public static let name = "sigmoid"
  public static let opcode = ElementwiseOpcode.sigmoid
  public static let manual = Manual(
    "Logistic function of each element: 1 / (1 + exp(-x)).", shapes: elementwise, gradient: "x̄ = ȳ · y · (1 - y)")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { y * (1 - y) }
}

/// Rectified linear unit.
public struct ReLU: UnaryElementwise {
  public static let name = "relu"
  public static let opcode = ElementwiseOpcode.relu
  public static let manual = Manual(
    "Each element, or 0 where it is negative; NaN stays.", shapes: elementwise, gradient: "x̄ = ȳ where x > 0, else 0",
    source: "Nair & Hinton, Rectified linear units improve restricted Boltzmann machines, 2010")
  public init() {}
  public func derivative(x: Value, y: Value) -> Value { y.applying("sign") }
}
