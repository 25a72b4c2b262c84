/// The element type of a tensor.
public enum DType: String, Sendable, CaseIterable, Hashable {
  case f64, f32, f16, bf16, i64, i32, i16, i8, u8, bool

  /// The size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .f64, .i64: 8
    case .f32, .i32: 4
    case .f16, .bf16, .i16: 2
    case .i8, .u8, .bool: 1
    }
  }

  public var isFloating: Bool {
    switch self {
    case .f64, .f32, .f16, .bf16: true
    case .i64, .i32, .i16, .i8, .u8, .bool: false
    }
  }

  /// A whole number; `bool` is none.
  public var isInteger: Bool {
    switch self {
    case .i64, .i32, .i16, .i8, .u8: true
    case .f64, .f32, .f16, .bf16, .bool: false
    }
  }
}
