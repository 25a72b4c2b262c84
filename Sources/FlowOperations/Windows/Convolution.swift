import FlowGraph
import FlowKernels
import FlowTensor

/// Convolution of a batch of images, along one to three spatial axes.
struct Convolve: ConvolutionOperation {
  static let name = "conv"
  static let signature: Signature = "x, filter, bias? -> y"
  static let attributes = convolutionAttributes(of: Self.self)
  static let manual = Manual(
    "Convolution of images with filters, which are not flipped; 1 to 3 spatial axes.",
    shapes: "x [n, c, h, w], filter [o, c / groups, kh, kw], bias [o] → y [n, o, h′, w′], "
      + "h′ = (h + padding in front and behind - dilation · (kh - 1) - 1) / stride + 1, rounded down",
    gradient: "x̄ = conv_input_gradient(ȳ, filter), filter̄ = conv_filter_gradient(x, ȳ), bias̄ = ȳ summed but for o",
    source: convolutionSource)

  var settings = ConvolutionSettings()

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectImages(inputs)
    let y = try settings.result(inputs[0].shape, inputs[1].shape, Self.name)
    try Self.expectBias(inputs, y[1])
    return [TensorType(inputs[0].dtype, y)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try kernel(inputs, x: inputs[0], filter: inputs[1].shape, .forward)
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (x, filter) = (call.inputs[0], call.inputs[1])
    let bias = call.inputs.dropFirst(2).map { _ in Gradient.value(gradients[0].summedOverImages) }
    return [
      .value(gradients[0].combined("conv_input_gradient", filter, attributes("size", x.shape.spatial))),
      .value(x.combined("conv_filter_gradient", gradients[0], attributes("window", filter.shape.spatial))),
    ] + bias
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    try batch.addingConvolution(self, .forward)
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    settings.flops(filter: inputs[1].shape, y: outputs[0].shape)
  }
}

/// What convolution's result says of its images.
struct ConvolveInputGradient: ConvolutionOperation {
  static let name = "conv_input_gradient"
  static let signature: Signature = "gradient, filter -> y"
  static let attributes =
    [Attribute<Self>("size", \.size, required: true, "the sizes of the images' spatial axes")]
    + convolutionAttributes(of: Self.self)
  static let manual = Manual(
    "The gradient of conv for its images: each number of 'gradient' times the filter, added up where its window lay.",
    shapes: "gradient [n, o, h′, w′], filter [o, c / groups, kh, kw] → y [n, c, size]",
    gradient: "gradient̄ = conv(ȳ, filter), filter̄ = conv_filter_gradient(ȳ, gradient)", source: convolutionSource)

  var size = Shape.scalar
  var settings = ConvolutionSettings()

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectImages(inputs)
    let (gradient, filter) = (inputs[0].shape, inputs[1].shape)
    let channels = try Self.elementCount([filter[1], Dimension(max(settings.groups, 1))])
    let x = Shape([gradient[0], channels] + (try Self.checked(size, "size")).dimensions)
    guard x.rank == gradient.rank else {
      throw .badAttribute("size", "\(Self.name): \(size) for the \(gradient.rank - 2) spatial axes of \(gradient)")
    }
    let expected = try settings.result(x, filter, Self.name)
    guard gradient.equals(expected) != false else {
      throw .shapeMismatch("\(Self.name): images \(x) and filters \(filter) give \(expected), not \(gradient)")
    }
    return [TensorType(inputs[0].dtype, x)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try kernel(inputs, x: try infer(inputs)[0], filter: inputs[1].shape, .inputGradient)
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (gradient, filter) = (call.inputs[0], call.inputs[1])
    return [
      .value(gradients[0].combined("conv", filter, settings.attributeValues)),
      .value(
        gradients[0].combined("conv_filter_gradient", gradient, attributes("window", filter.shape.spatial))),
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    try batch.addingConvolution(self, .inputGradient)
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    settings.flops(filter: inputs[1].shape, y: inputs[0].shape)
  }
}

/// What convolution's result says of its filters.
struct ConvolveFilterGradient: ConvolutionOperation {
  static let name = "conv_filter_gradient"
  static let signature: Signature = "x, gradient -> y"
  static let attributes =
    [Attribute<Self>("window", \.window, required: true, "the sizes of the filters' spatial axes")]
    + convolutionAttributes(of: Self.self)
  static let manual = Manual(
    "The gradient of conv for its filters: each window of x times the number of 'gradient' there, added up.",
    shapes: "x [n, c, h, w], gradient [n, o, h′, w′] → y [o, c / groups, window]",
    gradient: "x̄ = conv_input_gradient(gradient, ȳ), gradient̄ = conv(x, ȳ)", source: convolutionSource)

  var window = Shape.scalar
  var settings = ConvolutionSettings()

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectImages(inputs)
    let (x, gradient) = (inputs[0].shape, inputs[1].shape)
    guard window.rank == x.rank - 2 else {
      throw .badAttribute("window", "\(Self.name): \(window) for the \(x.rank - 2) spatial axes of \(x)")
    }
    let channels = x[1].divided(by: Dimension(max(settings.groups, 1)))
    guard channels != nil || x[1].size == nil else { throw settings.indivisible(x, x[1], Self.name) }
    let filter = Shape([gradient[1], channels ?? .unknown] + (try Self.checked(window, "window")).dimensions)
    let expected = try settings.result(x, filter, Self.name)
    guard gradient.equals(expected) != false else {
      throw .shapeMismatch("\(Self.name): images \(x) and filters \(filter) give \(expected), not \(gradient)")
    }
    return [TensorType(inputs[0].dtype, filter)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try kernel(inputs, x: inputs[0], filter: try infer(inputs)[0].shape, .filterGradient)
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (x, gradient) = (call.inputs[0], call.inputs[1])
    return [
      .value(gradient.combined("conv_input_gradient", gradients[0], attributes("size", x.shape.spatial))),
      .value(x.combined("conv", gradients[0], settings.attributeValues)),
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    try batch.addingConvolution(self, .filterGradient)
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    settings.flops(filter: outputs[0].shape, y: inputs[1].shape)
  }
}
