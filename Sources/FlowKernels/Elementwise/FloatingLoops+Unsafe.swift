import FlowTensor
import RealModule

/// The element-wise functions of floating numbers.
///
/// SAFETY: these pass addresses on to `loop`, under the promises that their own caller made.
enum FloatingLoops<Number: Real & BinaryFloatingPoint> {
  static func unary(_ opcode: ElementwiseOpcode, _ x: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int) -> Bool {
    switch opcode {
    case .identity: loop(x, y, count) { (x: Number) in x }
    case .neg: loop(x, y, count) { (x: Number) in -x }
    case .abs: loop(x, y, count) { (x: Number) in x.magnitude }
    case .sign: loop(x, y, count) { (x: Number) -> Number in x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x }
    case .reciprocal: loop(x, y, count) { (x: Number) in 1 / x }
    case .square: loop(x, y, count) { (x: Number) in x * x }
    case .relu: loop(x, y, count) { (x: Number) -> Number in x <= 0 ? 0 : x }
    default: return transcendental(opcode, x, y, count)
    }
    return true
  }

  private static func transcendental(
    _ opcode: ElementwiseOpcode, _ x: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int
  ) -> Bool {
    switch opcode {
    case .exp: loop(x, y, count) { (x: Number) in Number.exp(x) }
    case .expm1: loop(x, y, count) { (x: Number) in Number.expMinusOne(x) }
    case .log: loop(x, y, count) { (x: Number) in Number.log(x) }
    case .log1p: loop(x, y, count) { (x: Number) in Number.log(onePlus: x) }
    case .sqrt: loop(x, y, count) { (x: Number) in x.squareRoot() }
    case .rsqrt: loop(x, y, count) { (x: Number) in 1 / x.squareRoot() }
    case .sigmoid: loop(x, y, count) { (x: Number) in SpecialFunctions.sigmoid(x) }
    case .softplus: loop(x, y, count) { (x: Number) in SpecialFunctions.softplus(x) }
    case .erf: loop(x, y, count) { (x: Number) in Number.erf(x) }
    case .gelu: loop(x, y, count) { (x: Number) in SpecialFunctions.gelu(x) }
    case .geluTanh: loop(x, y, count) { (x: Number) in SpecialFunctions.geluTanh(x) }
    default: return trigonometric(opcode, x, y, count)
    }
    return true
  }

  private static func trigonometric(
    _ opcode: ElementwiseOpcode, _ x: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int
  ) -> Bool {
    switch opcode {
    case .sin: loop(x, y, count) { (x: Number) in Number.sin(x) }
    case .cos: loop(x, y, count) { (x: Number) in Number.cos(x) }
    case .tan: loop(x, y, count) { (x: Number) in Number.tan(x) }
    case .asin: loop(x, y, count) { (x: Number) in Number.asin(x) }
    case .acos: loop(x, y, count) { (x: Number) in Number.acos(x) }
    case .atan: loop(x, y, count) { (x: Number) in Number.atan(x) }
    case .sinh: loop(x, y, count) { (x: Number) in Number.sinh(x) }
    case .cosh: loop(x, y, count) { (x: Number) in Number.cosh(x) }
    case .tanh: loop(x, y, count) { (x: Number) in Number.tanh(x) }
    case .asinh: loop(x, y, count) { (x: Number) in Number.asinh(x) }
    case .acosh: loop(x, y, count) { (x: Number) in Number.acosh(x) }
    case .atanh: loop(x, y, count) { (x: Number) in Number.atanh(x) }
    default: return rounding(opcode, x, y, count)
    }
    return true
  }

  private static func rounding(
    _ opcode: ElementwiseOpcode, _ x: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int
  ) -> Bool {
    switch opcode {
    case .floor: loop(x, y, count) { (x: Number) in x.rounded(.down) }
    case .ceil: loop(x, y, count) { (x: Number) in x.rounded(.up) }
    case .round: loop(x, y, count) { (x: Number) in x.rounded(.toNearestOrEven) }
    case .trunc: loop(x, y, count) { (x: Number) in x.rounded(.towardZero) }
    case .isNaN: loop(x, y, count) { (x: Number) -> UInt8 in x.isNaN ? 1 : 0 }
    case .isInfinite: loop(x, y, count) { (x: Number) -> UInt8 in x.isInfinite ? 1 : 0 }
    case .isFinite: loop(x, y, count) { (x: Number) -> UInt8 in x.isFinite ? 1 : 0 }
    default: return false
    }
    return true
  }

