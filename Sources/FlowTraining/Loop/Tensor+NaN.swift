import FlowTensor

extension Tensor {
  /// Whether an element is not a number.
  var hasNaN: Bool {
    switch dtype {
    case .f64: elements(of: Double.self)?.contains(where: \.isNaN) ?? false
    case .f32: elements(of: Float.self)?.contains(where: \.isNaN) ?? false
    case .f16, .bf16: doubles.contains(where: \.isNaN)
    case .i64, .i32, .i16, .i8, .u8, .bool: false
    }
  }
}
