package import FlowTensor

/// Fills a tensor with random numbers.
///
/// SAFETY: `range` lies within the view; each block writes a range of its own.
package enum RandomKernels {
  package static func fill(
    _ range: Range<Int>, _ distribution: Distribution, _ random: Philox, into output: MutableTensorView
  ) {
    guard case .uniform(_, let high) = distribution, output.dtype == .f32 else {
      return output.write(range) { distribution.number($0, random) }
    }
    // Rounding to single precision must not reach the bound.
    let limit = Float(high)
    let elements = output.elements(Float.self)
    for index in range {
      let number = Float(distribution.number(index, random))
      elements[index] = number < limit ? number : limit.nextDown
    }
  }

  /// Whole numbers from `low` up to, but not including, `high`.
  package static func fillWholes(
    _ range: Range<Int>, low: Int, high: Int, _ random: Philox, into output: MutableTensorView
  ) {
    let bound = UInt64(bitPattern: Int64(high &- low))
    func write<Element: FixedWidthInteger & TensorElement>(_ type: Element.Type) {
      let elements = output.elements(type)
      for index in range {
        elements[index] = Element(
          truncatingIfNeeded: Int64(low) &+ Int64(bitPattern: random.whole(below: bound, index)))
      }
    }
    switch output.dtype {
    case .i64: write(Int64.self)
    case .i32: write(Int32.self)
    case .i16: write(Int16.self)
    case .i8: write(Int8.self)
    case .u8: write(UInt8.self)
    case .f64, .f32, .f16, .bf16, .bool:
      output.write(range) { Double(Int64(low) &+ Int64(bitPattern: random.whole(below: bound, $0))) }
    }
  }
}
