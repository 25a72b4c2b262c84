import FlowTensor

/// Numbers as people and programs write them in text files.
enum NumberText {
  /// The longest number that is read, and the longest name of a column.
  static let maximumByteCount = 1_000

  /// The value nearest to what the text says; nil where it is no number, or one that the type cannot hold.
  ///
  /// - Parameter text: decimal, perhaps with fraction and exponent; or `nan`, `inf`, `infinity`, `true`, `false` in any case.
  static func parse<Element: TensorElement>(_ text: ArraySlice<UInt8>, as type: Element.Type) -> Element? {
    guard !text.isEmpty, text.count <= maximumByteCount else { return nil }
    let text = String(decoding: text, as: UTF8.self)
    switch type.dtype {
    case .f32: return decimal(text, as: Float.self) as? Element
    case .f64, .f16, .bf16: return decimal(text, as: Double.self).map(type.init(converting:))
    case .i64: return whole(text) as? Element
    case .i32, .i16, .i8, .u8:
      guard let value = whole(text).map(Double.init) else { return nil }
      let element = type.init(converting: value)
      return element.doubleValue == value ? element : nil
    case .bool: return boolean(text) as? Element
    }
  }

  /// A finite number written in digits must not become infinite.
  private static func decimal<Number: BinaryFloatingPoint & LosslessStringConvertible>(
    _ text: String, as type: Number.Type
  ) -> Number? {
    if text.utf8.allSatisfy({ isDigit($0) || ".eE+-".utf8.contains($0) }) {
      return Number(text).flatMap { $0.isFinite ? $0 : nil }
    }
    switch text.lowercased() {
    case "nan", "+nan", "-nan": return .nan
    case "inf", "+inf", "infinity", "+infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    case let text: return boolean(text).map { $0 ? 1 : 0 }
    }
  }

  /// `3`, and `3.0` too, as long as doubles count exactly.
  private static func whole(_ text: String) -> Int64? {
    if let value = Int64(text) { return value }
    guard let value = decimal(text, as: Double.self), value.magnitude <= 0x1p53 else { return nil }
    return Int64(exactly: value)
  }

  private static func boolean(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "1": true
    case "false", "0": false
    default: nil
    }
  }

  /// Each element, with enough digits to be read back to the same bits; `nan`, `inf` and `-inf` where not finite.
  static func all(of tensor: Tensor) -> [String] {
    func texts<Element: TensorElement>(_ type: Element.Type, _ text: (Element) -> String) -> [String] {
      (tensor.elements(of: type) ?? []).map(text)
    }
    return switch tensor.dtype {
    case .f64: texts(Double.self, of)
    case .f32: texts(Float.self, of)
    case .f16: texts(Half.self) { of(Float($0.doubleValue)) }
    case .bf16: texts(BFloat16.self) { of(Float($0.doubleValue)) }
    case .i64: texts(Int64.self, \.description)
    case .i32: texts(Int32.self, \.description)
    case .i16: texts(Int16.self, \.description)
    case .i8: texts(Int8.self, \.description)
    case .u8: texts(UInt8.self, \.description)
    case .bool: texts(Bool.self, \.description)
    }
  }

  /// The fewest digits that give the same number again.
  static func of<Number: BinaryFloatingPoint & CustomStringConvertible>(_ number: Number) -> String {
    number.isNaN ? "nan" : number.description
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
