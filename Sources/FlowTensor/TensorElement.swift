/// A Swift type that is the element of a tensor.
public protocol TensorElement: Sendable, BitwiseCopyable {
  static var dtype: DType { get }
  /// The nearest value; whole numbers truncate toward zero and saturate, NaN becomes 0; a boolean is whether it is not zero.
  init(converting value: Double)
  var doubleValue: Double { get }
}

extension TensorElement where Self: BinaryInteger & FixedWidthInteger {
  public init(converting value: Double) {
    if let exact = Self(exactly: value.rounded(.towardZero)) {
      self = exact
    } else {
      self = value.isNaN ? 0 : value < 0 ? .min : .max
    }
  }
  public var doubleValue: Double { Double(self) }
}

extension Double: TensorElement {
  public static var dtype: DType { .f64 }
  public init(converting value: Double) { self = value }
  public var doubleValue: Double { self }
}

extension Float: TensorElement {
  public static var dtype: DType { .f32 }
  public init(converting value: Double) { self = Float(value) }
  public var doubleValue: Double { Double(self) }
}

extension Int64: TensorElement { public static var dtype: DType { .i64 } }
extension Int32: TensorElement { public static var dtype: DType { .i32 } }
extension Int16: TensorElement { public static var dtype: DType { .i16 } }
extension Int8: TensorElement { public static var dtype: DType { .i8 } }
extension UInt8: TensorElement { public static var dtype: DType { .u8 } }

extension Bool: TensorElement {
  public static var dtype: DType { .bool }
  public init(converting value: Double) { self = value != 0 }
  public var doubleValue: Double { self ? 1 : 0 }
}

/// IEEE 754 half precision: 5 bits of exponent, 10 of fraction. A storage type.
public struct Half: TensorElement, Hashable {
  public var bits: UInt16
  public init(bits: UInt16) { self.bits = bits }
  public static var dtype: DType { .f16 }
  public init(converting value: Double) { bits = UInt16(truncatingIfNeeded: value.packed(exponent: 5, fraction: 10)) }
  public var doubleValue: Double { Double(packed: UInt64(bits), exponent: 5, fraction: 10) }
}

/// The upper half of single precision: 8 bits of exponent, 7 of fraction. A storage type.
public struct BFloat16: TensorElement, Hashable {
  public var bits: UInt16
  public init(bits: UInt16) { self.bits = bits }
  public static var dtype: DType { .bf16 }
  public init(converting value: Double) { bits = UInt16(truncatingIfNeeded: value.packed(exponent: 8, fraction: 7)) }
  public var doubleValue: Double { Double(Float(bitPattern: UInt32(bits) << 16)) }
}

extension Double {
  /// The bits of the nearest value, ties to even, of an IEEE format with fewer bits.
  fileprivate func packed(exponent exponentBits: Int, fraction fractionBits: Int) -> UInt64 {
    let sign: UInt64 = self.sign == .minus ? 1 << UInt64(exponentBits + fractionBits) : 0
    let infinity = ((1 << UInt64(exponentBits)) - 1) << UInt64(fractionBits) as UInt64
    if isNaN { return sign | infinity | (1 << UInt64(fractionBits - 1)) }
    if isInfinite { return sign | infinity }
    if self == 0 { return sign }
    let bias = (1 << (exponentBits - 1)) - 1
    let scale = Swift.max(Int(self.exponent), 1 - bias)
    // The significand in units of the last place, which rounding makes whole: exact, for only the exponent changes before.
    let units = UInt64(
      Double(sign: .plus, exponent: fractionBits - scale, significand: magnitude).rounded(.toNearestOrEven))
    let packed = UInt64(scale + bias - 1) << UInt64(fractionBits) + units
    return sign | Swift.min(scale > bias ? infinity : packed, infinity)
  }

  fileprivate init(packed bits: UInt64, exponent exponentBits: Int, fraction fractionBits: Int) {
    let fraction = bits & ((1 << UInt64(fractionBits)) - 1)
    let field = Int((bits >> UInt64(fractionBits)) & ((1 << UInt64(exponentBits)) - 1))
    let sign: FloatingPointSign = bits >> UInt64(exponentBits + fractionBits) == 0 ? .plus : .minus
    if field == (1 << exponentBits) - 1 {
      self = fraction != 0 ? .nan : Double(sign: sign, exponent: 0, significand: .infinity)
      return
    }
    let bias = (1 << (exponentBits - 1)) - 1
    let units = field == 0 ? fraction : fraction + (1 << UInt64(fractionBits))
    self = Double(sign: sign, exponent: Swift.max(field, 1) - bias - fractionBits, significand: Double(units))
  }
}
