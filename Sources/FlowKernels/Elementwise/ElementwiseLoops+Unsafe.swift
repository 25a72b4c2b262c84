package import FlowTensor

/// One element-wise function over consecutive elements: where opcode and dtype are dispatched.
///
/// SAFETY: the caller promises that operands are valid for `count` elements (one, where the step is 0), that the result is,
/// and that the result lies at an operand's address or apart from all.
package enum ElementwiseLoops {
  package static func unary(
    _ opcode: ElementwiseOpcode, _ dtype: DType, _ x: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int
  ) {
    let isKnown =
      switch dtype {
      case .f64, .f32: VectorLoops.run(opcode, dtype, x, y, count)
      case .i64: IntegerLoops<Int64>.unary(opcode, x, y, count)
      case .i32: IntegerLoops<Int32>.unary(opcode, x, y, count)
      case .i16: IntegerLoops<Int16>.unary(opcode, x, y, count)
      case .i8: IntegerLoops<Int8>.unary(opcode, x, y, count)
      case .u8: IntegerLoops<UInt8>.unary(opcode, x, y, count)
      case .bool: BooleanLoops.unary(opcode, x, y, count)
      case .f16: StorageLoops<Half>.unary(opcode, x, y, count)
      case .bf16: StorageLoops<BFloat16>.unary(opcode, x, y, count)
      }
    precondition(isKnown, "no loop for \(opcode) of \(dtype)")
  }

  package static func binary(
    _ opcode: ElementwiseOpcode, _ dtype: DType, _ a: LoopOperand, _ b: LoopOperand, _ y: UnsafeMutableRawPointer,
    _ count: Int
  ) throws(KernelFault) {
    let isKnown =
      switch dtype {
      case .f64, .f32: VectorLoops.run(opcode, dtype, a, b, y, count)
      case .i64: try IntegerLoops<Int64>.binary(opcode, a, b, y, count)
      case .i32: try IntegerLoops<Int32>.binary(opcode, a, b, y, count)
      case .i16: try IntegerLoops<Int16>.binary(opcode, a, b, y, count)
      case .i8: try IntegerLoops<Int8>.binary(opcode, a, b, y, count)
      case .u8: try IntegerLoops<UInt8>.binary(opcode, a, b, y, count)
      case .bool: BooleanLoops.binary(opcode, a, b, y, count)
      case .f16: StorageLoops<Half>.binary(opcode, a, b, y, count)
      case .bf16: StorageLoops<BFloat16>.binary(opcode, a, b, y, count)
      }
    precondition(isKnown, "no loop for \(opcode) of \(dtype)")
  }

  /// `where`: any dtype, for it only moves numbers.
  package static func ternary(
    _ dtype: DType, _ condition: LoopOperand, _ a: LoopOperand, _ b: LoopOperand, _ y: UnsafeMutableRawPointer,
    _ count: Int
  ) {
    switch dtype.byteCount {
    case 8: select(UInt64.self, condition, a, b, y, count)
    case 4: select(UInt32.self, condition, a, b, y, count)
    case 2: select(UInt16.self, condition, a, b, y, count)
    default: select(UInt8.self, condition, a, b, y, count)
    }
  }
}
