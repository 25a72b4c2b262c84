import FlowGraph
import FlowKernels
import FlowTensor

/// How entries between those of an image are made.
enum ResizeMode: String, AttributeConvertible, Hashable {
  case nearest, linear

  static var expectation: String { "\"nearest\" or \"linear\"" }

  init?(attributeValue: AttributeValue) {
    guard case .string(let name) = attributeValue else { return nil }
    self.init(rawValue: name)
  }

  var attributeValue: AttributeValue { .string(rawValue) }
}

/// Images in another size.
struct ResizeOperation: PreparedOperation {
  static let name = "resize"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("size", \.size, "the sizes of the result's spatial axes"),
    Attribute<Self>("scale", \.scale, "how much larger each axis becomes, in place of 'size'; sizes are rounded down"),
    Attribute<Self>("mode", \.mode, "\"nearest\" entry, halfway the higher one; \"linear\" between the two nearest"),
  ]
  static let manual = Manual(
    "Images in another size, entries being areas: the middle of entry j lies at (j + ½) / scale - ½ of x, or at its edge.",
    shapes: "x [n, c, h, w] → y [n, c, size], size = scale · [h, w] where left out; 1 to 3 spatial axes",
    gradient: "x̄ = resize_gradient(ȳ): each number, shared among the entries that it is made of, and added up",
    source: "ONNX, Resize with half_pixel; PyTorch, interpolate with align_corners=False, \"nearest-exact\"")

  var size: PerAxis<Dimension>?
  var scale: PerAxis<Double>?
  var mode = ResizeMode.nearest

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let x = inputs[0]
    let images = try Self.images(x)
    guard (size == nil) != (scale == nil) else {
      throw OperationError(.missingAttribute, "resize: takes either 'size' or 'scale'")
    }
    let resized: [Dimension]
    if let scale {
      resized = try ResizeScale(scale, images.count, Self.name).sizes(images)
    } else {
      resized = try sizes(images)
    }
    return [TensorType(x.dtype, Shape(x.shape.dimensions.prefix(2) + resized))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let outputs = try infer(inputs)
    let kernel = try Resize(inputs[0], outputs[0], scale, mode)
    return try Self.singlePrecision(inputs, outputs) { _ in
      BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs in
        kernel.enlarge(block: block, inputs[0], into: outputs[0])
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let attributes = [
      "image": call.inputs[0].shape.spatial.attributeValue, "scale": scale.attributeValue, "mode": mode.attributeValue,
    ]
    return [.value(try call.builder.add("resize_gradient", [gradients[0]], attributes)[0])]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    try batch.addingImages(self)
  }

  private func sizes(_ images: [Dimension]) throws(OperationError) -> [Dimension] {
    guard let sizes = size?.numbers(images.count) else {
      throw .badAttribute("size", "resize: a size for each of \(images.count) spatial axes")
    }
    _ = try Self.checked(sizes: sizes, "size")
    guard !zip(images, sizes).contains(where: { $0.size == 0 && $1.size != 0 }) else {
      throw .shapeMismatch("resize: there is nothing in \(Shape(images)) to make \(Shape(sizes)) of")
    }
    return sizes
  }
}

/// The transposed map of `resize`.
struct ResizeGradient: PreparedOperation {
  static let name = "resize_gradient"
  static let signature: Signature = "gradient -> x"
  static let attributes = [
    Attribute<Self>("image", \.image, required: true, "the sizes of the result's spatial axes"),
    Attribute<Self>("scale", \.scale, "that of resize, where it was given one"),
    Attribute<Self>("mode", \.mode, "that of resize"),
  ]
  static let manual = Manual(
    "The gradient of resize: each number, shared among the entries that it is made of, and added up.",
    shapes: "gradient [n, c, h′, w′] → x [n, c, image]", gradient: "that of the gradient is resize(x̄)")

