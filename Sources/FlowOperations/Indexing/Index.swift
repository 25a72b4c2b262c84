import FlowGraph
import FlowKernels
import FlowTensor

/// A part of a tensor: `x[0, 1:3, :, -1]`.
struct Index: PreparedOperation {
  static let name = "index"
  static let signature: Signature = "x -> y"
  static let attributes = [Attribute<Self>("at", \.at, required: true, selectionHelp)]
  static let manual = Manual(
    "A part of x: entries and slices of its axes, as x[0, 1:3, :, -1] writes them; slices clip, entries must exist.",
    shapes: "x [a, b, c] → y, without the axes of single entries", gradient: "x̄ = ȳ in its place, zero elsewhere")

  var at: [[Dimension]] = []

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    [TensorType(inputs[0].dtype, try Selection(at, of: inputs[0].shape, Self.name).result())]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    BlockKernel.gathering(try Selection(at, of: inputs[0].shape, Self.name).layout())
  }

  func aliasOffsets(_ inputs: [TensorType]) -> [Int]? {
    let layout = try? Selection(at, of: inputs[0].shape, Self.name).layout()
    return layout?.isRun == true ? layout.map { [$0.offset] } : nil
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let shape = call.inputs[0].shape
    return [
      .value(gradients[0].applying("pad_index", ["at": at.attributeValue, "shape": shape.attributeValue]))
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.at.insert([], at: 0)
    return try batch.adding(copy)
  }
}

/// A part put into its place in a tensor of zeros: what undoes `index`.
struct PadIndex: PreparedOperation {
  static let name = "pad_index"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("at", \.at, required: true, selectionHelp),
    Attribute<Self>("shape", \.shape, required: true, "the sizes of the result"),
  ]
  static let manual = Manual(
    "Zeros of a shape, with x at the part that index would take of it.", shapes: "x [...] → y [shape]",
    gradient: "x̄ = index(ȳ, at)")

  var at: [[Dimension]] = []
  var shape = Shape.scalar

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let part = try Selection(at, of: try Self.checked(shape), Self.name).result()
    guard part.rank == inputs[0].shape.rank, zip(part, inputs[0].shape).allSatisfy({ $0.equals($1) != false }) else {
      throw .shapeMismatch("pad_index: the part of \(shape) is \(part), not \(inputs[0].shape)")
    }
    return [TensorType(inputs[0].dtype, shape)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    _ = try infer(inputs)
    let layout = try Selection(at, of: shape, Self.name).layout()
    return BlockKernel { _, inputs, outputs in StridedCopy.scatter(layout, inputs[0], into: outputs[0]) }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0].applying("index", ["at": at.attributeValue]))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.at.insert([], at: 0)
    copy.shape = batch.shape(shape)
    return try batch.adding(copy)
  }
}

private let selectionHelp =
  "for each axis [] for all of it, [i] for one entry, [start, stop] or [start, stop, step] for a slice"

/// An index's axes, matched with a shape's.
private struct Selection {
  private let axes: [(selection: AxisSelection, dimension: Dimension)]

  init(_ at: [[Dimension]], of shape: Shape, _ operation: String) throws(OperationError) {
    guard at.count <= shape.rank else {
      throw .indexOutOfRange("\(operation): \(at.count) indices for shape \(shape) of rank \(shape.rank)")
    }
    var axes: [(AxisSelection, Dimension)] = []
    for (axis, dimension) in shape.enumerated() {
      axes.append((axis < at.count ? try AxisSelection(at[axis], operation) : .all, dimension))
    }
    self.axes = axes
  }

  func result() throws(OperationError) -> Shape {
    var dimensions: [Dimension] = []
    for (selection, dimension) in axes {
      if let size = try selection.dimension(of: dimension) { dimensions.append(size) }
    }
    return Shape(dimensions)
  }

  func layout() throws(OperationError) -> StridedLayout {
    var (sizes, strides, offset) = ([Int](), [Int](), 0)
    let whole = axes.map { $0.dimension.size ?? 0 }
    for ((selection, dimension), stride) in zip(axes, StridedLayout.denseStrides(whole)) {
      guard let steps = try selection.steps(in: dimension) else {
        throw .shapeMismatch("the size \(dimension) of an indexed axis is not known yet")
      }
      sizes.append(steps.count)
      // A single step, of any length, goes nowhere.
      strides.append(steps.count > 1 ? steps.step * stride : 0)
      offset += steps.start * stride
    }
    return StridedLayout(sizes: sizes, strides: strides, offset: offset)
  }
}
