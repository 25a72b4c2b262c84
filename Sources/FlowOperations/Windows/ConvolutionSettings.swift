import FlowGraph
import FlowKernels
import FlowTensor

let convolutionSource = "Dumoulin & Visin, A guide to convolution arithmetic for deep learning, 2016"

/// What a convolution and its gradients are told alike.
struct ConvolutionSettings {
  var windows = WindowSettings()
  var groups = 1

  /// The settings as attributes of another operation of the family.
  var attributeValues: [String: AttributeValue] {
    [
      "stride": windows.stride.attributeValue, "padding": windows.padding.attributeValue,
      "dilation": windows.dilation.attributeValue, "groups": .whole(groups),
    ]
  }

  /// The shape of a convolution's result.
  func result(_ x: Shape, _ filter: Shape, _ operation: String) throws(OperationError) -> Shape {
    Shape([x[0], filter[0]] + (try layout(x, filter, operation)).outputs.dimensions)
  }

  /// How the filters lie over the images; checks that their shapes fit.
  func layout(_ x: Shape, _ filter: Shape, _ operation: String) throws(OperationError) -> WindowLayout {
    guard groups >= 1 else { throw .badAttribute("groups", "\(operation): there is at least 1 group, not \(groups)") }
    guard filter[0].divided(by: Dimension(groups)) != nil || filter[0].size == nil else {
      throw indivisible(filter, filter[0], operation)
    }
    let channels = try Convolve.elementCount([filter[1], Dimension(groups)])
    guard x[1].equals(channels) != false else {
      guard groups == 1 || x[1].size == nil || x[1].divided(by: Dimension(groups)) != nil else {
        throw indivisible(x, x[1], operation)
      }
      throw .shapeMismatch(
        "\(operation): shapes \(x) and \(filter) do not fit: \(x[1]) channels against \(channels)",
        help: groups == 1 ? nil : "a filter has the channels of one of \(groups) groups")
    }
    return try WindowLayout(
      windows, images: x.spatial, windows: filter.spatial, operation, "images \(x) and filters \(filter)")
  }

  func indivisible(_ shape: Shape, _ channels: Dimension, _ operation: String) -> OperationError {
    .badAttribute("groups", "\(operation): \(groups) groups do not divide \(channels) channels of \(shape)")
  }

  /// A multiplication and an addition for each entry of each window.
  func flops(filter: Shape, y: Shape) -> Int {
    guard let depth = try? Shape(Array(filter.dimensions.dropFirst())).elementCount().size,
      let count = try? y.elementCount().size
    else { return 0 }
    let (products, overflow) = count.multipliedReportingOverflow(by: depth)
    return overflow || products > .max / 2 ? .max : max(count, 2 * products)
  }
}

/// Convolution, its gradients, and what is made of them.
protocol ConvolutionOperation: PreparedOperation {
  var settings: ConvolutionSettings { get set }
}

extension ConvolutionOperation {
  /// Two floating operands of the same dtype and rank, of one to three spatial axes.
  static func expectImages(_ inputs: [TensorType]) throws(OperationError) {
    try expectFloating(inputs[0])
    for other in inputs.dropFirst() { try expectSameDType(inputs[0], other) }
    guard (3...5).contains(inputs[0].shape.rank), inputs[1].shape.rank == inputs[0].shape.rank else {
      throw .shapeMismatch(
        "\(name): takes tensors of the same rank with 1 to 3 spatial axes, not \(inputs[0].shape) and \(inputs[1].shape)",
        help: "images are [n, c, h, w], filters [o, c, h, w]")
    }
  }

  static func expectBias(_ inputs: [TensorType], _ channels: Dimension) throws(OperationError) {
    guard inputs.count > 2 else { return }
    guard inputs[2].shape.equals([channels]) != false else {
      throw .shapeMismatch("\(name): a bias of shape \(inputs[2].shape) does not fit \(channels) channels")
    }
  }

  /// The settings and one attribute more.
  func attributes(_ name: String, _ shape: Shape) -> [String: AttributeValue] {
    settings.attributeValues.merging([name: shape.attributeValue]) { $1 }
  }

  /// - Parameter x: the images, given or to be computed.
  func kernel(
    _ inputs: [TensorType], x: TensorType, filter: Shape, _ part: Convolution.Part
  ) throws(OperationError) -> any Kernel {
    let (x, outputs) = (x.widened, try infer(inputs))
    let sizes = try x.knownSizes()
    let filterSizes = try TensorType(x.dtype, filter).knownSizes()
    let layout = try settings.layout(x.shape, filter, Self.name)
    guard let geometry = try layout.geometry(Self.name) else {
      throw .shapeMismatch("the sizes of \(x) and \(filter) are not known yet")
    }
    guard
      let plan = ConvolutionPlan(
        geometry, images: sizes[0], groups: settings.groups, inputs: filterSizes[1],
        outputs: filterSizes[0] / settings.groups)
    else { throw OperationError(.limit, "\(Self.name): a filter of \(filter) has more than \(Int32.max) numbers") }
    return try Self.singlePrecision(inputs, outputs) { _ in
      let kernel = Convolution(plan, part, x.dtype)
      return WorkspaceKernel(blocks: kernel.blockCount, workspaceBytes: kernel.workspaceBytes) {
        kernel.run(block: $0, $1, into: $2[0], workspace: $3)
      }
    }
  }
}

/// The attributes that every operation of the family has.
func convolutionAttributes<Owner: ConvolutionOperation>(of owner: Owner.Type) -> [Attribute<Owner>] {
  [
    Attribute("stride", \.settings.windows.stride, strideHelp),
    Attribute("padding", \.settings.windows.padding, paddingHelp),
    Attribute(
      "dilation", \.settings.windows.dilation, "the distance between the entries of a window, of all axes or of each"),
    Attribute("groups", \.settings.groups, "how many groups of channels are convolved apart"),
  ]
}

let strideHelp = "the distance between windows, of all axes or of each"
let paddingHelp = """
  what is put around an image: a number, one for each axis, all in front and then all behind, \"same\" for as many \
  windows as strides, or \"valid\" for none
  """

extension Shape {
  /// The axes behind those of images and channels.
  var spatial: Shape { Shape(Array(dimensions.dropFirst(2))) }
}

extension Value {
  /// The sum over all axes but that of channels.
  var summedOverImages: Value { summed(over: .list([0] + Array(2..<shape.rank))) }
}
