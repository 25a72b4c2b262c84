import FlowGraph
import FlowKernels
import FlowTensor

/// Axes from end to start.
struct Flip: PreparedOperation {
  static let name = "flip"
  static let signature: Signature = "x -> y"
  static let attributes = [Attribute<Self>("axis", \.axis, "the axes that are turned around; all where left out")]
  static let manual = Manual(
    "The entries of axes in reverse order.", shapes: elementwise, gradient: "x̄ = ȳ, flipped back")

  var axis = Axes.all

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    _ = try Self.selected(axis, of: inputs[0].shape)
    return inputs
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let sizes = try inputs[0].knownSizes()
    var strides = StridedLayout.denseStrides(sizes)
    var offset = 0
    for (index, isFlipped) in try Self.selected(axis, of: inputs[0].shape).enumerated() where isFlipped {
      offset += (sizes[index] - 1) * strides[index]
      strides[index] = -strides[index]
    }
    return BlockKernel.gathering(StridedLayout(sizes: sizes, strides: strides, offset: offset))
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0].applying("flip", ["axis": axis.attributeValue]))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch(rank: batch.call.inputs[0].shape.rank)
    return try batch.adding(copy)
  }
}

/// An axis turned in a circle.
struct Roll: PreparedOperation {
  static let name = "roll"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("shift", \.shift, required: true, "how many places each entry moves on"),
    Attribute<Self>("axis", \.axis, required: true, "the axis whose entries move"),
  ]
  static let manual = Manual(
    "The entries of an axis moved on; what leaves at the end comes in at the start.", shapes: elementwise,
    gradient: "x̄ = ȳ, rolled back")

  var shift = 0
  var axis = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    _ = try Self.axis(axis, of: inputs[0].shape)
    guard shift != .min else { throw .badAttribute("shift", "roll: a shift of \(shift) cannot be undone") }
    return inputs
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    _ = try infer(inputs)
    let sizes = try inputs[0].knownSizes()
    let axis = try Self.axis(axis, of: inputs[0].shape)
    var maps = sizes.map { Array(0..<$0) }
    let back = shift % max(sizes[axis], 1)
    maps[axis] = maps[axis].map { ($0 - back + sizes[axis]) % sizes[axis] }
    return BlockKernel.mapping(AxisMap(maps, of: sizes))
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0].applying("roll", ["shift": .whole(-shift), "axis": .whole(axis)]))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }
}

extension BlockKernel {
  /// Reads the first input's elements through maps of its axes; `value` where they come from nowhere.
  static func mapping(_ map: AxisMap, otherwise value: Double = 0) -> BlockKernel {
    BlockKernel(blocks: map.blocks.count) { block, inputs, outputs in
      map.gather(block: block, inputs[0], into: outputs[0], otherwise: value)
    }
  }
}
