import FlowGraph
import FlowKernels
import FlowTensor

/// One number for all spatial axes, or one for each.
enum PerAxis<Number: AttributeConvertible & Hashable>: AttributeConvertible, Hashable {
  case all(Number)
  case each([Number])

  static var expectation: String { "\(Number.expectation), or a list of them" }

  init?(attributeValue: AttributeValue) {
    if let number = Number(attributeValue: attributeValue) {
      self = .all(number)
    } else {
      guard let numbers = [Number](attributeValue: attributeValue) else { return nil }
      self = .each(numbers)
    }
  }

  var attributeValue: AttributeValue {
    switch self {
    case .all(let number): number.attributeValue
    case .each(let numbers): numbers.attributeValue
    }
  }

  /// One for each of `count` axes; nil where a list has another length.
  func numbers(_ count: Int) -> [Number]? {
    switch self {
    case .all(let number): [Number](repeating: number, count: count)
    case .each(let numbers): numbers.count == count ? numbers : nil
    }
  }
}

/// What is put around an image: zeros, or for a maximum nothing.
enum Padding: AttributeConvertible, Hashable {
  /// As much as gives one window for each `stride` entries; of an odd number the larger half behind.
  case same
  /// None.
  case valid
  /// On both sides: one number, one for each axis, or all that are in front and then all that are behind.
  case numbers(PerAxis<Int>)

  static var expectation: String { "a whole number, a list of them, \"same\" or \"valid\"" }

  init?(attributeValue: AttributeValue) {
    switch attributeValue {
    case .string("same"): self = .same
    case .string("valid"): self = .valid
    default:
      guard let numbers = PerAxis<Int>(attributeValue: attributeValue) else { return nil }
      self = .numbers(numbers)
    }
  }

  var attributeValue: AttributeValue {
    switch self {
    case .same: .string("same")
    case .valid: .string("valid")
    case .numbers(let numbers): numbers.attributeValue
    }
  }

  /// In front of and behind each of `count` axes; nil where a list has another length.
  func sides(_ count: Int) -> [(before: Int, after: Int)]? {
    switch self {
    case .same: nil
    case .valid: [(Int, Int)](repeating: (0, 0), count: count)
    case .numbers(let numbers):
      if let both = numbers.numbers(count) {
        both.map { ($0, $0) }
      } else if let all = numbers.numbers(2 * count) {
        Array(zip(all[..<count], all[count...]))
      } else {
        nil
      }
    }
  }
}

/// How windows are laid over the spatial axes of an image.
struct WindowSettings {
  var stride = PerAxis.all(1)
  var padding = Padding.numbers(.all(0))
  var dilation = PerAxis.all(1)

  /// One spatial axis, with sizes that may not be known yet.
  struct Axis {
    let (stride, dilation): (Int, Int)
    /// nil for `same`.
    let padding: (before: Int, after: Int)?
  }

  /// The settings of each of `count` axes.
  func axes(_ count: Int, _ operation: String) throws(OperationError) -> [Axis] {
    let strides = try checked(stride, count, "stride", from: 1, operation)
    let dilations = try checked(dilation, count, "dilation", from: 1, operation)
    guard padding != .same else { return zip(strides, dilations).map { Axis(stride: $0, dilation: $1, padding: nil) } }
    guard let sides = padding.sides(count) else {
      throw .badAttribute("padding", "\(operation): a padding for each of \(count) spatial axes, or two for each")
    }
    guard sides.allSatisfy({ Self.fits($0.before, from: 0) && Self.fits($0.after, from: 0) }) else {
      throw .badAttribute("padding", "\(operation): a padding is from 0 to \(Int32.max)")
    }
    return zip(zip(strides, dilations), sides).map { Axis(stride: $0.0, dilation: $0.1, padding: $1) }
  }

  private func checked(
    _ value: PerAxis<Int>, _ count: Int, _ name: String, from least: Int, _ operation: String
  ) throws(OperationError) -> [Int] {
    guard let numbers = value.numbers(count) else {
      throw .badAttribute(name, "\(operation): a \(name) for each of \(count) spatial axes")
    }
    guard numbers.allSatisfy({ Self.fits($0, from: least) }) else {
      throw .badAttribute(name, "\(operation): a \(name) is from \(least) to \(Int32.max)")
    }
    return numbers
  }

