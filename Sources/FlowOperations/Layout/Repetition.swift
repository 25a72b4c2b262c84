import FlowGraph
import FlowKernels
import FlowTensor

/// The whole tensor again and again.
struct Tile: PreparedOperation {
  static let name = "tile"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("repeats", \.repeats, required: true, "how often along each axis, the last axes last")
  ]
  static let manual = Manual(
    "x laid side by side, so often along each axis; new leading axes where more numbers are given than x has.",
    shapes: "x [a, b], repeats [n, m] → y [n · a, m · b]", gradient: "x̄ = the sum of ȳ over the repetitions")

  var repeats: [Dimension] = []

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    var dimensions: [Dimension] = []
    for axis in try axes(inputs[0].shape) { dimensions.append(try Self.product(axis.count, axis.size)) }
    return [TensorType(inputs[0].dtype, Shape(dimensions))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    _ = try infer(inputs)
    let axes = try axes(inputs[0].shape)
    let dense = StridedLayout.denseStrides(axes.map { $0.size.size ?? 0 })
    return BlockKernel.gathering(
      StridedLayout(
        sizes: axes.flatMap { [$0.count.size ?? 0, $0.size.size ?? 0] }, strides: dense.flatMap { [0, $0] }))
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    var (parts, repeated) = ([Dimension](), [Int]())
    for axis in try axes(call.inputs[0].shape) {
      if axis.count != 1 {
        repeated.append(parts.count)
        parts.append(axis.count)
      }
      parts.append(axis.size)
    }
    return [
      .value(
        gradients[0].reshaped(to: Shape(parts)).summed(over: .list(repeated)).reshaped(to: call.inputs[0].shape))
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    let rank = batch.call.outputs[0].shape.rank
    copy.repeats = [Dimension](repeating: 1, count: rank + 1 - repeats.count) + repeats
    return try batch.adding(copy, [batch.aligned(0, rank: rank)])
  }

  /// Each axis of the result: how often, and what size of x.
  private func axes(_ shape: Shape) throws(OperationError) -> [(count: Dimension, size: Dimension)] {
    let rank = max(shape.rank, repeats.count)
    _ = try Self.checked(Shape(repeats), "repeats")
    let counts = Array(repeating: 1, count: rank - repeats.count) + repeats
    let sizes = Array(repeating: 1, count: rank - shape.rank) + shape.dimensions
    return zip(counts, sizes).map { ($0, $1) }
  }
}

/// Each entry of an axis several times.
struct RepeatElements: PreparedOperation {
  static let name = "repeat_elements"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("count", \.count, required: true, "how often each entry"),
    Attribute<Self>("axis", \.axis, required: true, "the axis whose entries are repeated"),
  ]
  static let manual = Manual(
    "Each entry of an axis several times in a row.", shapes: "x [a, n, b] → y [a, n · count, b]",
    gradient: "x̄ = the sum of ȳ over the repetitions")

  var count: Dimension = 1
  var axis = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let axis = try Self.axis(axis, of: inputs[0].shape)
    _ = try Self.checked([count], "count")
    var result = inputs[0]
    result.shape.dimensions[axis] = try Self.product(result.shape[axis], count)
    return [result]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    _ = try infer(inputs)
    var sizes = try inputs[0].knownSizes()
    var strides = StridedLayout.denseStrides(sizes)
    let axis = try Self.axis(axis, of: inputs[0].shape)
    sizes.insert(count.size ?? 0, at: axis + 1)
    strides.insert(0, at: axis + 1)
    return BlockKernel.gathering(StridedLayout(sizes: sizes, strides: strides))
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let shape = call.inputs[0].shape
    let axis = try Self.axis(axis, of: shape)
    var parts = shape
    parts.dimensions.insert(count, at: axis + 1)
    return [.value(gradients[0].reshaped(to: parts).summed(over: .one(axis + 1)).reshaped(to: shape))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }
}
