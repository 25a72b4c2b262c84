import FlowGraph
import FlowKernels
import FlowTensor

/// Transposed convolution of a batch of images: what a convolution's gradient for its images computes.
struct ConvolveTransposed: ConvolutionOperation {
  static let name = "conv_transpose"
  static let signature: Signature = "x, filter, bias? -> y"
  static let attributes =
    convolutionAttributes(of: Self.self) + [
      Attribute<Self>("output_padding", \.outputPadding, "entries added behind the result, fewer than 'stride'")
    ]
  static let manual = Manual(
    "Transposed convolution: each number times the filter, added up at a distance of 'stride'; 1 to 3 spatial axes.",
    shapes: "x [n, c, h, w], filter [c, o / groups, kh, kw], bias [o] → y [n, o, h′, w′], h′ = (h - 1) · stride "
      + "- padding in front and behind + dilation · (kh - 1) + output_padding + 1; h · stride with padding \"same\"",
    gradient: "x̄ = conv(ȳ, filter), filter̄ = conv_filter_gradient(ȳ, x), bias̄ = ȳ summed but for o",
    source: convolutionSource)

  var settings = ConvolutionSettings()
  var outputPadding = PerAxis.all(0)

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectImages(inputs)
    let (x, filter) = (inputs[0].shape, inputs[1].shape)
    guard x[1].equals(filter[0]) != false else {
      throw .shapeMismatch(
        "\(Self.name): shapes \(x) and \(filter) do not fit: \(x[1]) channels against \(filter[0])")
    }
    let channels = try Self.elementCount([filter[1], Dimension(max(settings.groups, 1))])
    let y = Shape([x[0], channels] + (try spatial(x, filter)))
    _ = try settings.layout(y, filter, Self.name)
    try Self.expectBias(inputs, channels)
    return [TensorType(inputs[0].dtype, y)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try kernel(inputs, x: try infer(inputs)[0], filter: inputs[1].shape, .inputGradient)
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (x, filter) = (call.inputs[0], call.inputs[1])
    let bias = call.inputs.dropFirst(2).map { _ in Gradient.value(gradients[0].summedOverImages) }
    return [
      .value(gradients[0].combined("conv", filter, settings.attributeValues)),
      .value(gradients[0].combined("conv_filter_gradient", x, attributes("window", filter.shape.spatial))),
    ] + bias
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    try batch.addingConvolution(self, .inputGradient)
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    settings.flops(filter: inputs[1].shape, y: inputs[0].shape)
  }

  private func spatial(_ x: Shape, _ filter: Shape) throws(OperationError) -> [Dimension] {
    let axes = try settings.windows.axes(x.rank - 2, Self.name)
    guard let added = outputPadding.numbers(axes.count) else {
      throw .badAttribute("output_padding", "\(Self.name): an output padding for each of \(axes.count) spatial axes")
    }
    guard settings.windows.padding != .same || added.allSatisfy({ $0 == 0 }) else {
      throw .badAttribute("output_padding", "\(Self.name): padding \"same\" leaves no room for an output padding")
    }
    var sizes: [Dimension] = []
    for (index, axis) in axes.enumerated() {
      guard (0..<axis.stride).contains(added[index]) else {
        throw .badAttribute(
          "output_padding", "\(Self.name): an output padding is below the stride \(axis.stride), not \(added[index])")
      }
      sizes.append(try size(axis, x[index + 2], filter[index + 2], added[index], "\(x) and \(filter)"))
    }
    return sizes
  }

  private func size(
    _ axis: WindowSettings.Axis, _ input: Dimension, _ window: Dimension, _ added: Int, _ shapes: String
  ) throws(OperationError) -> Dimension {
    guard input.size != 0 else { throw .shapeMismatch("\(Self.name): an image without entries: \(shapes)") }
    let size: Dimension
    do {
      size = try axis.transposed(input, window, added)
    } catch {
      throw .sizeOverflow
    }
    guard (size.size ?? 1) > 0 else {
      throw .shapeMismatch("\(Self.name): the padding leaves nothing of the result: \(shapes)")
    }
    return size
  }
}

extension WindowSettings.Axis {
  /// The entries over which as many windows lie as `input` has entries, and `added` more.
  fileprivate func transposed(
    _ input: Dimension, _ window: Dimension, _ added: Int
  ) throws(SizeOverflow) -> Dimension {
    guard let padding else { return try input.multiplied(by: Dimension(stride)) }
    let steps = try input.subtracting(1).multiplied(by: Dimension(stride))
    return try steps.adding(span(window)).adding(Dimension(added - padding.before - padding.after))
  }
}