  /// What arithmetic on sizes stays exact with.
  private static func fits(_ number: Int, from least: Int) -> Bool { number >= least && number <= Int(Int32.max) }
}

extension WindowSettings.Axis {
  /// The length that a window of `window` entries covers.
  func span(_ window: Dimension) throws(SizeOverflow) -> Dimension {
    try window.subtracting(1).multiplied(by: Dimension(dilation)).adding(1)
  }

  /// How many windows fit; nil where not one does.
  func windows(_ input: Dimension, _ window: Dimension) throws(SizeOverflow) -> Dimension? {
    guard let padding else {
      return rounded(input.size == nil ? input : try input.adding(Dimension(stride - 1)))
    }
    let room = try input.adding(Dimension(padding.before + padding.after)).subtracting(span(window))
    if let size = room.size, size < 0 { return nil }
    let steps = rounded(room)
    return steps == .unknown ? .unknown : try steps.adding(1)
  }

  /// With sizes that are known.
  func known(_ input: Int, _ window: Int, _ output: Int) throws(SizeOverflow) -> WindowAxis {
    var before = padding?.before ?? 0
    if padding == nil, output > 0, let span = try span(Dimension(window)).size {
      let covered = try Dimension(output - 1).multiplied(by: Dimension(stride)).adding(Dimension(span))
      before = max(0, (covered.size ?? 0) - input) / 2
    }
    return WindowAxis(
      input: input, window: window, output: output, stride: stride, dilation: dilation, before: before)
  }

  /// Divided by the stride, without the remainder.
  private func rounded(_ dimension: Dimension) -> Dimension {
    if let size = dimension.size { return Dimension(size / stride) }
    return dimension.divided(by: Dimension(stride)) ?? .unknown
  }
}

/// The axes of images and windows, matched.
struct WindowLayout {
  let axes: [WindowSettings.Axis]
  let images: Shape
  let windows: Shape
  /// How many windows there are along each axis.
  let outputs: Shape

  /// - Parameters:
  ///   - images: the spatial axes alone; as many as `windows`.
  ///   - operands: what a message calls the shapes.
  init(
    _ settings: WindowSettings, images: Shape, windows: Shape, _ operation: String, _ operands: String
  ) throws(OperationError) {
    axes = try settings.axes(images.rank, operation)
    (self.images, self.windows) = (images, windows)
    guard windows.allSatisfy({ ($0.size ?? 1) >= 1 }) else {
      throw .shapeMismatch("\(operation): a window has entries along each axis: \(operands)")
    }
    var outputs: [Dimension] = []
    for (axis, pair) in zip(axes, zip(images, windows)) {
      outputs.append(try Self.fitting(axis, pair.0, pair.1, operation, operands))
    }
    self.outputs = Shape(outputs)
  }

  /// The layout with sizes that are known.
  ///
  /// - Returns: nil where they are not.
  func geometry(_ operation: String) throws(OperationError) -> WindowGeometry? {
    guard let inputs = images.sizes, let sizes = windows.sizes, let counts = outputs.sizes else { return nil }
    var known: [WindowAxis] = []
    for (index, axis) in axes.enumerated() {
      do {
        known.append(try axis.known(inputs[index], sizes[index], counts[index]))
      } catch {
        throw .sizeOverflow
      }
    }
    guard let geometry = WindowGeometry(known) else {
      throw OperationError(.limit, "\(operation): more than \(Int32.max) entries in a channel of \(images)")
    }
    return geometry
  }

  private static func fitting(
    _ axis: WindowSettings.Axis, _ input: Dimension, _ window: Dimension, _ operation: String, _ operands: String
  ) throws(OperationError) -> Dimension {
    do {
      if let windows = try axis.windows(input, window) { return windows }
      let padded = try input.adding(Dimension((axis.padding?.before ?? 0) + (axis.padding?.after ?? 0)))
      throw OperationError.shapeMismatch(
        "\(operation): a window over \(try axis.span(window)) does not fit in \(padded) entries: \(operands)")
    } catch let error as OperationError {
      throw error
    } catch {
      throw .sizeOverflow
    }
  }
}
