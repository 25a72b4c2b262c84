import CVectorMath
package import FlowTensor

/// The loops of floating numbers: one table from opcode and dtype to a loop.
///
/// SAFETY: the table is indexed by an enumeration without payloads, whose value is one byte; loops are called under the
/// promises that their own caller made.
package enum VectorLoops {
  package typealias Unary = @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer?, Int) -> Void
  package typealias Binary =
    @convention(c) (UnsafeRawPointer?, Int, UnsafeRawPointer?, Int, UnsafeMutableRawPointer?, Int) -> Void

  private struct Entry: Sendable {
    var (unary, wideUnary): (Unary?, Unary?) = (nil, nil)
    var (binary, wideBinary): (Binary?, Binary?) = (nil, nil)
  }

  private static let table: [Entry] = {
    var table: [Entry] = []
    for opcode in ElementwiseOpcode.allCases {
      let loops = flow_find_loops(opcode.rawValue)
      table += Array(repeating: Entry(), count: max(0, index(opcode) + 1 - table.count))
      table[index(opcode)] = Entry(
        unary: loops.unary_f32, wideUnary: loops.unary_f64, binary: loops.binary_f32, wideBinary: loops.binary_f64)
    }
    return table
  }()

  private static func index(_ opcode: ElementwiseOpcode) -> Int { Int(unsafeBitCast(opcode, to: UInt8.self)) }

  /// The loop of a function of one operand; `dtype` is f32 or f64.
  package static func unary(_ opcode: ElementwiseOpcode, _ dtype: DType) -> Unary? {
    dtype == .f64 ? table[index(opcode)].wideUnary : table[index(opcode)].unary
  }

  /// The loop of a function of two operands; `dtype` is f32 or f64.
  package static func binary(_ opcode: ElementwiseOpcode, _ dtype: DType) -> Binary? {
    dtype == .f64 ? table[index(opcode)].wideBinary : table[index(opcode)].binary
  }

  /// A function of one number, in double precision; nil where it has no loop.
  package static func value(_ opcode: ElementwiseOpcode, _ x: Double) -> Double? {
    guard !opcode.isTest, let loop = unary(opcode, .f64) else { return nil }
    var y = 0.0
    withUnsafePointer(to: x) { x in withUnsafeMutablePointer(to: &y) { y in loop(x, y, 1) } }
    return y
  }

  static func run(
    _ opcode: ElementwiseOpcode, _ dtype: DType, _ x: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int
  ) -> Bool {
    guard let loop = unary(opcode, dtype) else { return false }
    if x.step == 1 {
      loop(x.address, y, count)
    } else if count > 0 {
      loop(x.address, y, 1)
      repeatFirst(y, opcode.isTest ? 1 : dtype.byteCount, count)
    }
    return true
  }

  static func run(
    _ opcode: ElementwiseOpcode, _ dtype: DType, _ a: LoopOperand, _ b: LoopOperand, _ y: UnsafeMutableRawPointer,
    _ count: Int
  ) -> Bool {
    guard let loop = binary(opcode, dtype) else { return false }
    loop(a.address, a.step, b.address, b.step, y, count)
    return true
  }

  private static func repeatFirst(_ y: UnsafeMutableRawPointer, _ byteCount: Int, _ count: Int) {
    for i in 1..<max(count, 1) { (y + i * byteCount).copyMemory(from: y, byteCount: byteCount) }
  }
}
