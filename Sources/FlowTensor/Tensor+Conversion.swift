extension DType {
  /// Calls `body` with the Swift type of this dtype's elements.
  package func withElementType<Result, Failure: Error>(
    _ body: (any TensorElement.Type) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch self {
    case .f64: try body(Double.self)
    case .f32: try body(Float.self)
    case .f16: try body(Half.self)
    case .bf16: try body(BFloat16.self)
    case .i64: try body(Int64.self)
    case .i32: try body(Int32.self)
    case .i16: try body(Int16.self)
    case .i8: try body(Int8.self)
    case .u8: try body(UInt8.self)
    case .bool: try body(Bool.self)
    }
  }
}

extension Tensor {
  /// Makes a tensor by rounding `values` to `dtype`.
  ///
  /// - Precondition: `sizes` multiply to the number of values.
  public init(_ values: [Double], _ sizes: [Int], as dtype: DType) {
    func make<Element: TensorElement>(_ type: Element.Type) -> Tensor {
      Tensor(values.map(Element.init(converting:)), sizes)
    }
    self = dtype.withElementType { make($0) }
  }

  /// The number that all elements hold, bit for bit; nil where they differ, where there are none, and for whole numbers
  /// beyond 2⁵³.
  package var uniformNumber: Double? {
    let width = dtype.byteCount
    guard count > 0 else { return nil }
    let isUniform = withUnsafeBytes { bytes in
      (width..<max(bytes.count, width)).allSatisfy { bytes[$0] == bytes[$0 - width] }
    }
    guard isUniform else { return nil }
    let first = Tensor(dtype, []) { target in
      withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<width])) }
    }
    let number = first.doubles[0]
    return dtype == .i64 && abs(number) > 0x1p53 ? nil : number
  }

  /// All elements as doubles; whole numbers beyond 2⁵³ round.
  public var doubles: [Double] {
    func read<Element: TensorElement>(_ type: Element.Type) -> [Double] {
      (elements(of: type) ?? []).map(\.doubleValue)
    }
    return dtype.withElementType { read($0) }
  }

  /// The elements as whole numbers; nil where the dtype is floating.
  public var wholeNumbers: [Int64]? {
    switch dtype {
    case .i64: elements(of: Int64.self)
    case .i32, .i16, .i8, .u8, .bool: doubles.map { Int64($0) }
    case .f64, .f32, .f16, .bf16: nil
    }
  }

  /// The same values in another dtype; nil where a whole number does not fit, or a fraction would be lost to an integer.
  public func converted(to target: DType) -> Tensor? {
    if target == dtype { return self }
    switch target {
    case .i64: return exactly(Int64.self)
    case .i32: return exactly(Int32.self)
    case .i16: return exactly(Int16.self)
    case .i8: return exactly(Int8.self)
    case .u8: return exactly(UInt8.self)
    case .bool:
      let result = Tensor(doubles, sizes, as: .bool)
      return result.doubles == doubles ? result : nil
    case .f64, .f32, .f16, .bf16: return Tensor(doubles, sizes, as: target)
    }
  }

  private func exactly<Element: TensorElement & FixedWidthInteger>(_ type: Element.Type) -> Tensor? {
    let elements = wholeNumbers.map { $0.compactMap(type.init(exactly:)) } ?? doubles.compactMap(type.init(exactly:))
    return elements.count == count ? Tensor(elements, sizes) : nil
  }
}
