import FlowGraph
import FlowKernels
import FlowTensor

/// An operation on windows of each channel, without filters.
protocol PoolingOperation: PreparedOperation {
  var settings: PoolingSettings { get set }
}

/// What pooling and its gradients are told alike.
struct PoolingSettings {
  var size = PerAxis<Dimension>.each([])
  /// That of 'size' where left out.
  var stride: PerAxis<Int>?
  var padding = Padding.numbers(.all(0))

  /// The settings as attributes of another operation of the family.
  var attributeValues: [String: AttributeValue] {
    ["size": size.attributeValue, "stride": stride.attributeValue, "padding": padding.attributeValue]
  }
}

extension PoolingOperation {
  /// How windows lie over images of this shape, each with an entry of the image at least.
  func layout(_ x: Shape) throws(OperationError) -> WindowLayout {
    guard (3...5).contains(x.rank) else {
      throw .shapeMismatch("\(Self.name): takes images of 1 to 3 spatial axes, not \(x)", help: "as [n, c, h, w]")
    }
    guard let windows = settings.size.numbers(x.rank - 2) else {
      throw .badAttribute("size", "\(Self.name): a size for each of \(x.rank - 2) spatial axes")
    }
    let padding = settings.padding
    let shared = WindowSettings(stride: try strides(windows), padding: padding)
    let layout = try WindowLayout(
      shared, images: x.spatial, windows: Shape(windows), Self.name, "windows \(Shape(windows)) over images \(x)")
    for (axis, window) in zip(layout.axes, windows) {
      guard let sides = axis.padding, let size = window.size, max(sides.before, sides.after) >= size else { continue }
      throw .badAttribute(
        "padding", "\(Self.name): a padding is below the window's size \(size), not \(max(sides.before, sides.after))")
    }
    guard !x.spatial.contains(where: { $0.size == 0 }) else {
      throw .shapeMismatch("\(Self.name): there is nothing in windows over \(x)")
    }
    return layout
  }

  func result(_ x: Shape) throws(OperationError) -> Shape {
    Shape(x.dimensions.prefix(2) + (try layout(x)).outputs.dimensions)
  }

  /// - Parameter x: the images, given or to be computed.
  func pooling(_ x: TensorType, _ task: Pooling.Task) throws(OperationError) -> Pooling {
    let sizes = try x.knownSizes()
    guard let geometry = try layout(x.shape).geometry(Self.name) else {
      throw .shapeMismatch("the size of \(x) is not known yet")
    }
    return Pooling(geometry, planes: sizes[0] * sizes[1], task)
  }

  /// - Parameter x: as `pooling`.
  func kernel(_ inputs: [TensorType], _ x: TensorType, _ task: Pooling.Task) throws(OperationError) -> any Kernel {
    let outputs = try infer(inputs)
    let kernel = try pooling(x, task)
    return try Self.singlePrecision(inputs, outputs) { _ in
      BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs in
        kernel.run(block: block, inputs[0], into: outputs[0])
      }
    }
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    try batch.addingImages(self)
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    let windows = settings.size.numbers(max(inputs[0].shape.rank - 2, 0)) ?? []
    guard let entries = try? Shape(windows).elementCount().size,
      let count = try? (outputs + inputs).map({ try $0.shape.elementCount().size ?? 0 }).min()
    else { return 0 }
    let (flops, overflow) = count.multipliedReportingOverflow(by: entries)
    return overflow ? .max : flops
  }

  private func strides(_ windows: [Dimension]) throws(OperationError) -> PerAxis<Int> {
    if let stride = settings.stride { return stride }
    let sizes = windows.compactMap(\.size)
    guard sizes.count == windows.count else {
      // One window at most, as long as the axis.
      return .all(Int(Int32.max))
    }
    return .each(sizes.map { max($0, 1) })
  }
}

/// The attributes that every operation of the family has.
func poolingAttributes<Owner: PoolingOperation>(of owner: Owner.Type) -> [Attribute<Owner>] {
  [
    Attribute("size", \.settings.size, required: true, "the entries of a window, along all axes or each"),
    Attribute("stride", \.settings.stride, "the distance between windows; their size where left out"),
    Attribute("padding", \.settings.padding, paddingHelp),
  ]
}

/// Largest number of each window.
struct MaximumPool: PoolingOperation {
  static let name = "max_pool"
  static let signature: Signature = "x -> y"
  static let attributes = poolingAttributes(of: Self.self)
  static let manual = Manual(
    "Largest number of each window of each channel; padding is never the largest; NaN where there is one.",
    shapes:
      "x [n, c, h, w] → y [n, c, h′, w′], h′ = (h + padding in front and behind - size) / stride + 1, rounded down",
    gradient: "x̄ = ȳ at the first largest number of each window")

  var settings = PoolingSettings()

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectFloating(inputs[0])
    return [TensorType(inputs[0].dtype, try result(inputs[0].shape))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel { try kernel(inputs, inputs[0], .maximum) }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(call.inputs[0].combined("max_pool_gradient", gradients[0], settings.attributeValues))]
  }
}

