import FlowTensor

/// Looks for numbers that are no longer finite.
enum NumericsCheck {
  /// The first NaN or infinity in floating tensors.
  static func fault(in views: MutableTensorViews) -> RuntimeFault.Reason? {
    for index in 0..<views.count {
      if let reason = fault(in: views[index]) { return reason }
    }
    return nil
  }

  private static func fault(in view: MutableTensorView) -> RuntimeFault.Reason? {
    switch view.dtype {
    case .f64: first(view.elements(Double.self)) { $0.isFinite }
    case .f32: first(view.elements(Float.self)) { $0.isFinite }
    case .f16: first(view.elements(Half.self)) { $0.doubleValue.isFinite }
    case .bf16: first(view.elements(BFloat16.self)) { $0.doubleValue.isFinite }
    case .i64, .i32, .i16, .i8, .u8, .bool: nil
    }
  }

  private static func first<Element: TensorElement>(
    _ elements: UnsafeMutableBufferPointer<Element>, _ isFinite: (Element) -> Bool
  ) -> RuntimeFault.Reason? {
    guard let index = elements.firstIndex(where: { !isFinite($0) }) else { return nil }
    return .notFinite(value: text(elements[index].doubleValue), index: index)
  }

  private static func text(_ value: Double) -> String { value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
}
