package import FlowTensor

/// Conversion between dtypes.
///
/// Floating to whole truncates toward zero and saturates, NaN gives 0; whole to whole wraps; to boolean is "not zero".
///
/// SAFETY: both addresses come from views of equal counts, and `range` lies within them.
package enum Cast {
  package static func run(_ range: Range<Int>, _ input: TensorView, into output: MutableTensorView) {
    let x = LoopOperand(input.address + range.lowerBound * input.dtype.byteCount)
    run(x, input.dtype, into: output.address + range.lowerBound * output.dtype.byteCount, output.dtype, range.count)
  }

  /// Converts consecutive elements; or one, for all of the result, where the operand's step is 0.
  static func run(
    _ x: LoopOperand, _ source: DType, into y: UnsafeMutableRawPointer, _ target: DType, _ count: Int
  ) {
    switch source {
    case .f64: fromFloating(Double.self, x, y, target, count)
    case .f32 where target == .f16: narrowed(x, y, to: Half.self, count)
    case .f32 where target == .bf16: narrowed(x, y, to: BFloat16.self, count)
    case .f32: fromFloating(Float.self, x, y, target, count)
    case .f16: fromStored(Half.self, x, y, target, count)
    case .bf16: fromStored(BFloat16.self, x, y, target, count)
    case .i64: fromWhole(Int64.self, x, y, target, count)
    case .i32: fromWhole(Int32.self, x, y, target, count)
    case .i16: fromWhole(Int16.self, x, y, target, count)
    case .i8: fromWhole(Int8.self, x, y, target, count)
    case .u8, .bool: fromWhole(UInt8.self, x, y, target, count)
    }
  }

  private static func fromFloating<Number: BinaryFloatingPoint & TensorElement>(
    _ type: Number.Type, _ x: LoopOperand, _ y: UnsafeMutableRawPointer, _ target: DType, _ count: Int
  ) {
    switch target {
    case .f64: loop(x, y, count) { (x: Number) in Double(x) }
    case .f32: loop(x, y, count) { (x: Number) in Float(x) }
    case .i64: loop(x, y, count) { (x: Number) in saturating(Int64.self, x) }
    case .i32: loop(x, y, count) { (x: Number) in saturating(Int32.self, x) }
    case .i16: loop(x, y, count) { (x: Number) in saturating(Int16.self, x) }
    case .i8: loop(x, y, count) { (x: Number) in saturating(Int8.self, x) }
    case .u8: loop(x, y, count) { (x: Number) in saturating(UInt8.self, x) }
    case .bool: loop(x, y, count) { (x: Number) -> UInt8 in x != 0 ? 1 : 0 }
    case .f16, .bf16: through(type, x, y, target, count)
    }
  }

  @inline(__always)
  private static func saturating<Number: BinaryFloatingPoint, Whole: FixedWidthInteger>(
    _ type: Whole.Type, _ x: Number
  ) -> Whole {
    guard x.magnitude < 0x1p63 else { return x.isNaN ? 0 : x < 0 ? .min : .max }
    return Whole(clamping: Int64(x))
  }

  private static func fromStored<Stored: StoredNumber>(
    _ type: Stored.Type, _ x: LoopOperand, _ y: UnsafeMutableRawPointer, _ target: DType, _ count: Int
  ) {
    if x.step == 1, target == .f32 {
      Stored.widen(x.address.assumingMemoryBound(to: Stored.self), y.assumingMemoryBound(to: Float.self), count)
    } else {
      through(type, x, y, target, count)
    }
  }

  private static func narrowed<Stored: StoredNumber>(
    _ x: LoopOperand, _ y: UnsafeMutableRawPointer, to type: Stored.Type, _ count: Int
  ) {
    if x.step == 1 {
      Stored.narrow(x.address.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Stored.self), count)
    } else {
      loop(x, y, count) { (x: Float) in Stored(converting: Double(x)) }
    }
  }

  private static func fromWhole<Number: FixedWidthInteger & TensorElement>(
    _ type: Number.Type, _ x: LoopOperand, _ y: UnsafeMutableRawPointer, _ target: DType, _ count: Int
  ) {
    switch target {
    case .f64: loop(x, y, count) { (x: Number) in Double(x) }
    case .f32: loop(x, y, count) { (x: Number) in Float(x) }
    case .i64: loop(x, y, count) { (x: Number) in Int64(truncatingIfNeeded: x) }
    case .i32: loop(x, y, count) { (x: Number) in Int32(truncatingIfNeeded: x) }
    case .i16: loop(x, y, count) { (x: Number) in Int16(truncatingIfNeeded: x) }
    case .i8: loop(x, y, count) { (x: Number) in Int8(truncatingIfNeeded: x) }
    case .u8: loop(x, y, count) { (x: Number) in UInt8(truncatingIfNeeded: x) }
    case .bool: loop(x, y, count) { (x: Number) -> UInt8 in x != 0 ? 1 : 0 }
    case .f16, .bf16: through(type, x, y, target, count)
    }
  }

  /// By way of double precision.
  private static func through<Number: TensorElement>(
    _ type: Number.Type, _ x: LoopOperand, _ y: UnsafeMutableRawPointer, _ target: DType, _ count: Int
  ) {
    func write<Result: TensorElement>(_ type: Result.Type) {
      loop(x, y, count) { (x: Number) in Result(converting: x.doubleValue) }
    }
    target.withElementType { write($0) }
  }
}