  static func binary(
    _ opcode: ElementwiseOpcode, _ a: LoopOperand, _ b: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int
  ) -> Bool {
    switch opcode {
    case .add: loop(a, b, y, count) { (a: Number, b: Number) in a + b }
    case .sub: loop(a, b, y, count) { (a: Number, b: Number) in a - b }
    case .mul: loop(a, b, y, count) { (a: Number, b: Number) in a * b }
    case .div: loop(a, b, y, count) { (a: Number, b: Number) in a / b }
    case .floorDiv: loop(a, b, y, count) { (a: Number, b: Number) in floorDivided(a, b) }
    case .mod: loop(a, b, y, count) { (a: Number, b: Number) in remainder(a, b) }
    case .pow: power(a, b, y, count)
    case .maximum: loop(a, b, y, count) { (a: Number, b: Number) in a >= b || a != a ? a : b }
    case .minimum: loop(a, b, y, count) { (a: Number, b: Number) in a <= b || a != a ? a : b }
    case .atan2: loop(a, b, y, count) { (a: Number, b: Number) in Number.atan2(y: a, x: b) }
    default: return ComparisonLoops<Number>.binary(opcode, a, b, y, count)
    }
    return true
  }

  /// With the divisor's sign, or that of zero.
  private static func remainder(_ a: Number, _ b: Number) -> Number {
    let rest = a.truncatingRemainder(dividingBy: b)
    if rest == 0 { return Number(signOf: b, magnitudeOf: 0) }
    return (rest < 0) == (b < 0) ? rest : rest + b
  }

  /// Agrees with `remainder`: `a = q · b + r`, up to rounding.
  private static func floorDivided(_ a: Number, _ b: Number) -> Number {
    guard b != 0, a.isFinite else { return a / b }
    return ((a - remainder(a, b)) / b).rounded()
  }

  private static func power(_ a: LoopOperand, _ b: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int) {
    if count > 0, b.step == 0, b.address.assumingMemoryBound(to: Number.self).pointee == 2 {
      loop(a, y, count) { (x: Number) in x * x }
    } else {
      loop(a, b, y, count) { (a: Number, b: Number) in power(a, b) }
    }
  }

  /// As C's `pow`: 1 for the power 0, and a negative base has whole powers.
  private static func power(_ a: Number, _ b: Number) -> Number {
    if b == 0 || a == 1 { return 1 }
    if a >= 0 { return Number.pow(a, b) }
    if a.isNaN || b.isNaN { return .nan }
    if b.isInfinite { return Number.pow(-a, b) }
    guard b.rounded() == b else { return a.isInfinite ? Number.pow(-a, b) : .nan }
    let isOdd = b.truncatingRemainder(dividingBy: 2) != 0
    return isOdd ? -Number.pow(-a, b) : Number.pow(-a, b)
  }
}

/// Comparisons, which write a byte: 1 where they hold.
///
/// SAFETY: as `FloatingLoops`.
enum ComparisonLoops<Number: Comparable> {
  static func binary(
    _ opcode: ElementwiseOpcode, _ a: LoopOperand, _ b: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int
  ) -> Bool {
    switch opcode {
    case .equal: loop(a, b, y, count) { (a: Number, b: Number) -> UInt8 in a == b ? 1 : 0 }
    case .notEqual: loop(a, b, y, count) { (a: Number, b: Number) -> UInt8 in a != b ? 1 : 0 }
    case .less: loop(a, b, y, count) { (a: Number, b: Number) -> UInt8 in a < b ? 1 : 0 }
    case .lessEqual: loop(a, b, y, count) { (a: Number, b: Number) -> UInt8 in a <= b ? 1 : 0 }
    case .greater: loop(a, b, y, count) { (a: Number, b: Number) -> UInt8 in a > b ? 1 : 0 }
    case .greaterEqual: loop(a, b, y, count) { (a: Number, b: Number) -> UInt8 in a >= b ? 1 : 0 }
    default: return false
    }
    return true
  }
}