  var image = Shape.scalar
  var scale: PerAxis<Double>?
  var mode = ResizeMode.nearest

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let gradient = inputs[0]
    let images = try Self.images(gradient)
    let result = Shape(gradient.shape.dimensions.prefix(2) + (try Self.checked(image, "image")).dimensions)
    guard image.rank == images.count else {
      throw .shapeMismatch("resize_gradient: \(gradient.shape) is no image of \(image) in another size")
    }
    var operation = ResizeOperation()
    (operation.scale, operation.mode) = (scale, mode)
    if scale == nil { operation.size = .each(images) }
    let resized = try operation.infer([TensorType(gradient.dtype, result)])[0].shape
    guard resized.equals(gradient.shape) != false else {
      throw .shapeMismatch("resize_gradient: resize makes \(resized) of images \(result), not \(gradient.shape)")
    }
    return [TensorType(gradient.dtype, result)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let outputs = try infer(inputs)
    let kernel = try Resize(outputs[0], inputs[0], scale, mode)
    return try Self.singlePrecision(inputs, outputs) { _ in
      BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs in
        kernel.addUp(block: block, inputs[0], into: outputs[0])
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    var attributes = ["mode": mode.attributeValue]
    if scale == nil {
      attributes["size"] = call.inputs[0].shape.spatial.attributeValue
    } else {
      attributes["scale"] = scale.attributeValue
    }
    return [.value(try call.builder.add("resize", [gradients[0]], attributes)[0])]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    try batch.addingImages(self)
  }
}

/// How much larger each axis becomes.
private struct ResizeScale {
  let numbers: [Double]
  let operation: String

  init(_ scale: PerAxis<Double>, _ count: Int, _ operation: String) throws(OperationError) {
    guard let numbers = scale.numbers(count) else {
      throw .badAttribute("scale", "\(operation): a scale for each of \(count) spatial axes")
    }
    guard numbers.allSatisfy({ $0 > 0 && $0 <= Double(Int32.max) }) else {
      throw .badAttribute("scale", "\(operation): a scale is positive and at most \(Int32.max)")
    }
    (self.numbers, self.operation) = (numbers, operation)
  }

  func sizes(_ images: [Dimension]) throws(OperationError) -> [Dimension] {
    var sizes: [Dimension] = []
    for (size, scale) in zip(images, numbers) { sizes.append(try resized(size, scale)) }
    return sizes
  }

  /// Of a size that is not known yet only what a whole number makes can be said.
  private func resized(_ size: Dimension, _ scale: Double) throws(OperationError) -> Dimension {
    guard let entries = size.size else {
      guard let whole = Int(exactly: scale) else { return .unknown }
      return try ResizeOperation.product(size, Dimension(whole))
    }
    let resized = (Double(entries) * scale).rounded(.down)
    guard resized <= Double(Int32.max) else { throw .sizeOverflow }
    return Dimension(Int(resized))
  }
}

extension Operation {
  /// The spatial axes of a tensor of images.
  fileprivate static func images(_ x: TensorType) throws(OperationError) -> [Dimension] {
    try expectFloating(x)
    guard (3...5).contains(x.shape.rank) else {
      throw .shapeMismatch("\(name): takes images of 1 to 3 spatial axes, not \(x.shape)", help: "as [n, c, h, w]")
    }
    return x.shape.spatial.dimensions
  }
}

extension Resize {
  /// - Throws: where sizes are not known.
  fileprivate init(
    _ image: TensorType, _ resized: TensorType, _ scale: PerAxis<Double>?, _ mode: ResizeMode
  ) throws(OperationError) {
    let (sizes, others) = (try image.knownSizes(), try resized.knownSizes())
    let entries = try ResizeOperation.elementCount(image.shape)
    let isEmpty = try ResizeOperation.elementCount(resized.shape) == 0
    // Beside an axis of size 0 another may be larger than anything to count through.
    guard entries != 0 else {
      self.init(planes: 0, [])
      return
    }
    let scales = scale?.numbers(sizes.count - 2)
    let axes = (2..<sizes.count).map { axis in
      let count = isEmpty ? 0 : others[axis]
      let step = scales.map { 1 / $0[axis - 2] } ?? Double(sizes[axis]) / Double(max(count, 1))
      return ResizeAxis(size: sizes[axis], resized: count, step: step, interpolates: mode == .linear)
    }
    self.init(planes: sizes[0] * sizes[1], axes)
  }
}
