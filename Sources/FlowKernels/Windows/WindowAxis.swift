/// How windows lie along one axis of an image.
package struct WindowAxis: Hashable, Sendable {
  /// The entries of the image.
  package let input: Int
  /// The entries of a window.
  package let window: Int
  /// The number of windows.
  package let output: Int
  /// From one window to the next.
  package let stride: Int
  /// From one entry of a window to the next.
  package let dilation: Int
  /// The padding in front of the image.
  package let before: Int

  package init(input: Int, window: Int, output: Int, stride: Int, dilation: Int, before: Int) {
    (self.input, self.window, self.output) = (input, window, output)
    (self.stride, self.dilation, self.before) = (stride, dilation, before)
  }

  /// An axis that is not there.
  static let none = WindowAxis(input: 1, window: 1, output: 1, stride: 1, dilation: 1, before: 0)

  /// Where entry `offset` of window 0 lies in the image; negative in the padding.
  func start(_ offset: Int) -> Int { offset * dilation - before }

  /// The windows whose entry `offset` lies within the image.
  func windows(reaching offset: Int) -> Range<Int> {
    let start = start(offset)
    let first = start >= 0 ? 0 : (-start + stride - 1) / stride
    let end = start >= input ? 0 : (input - 1 - start) / stride + 1
    return min(first, output)..<max(min(first, output), min(end, output))
  }

  /// The entries of the image that a window without gaps covers.
  func entries(ofWindow index: Int) -> Range<Int> {
    let start = index * stride - before
    let first = max(start, 0)
    return first..<max(first, min(start + window, input))
  }
}

/// Windows over one to three axes, as three: axes that are not there have size 1.
package struct WindowGeometry: Hashable, Sendable {
  package let axes: [WindowAxis]
  /// The entries of one channel of an image, the windows over it, and the entries of a window.
  package let (input, output, window): (Int, Int, Int)

  /// - Returns: nil where a count of entries does not fit in 32 bits.
  package init?(_ axes: [WindowAxis]) {
    guard let input = Self.product(axes.map(\.input)), let output = Self.product(axes.map(\.output)),
      let window = Self.product(axes.map(\.window))
    else { return nil }
    self.axes = [WindowAxis](repeating: .none, count: 3 - axes.count) + axes
    (self.input, self.output, self.window) = (input, output, window)
  }

  /// The product, where it fits in 32 bits, which the library and positions count in.
  static func product(_ factors: [Int]) -> Int? {
    var product = 1
    for factor in factors {
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      guard !overflow else { return nil }
      product = next
    }
    return product <= Int(Int32.max) ? product : nil
  }
}
