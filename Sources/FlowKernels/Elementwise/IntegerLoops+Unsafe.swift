import FlowTensor

/// The element-wise functions of whole numbers, which wrap.
///
/// SAFETY: these pass addresses on to `loop`, under the promises that their own caller made.
enum IntegerLoops<Number: FixedWidthInteger> {
  static func unary(_ opcode: ElementwiseOpcode, _ x: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int) -> Bool {
    switch opcode {
    case .identity, .floor, .ceil, .round, .trunc: loop(x, y, count) { (x: Number) in x }
    case .neg: loop(x, y, count) { (x: Number) in 0 &- x }
    case .abs: loop(x, y, count) { (x: Number) in x < 0 ? 0 &- x : x }
    case .sign: loop(x, y, count) { (x: Number) -> Number in x > 0 ? 1 : x == 0 ? 0 : 0 &- 1 }
    case .square: loop(x, y, count) { (x: Number) in x &* x }
    case .relu: loop(x, y, count) { (x: Number) -> Number in x > 0 ? x : 0 }
    default: return false
    }
    return true
  }

  static func binary(
    _ opcode: ElementwiseOpcode, _ a: LoopOperand, _ b: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int
  ) throws(KernelFault) -> Bool {
    switch opcode {
    case .add: loop(a, b, y, count) { (a: Number, b: Number) in a &+ b }
    case .sub: loop(a, b, y, count) { (a: Number, b: Number) in a &- b }
    case .mul: loop(a, b, y, count) { (a: Number, b: Number) in a &* b }
    case .maximum: loop(a, b, y, count) { (a: Number, b: Number) in a >= b ? a : b }
    case .minimum: loop(a, b, y, count) { (a: Number, b: Number) in a <= b ? a : b }
    case .floorDiv: try divide(a, b, y, count) { quotient, _ in quotient }
    case .mod: try divide(a, b, y, count) { _, rest in rest }
    case .pow: try power(a, b, y, count)
    default: return ComparisonLoops<Number>.binary(opcode, a, b, y, count)
    }
    return true
  }

  /// Writes what `part` takes of the quotient, rounded down, and the remainder, which has the divisor's sign.
  @inline(__always)
  private static func divide(
    _ a: LoopOperand, _ b: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int, _ part: (Number, Number) -> Number
  ) throws(KernelFault) {
    var hasZero = false
    loop(a, b, y, count) { (a: Number, b: Number) -> Number in
      guard b != 0 else {
        hasZero = true
        return 0
      }
      let quotient = a.dividedReportingOverflow(by: b).partialValue
      let rest = a &- quotient &* b
      let isBelow = rest != 0 && (rest < 0) != (b < 0)
      return isBelow ? part(quotient &- 1, rest &+ b) : part(quotient, rest)
    }
    if hasZero { throw .divisionByZero }
  }

  private static func power(
    _ a: LoopOperand, _ b: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int
  ) throws(KernelFault) {
    var hasNegative = false
    loop(a, b, y, count) { (a: Number, b: Number) -> Number in
      if b < 0 { hasNegative = true }
      var (result, base, rest) = (1 as Number, a, b)
      while rest > 0 {
        if rest & 1 == 1 { result = result &* base }
        base = base &* base
        rest >>= 1
      }
      return result
    }
    if hasNegative { throw .negativePower }
  }
}

/// The element-wise functions of booleans, each a byte of 0 or 1.
///
/// SAFETY: as `IntegerLoops`.
enum BooleanLoops {
  static func unary(_ opcode: ElementwiseOpcode, _ x: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int) -> Bool {
    switch opcode {
    case .identity: loop(x, y, count) { (x: UInt8) in x }
    case .not: loop(x, y, count) { (x: UInt8) in x ^ 1 }
    default: return false
    }
    return true
  }

  static func binary(
    _ opcode: ElementwiseOpcode, _ a: LoopOperand, _ b: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int
  ) -> Bool {
    switch opcode {
    case .and: loop(a, b, y, count) { (a: UInt8, b: UInt8) in a & b }
    case .or: loop(a, b, y, count) { (a: UInt8, b: UInt8) in a | b }
    case .equal: loop(a, b, y, count) { (a: UInt8, b: UInt8) in a ^ b ^ 1 }
    case .notEqual, .xor: loop(a, b, y, count) { (a: UInt8, b: UInt8) in a ^ b }
    default: return false
    }
    return true
  }
}
