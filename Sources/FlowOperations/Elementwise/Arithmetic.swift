public import FlowGraph
public import FlowTensor

/// Sum of two numbers.
public struct Add: Elementwise {
  public static let name = "add"
  public static let signature: Signature = "a, b -> y"
  public static let opcode = ElementwiseOpcode.add
  public static let manual = Manual("Sum, element by element: a + b.", shapes: broadcasting, gradient: "ā = ȳ, b̄ = ȳ")
  public init() {}

  public func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0]), .value(gradients[0])]
  }
}

/// Difference of two numbers.
public struct Subtract: Elementwise {
  public static let name = "sub"
  public static let signature: Signature = "a, b -> y"
  public static let opcode = ElementwiseOpcode.sub
  public static let manual = Manual(
    "Difference, element by element: a - b.", shapes: broadcasting, gradient: "ā = ȳ, b̄ = -ȳ")
  public init() {}

  public func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0]), .value(-gradients[0])]
  }
}

/// Product of two numbers.
public struct Multiply: BinaryElementwise {
  public static let name = "mul"
  public static let opcode = ElementwiseOpcode.mul
  public static let manual = Manual(
    "Product, element by element: a * b.", shapes: broadcasting, gradient: "ā = ȳ · b, b̄ = ȳ · a")
  public init() {}
  public func derivatives(a: Value, b: Value, y: Value) -> (Value, Value) { (b, a) }
}

/// Quotient of two floating numbers.
public struct Divide: Elementwise {
  public static let name = "div"
  public static let signature: Signature = "a, b -> y"
  public static let opcode = ElementwiseOpcode.div
  public static let manual = Manual(
    "Quotient of floating numbers, element by element: a / b.", shapes: broadcasting,
    gradient: "ā = ȳ / b, b̄ = -ȳ · y / b")
  public init() {}

  public func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectSameDType(inputs[0], inputs[1])
    guard !inputs[0].dtype.isInteger else {
      throw .dtypeMismatch(
        "div: takes floating numbers, not \(inputs[0]) and \(inputs[1])",
        help: "floor_div rounds down; or cast to f32")
    }
    for input in inputs { try Self.expectFloating(input) }
    return [TensorType(inputs[0].dtype, try Self.broadcast(inputs[0].shape, inputs[1].shape))]
  }

  public func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let quotient = gradients[0] / call.inputs[1]
    return [.value(quotient), .value(-(quotient * call.outputs[0]))]
  }
}

/// Quotient rounded down.
public struct FloorDivide: PiecewiseConstant {
  public static let name = "floor_div"
  public static let signature: Signature = "a, b -> y"
  public static let opcode = ElementwiseOpcode.floorDiv
  public static let manual = Manual(
    "Quotient rounded down, element by element.", shapes: broadcasting, gradient: "zero")
  public init() {}
}

/// Remainder with the divisor's sign.
public struct Modulo: BinaryElementwise {
  public static let name = "mod"
  public static let opcode = ElementwiseOpcode.mod
  public static let manual = Manual(
    "Remainder with the divisor's sign: a - b · floor_div(a, b).", shapes: broadcasting,
    gradient: "ā = ȳ, b̄ = -ȳ · floor_div(a, b)")
  public init() {}
  public func derivatives(a: Value, b: Value, y: Value) -> (Value, Value) {
    (a.constant(.whole(1)), -a.combined("floor_div", b))
  }
}

/// Power.
public struct Power: BinaryElementwise {
  public static let name = "pow"
  public static let opcode = ElementwiseOpcode.pow
  public static let manual = Manual(
    "Power, element by element: a ** b; a whole number has no negative power.", shapes: broadcasting,
    gradient: "ā = ȳ · b · a ** (b - 1), b̄ = ȳ · y · log a; 0 by the exponent where a is 0")
  public init() {}

  /// Where the exponent is 0, and where the base is, neither a division by zero nor its logarithm may appear.
  public func derivatives(a: Value, b: Value, y: Value) -> (Value, Value) {
    let one = a.constant(.whole(1))
    let exponent = b.equal(to: b.zeros).selecting(one, else: b) - one
    let base = a.equal(to: a.zeros).selecting(one, else: a)
    return (b * a.combined("pow", exponent), y * base.applying("log"))
  }
}

/// The larger of two numbers.
public struct Maximum: BinaryElementwise {
  public static let name = "maximum"
  public static let opcode = ElementwiseOpcode.maximum
  public static let manual = Manual(
    "The larger, element by element; NaN where either is.", shapes: broadcasting,
    gradient: "ȳ to the larger, half of it to each at a tie")
  public init() {}
  public func derivatives(a: Value, b: Value, y: Value) -> (Value, Value) { shares(a, b, a.greater(than: b)) }
}

/// The smaller of two numbers.
public struct Minimum: BinaryElementwise {
  public static let name = "minimum"
  public static let opcode = ElementwiseOpcode.minimum
  public static let manual = Manual(
    "The smaller, element by element; NaN where either is.", shapes: broadcasting,
    gradient: "ȳ to the smaller, half of it to each at a tie")
  public init() {}
  public func derivatives(a: Value, b: Value, y: Value) -> (Value, Value) { shares(a, b, a.less(than: b)) }
}

/// 1 to the winner, one half to each at a tie.
private func shares(_ a: Value, _ b: Value, _ aWins: Value) -> (Value, Value) {
  let first = aWins.selecting(
    a.constant(.whole(1)), else: a.equal(to: b).selecting(a.constant(0.5), else: a.constant(.whole(0))))
  return (first, 1 - first)
}

let broadcasting = "a, b broadcast → y"
let elementwise = "x [...] → y [...]"
