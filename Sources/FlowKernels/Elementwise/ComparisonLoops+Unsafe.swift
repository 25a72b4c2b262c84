import FlowTensor

/// Comparisons, which write a byte: 1 where they hold.
///
/// SAFETY: as `IntegerLoops`.
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
