import FlowTensor

/// NumPy's names of element types.
extension StoredType {
  /// - Parameter code: byte order, kind and size, as in `<f4`.
  init(npy code: String) throws(NPYHeader.Failure) {
    let order = code.first.flatMap { "<>=|".contains($0) ? $0 : nil }
    let kind = order == nil ? code[...] : code.dropFirst()
    guard let (dtype, width) = Self.kinds[kind] else { throw NPYHeader.Failure(reason: Self.refusal(of: kind, code)) }
    self.init(dtype, width: width, isWidened: kind.hasPrefix("u") && width > 1, isBigEndian: order == ">")
  }

  private static let kinds: [Substring: (DType, Int)] = [
    "f8": (.f64, 8), "f4": (.f32, 4), "f2": (.f16, 2), "i8": (.i64, 8), "i4": (.i32, 4), "i2": (.i16, 2),
    "i1": (.i8, 1), "u1": (.u8, 1), "b1": (.bool, 1), "?": (.bool, 1), "u2": (.i32, 2), "u4": (.i64, 4),
    "u8": (.i64, 8),
  ]

  private static func refusal(of kind: Substring, _ code: String) -> String {
    switch kind.first {
    case "O": "Python objects have no dtype"
    case "S", "U", "a": "text has no dtype"
    case "c": "complex numbers have no dtype"
    case "M", "m": "times have no dtype"
    default: "its element type '\(code)' is not known"
    }
  }
}

extension DType {
  /// NumPy's name of a dtype; nil where it has none.
  var npyCode: String? {
    switch self {
    case .f64: "<f8"
    case .f32: "<f4"
    case .f16: "<f2"
    case .bf16: nil
    case .i64: "<i8"
    case .i32: "<i4"
    case .i16: "<i2"
    case .i8: "|i1"
    case .u8: "|u1"
    case .bool: "|b1"
    }
  }
}