/// What the largest numbers of windows say of all numbers.
struct MaximumPoolGradient: PoolingOperation {
  static let name = "max_pool_gradient"
  static let signature: Signature = "x, gradient -> y"
  static let attributes = poolingAttributes(of: Self.self)
  static let manual = Manual(
    "The gradient of max_pool: each number at the first largest number of its window, and added up.",
    shapes: "x [n, c, h, w], gradient [n, c, h′, w′], as max_pool's result → y [n, c, h, w]",
    gradient: "zero for x, which only says where, between ties; gradient̄ = pool_entries(ȳ, max_pool_positions(x))")

  var settings = PoolingSettings()

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectFloating(inputs[0])
    try Self.expectSameDType(inputs[0], inputs[1])
    let expected = try result(inputs[0].shape)
    guard inputs[1].shape.equals(expected) != false else {
      throw .shapeMismatch("\(Self.name): a gradient for each of the windows \(expected), not \(inputs[1].shape)")
    }
    return [inputs[0]]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let outputs = try infer(inputs)
    let kernel = try pooling(inputs[0], .maximum)
    return try Self.singlePrecision(inputs, outputs) { _ in
      BlockKernel(blocks: kernel.blocks.count) { kernel.gradient(block: $0, $1[0], $1[1], into: $2[0]) }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let positions = call.inputs[0].applying("max_pool_positions", settings.attributeValues)
    return [.zero, .value(gradients[0].combined("pool_entries", positions))]
  }
}

/// Where the largest number of each window lies.
struct MaximumPoolPositions: PoolingOperation {
  static let name = "max_pool_positions"
  static let signature: Signature = "x -> y"
  static let attributes = poolingAttributes(of: Self.self)
  static let manual = Manual(
    "Position of the first largest number of each window, counted row by row over its channel; of the first NaN.",
    shapes: "x [n, c, h, w] → y i32 [n, c, h′, w′], as max_pool", gradient: "undefined: a position")

  var settings = PoolingSettings()

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectFloating(inputs[0])
    return [TensorType(.i32, try result(inputs[0].shape))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try kernel(inputs, inputs[0], .positions)
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.undefined("its output is a position")]
  }
}

/// Mean of each window.
struct AveragePool: PoolingOperation {
  static let name = "avg_pool"
  static let signature: Signature = "x -> y"
  static let attributes =
    poolingAttributes(of: Self.self) + [Attribute<Self>("count_include_pad", \.countsPadding, countHelp)]
  static let manual = Manual(
    "Mean of each window of each channel.", shapes: "x [n, c, h, w] → y [n, c, h′, w′], as max_pool",
    gradient: "x̄ = avg_pool_gradient(ȳ): ȳ, divided equally among the window's numbers")

  var settings = PoolingSettings()
  var countsPadding = false

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectFloating(inputs[0])
    return [TensorType(inputs[0].dtype, try result(inputs[0].shape))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try kernel(inputs, inputs[0], .average(countsPadding: countsPadding))
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let more: [String: AttributeValue] = [
      "count_include_pad": .boolean(countsPadding), "image": call.inputs[0].shape.spatial.attributeValue,
    ]
    return [.value(gradients[0].applying("avg_pool_gradient", settings.attributeValues.merging(more) { $1 }))]
  }
}

/// What the means of windows say of their numbers.
struct AveragePoolGradient: PoolingOperation {
  static let name = "avg_pool_gradient"
  static let signature: Signature = "gradient -> y"
  static let attributes =
    [Attribute<Self>("image", \.image, required: true, "the sizes of the images' spatial axes")]
    + poolingAttributes(of: Self.self) + [Attribute<Self>("count_include_pad", \.countsPadding, countHelp)]
  static let manual = Manual(
    "The gradient of avg_pool: each number, divided equally among its window's and added up.",
    shapes: "gradient [n, c, h′, w′] → y [n, c, image]", gradient: "gradient̄ = avg_pool(ȳ)")

  var settings = PoolingSettings()
  var image = Shape.scalar
  var countsPadding = false

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectFloating(inputs[0])
    let gradient = inputs[0].shape
    let x = Shape(gradient.dimensions.prefix(2) + (try Self.checked(image, "image")).dimensions)
    let expected = try result(x)
    guard gradient.equals(expected) != false else {
      throw .shapeMismatch("\(Self.name): windows over images \(x) give \(expected), not \(gradient)")
    }
    return [TensorType(inputs[0].dtype, x)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try kernel(inputs, try infer(inputs)[0], .spread(countsPadding: countsPadding))
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let count: [String: AttributeValue] = ["count_include_pad": .boolean(countsPadding)]
    return [.value(gradients[0].applying("avg_pool", settings.attributeValues.merging(count) { $1 }))]
  }
}

private let countHelp = "whether the padding counts as zeros; left out, a mean is of the image's numbers alone"
