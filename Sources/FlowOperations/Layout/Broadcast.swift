import FlowGraph
import FlowKernels
import FlowTensor

/// Repeated to a larger shape.
struct BroadcastTo: PreparedOperation {
  static let name = "broadcast_to"
  static let signature: Signature = "x -> y"
  static let attributes = [Attribute<Self>("shape", \.shape, required: true, "the sizes of the result")]
  static let manual = Manual(
    "x, repeated along axes of size 1 and new leading axes.", shapes: "x [...] → y [shape]",
    gradient: "x̄ = the sum of ȳ over the repeated axes")

  var shape = Shape.scalar
  var tileRule: TileRule? { .repetition }

  func aliasOffsets(_ inputs: [TensorType]) -> [Int]? { inputs[0].shape.hasAsManyElements(as: shape) ? [0] : nil }

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let target = try Self.checked(shape)
    guard inputs[0].shape.fits(broadcastTo: target) else {
      throw .shapeMismatch("broadcast_to: shape \(inputs[0].shape) does not broadcast to \(target)")
    }
    return [TensorType(inputs[0].dtype, target)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let sizes = try infer(inputs)[0].knownSizes()
    let operand = try inputs[0].knownSizes()
    let dense = StridedLayout.denseStrides(operand)
    let strides = [Int](repeating: 0, count: sizes.count - operand.count) + zip(operand, dense).map { $0 == 1 ? 0 : $1 }
    return BlockKernel.gathering(StridedLayout(sizes: sizes, strides: strides))
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0].summed(to: call.inputs[0].shape))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    let target = batch.call.outputs[0].shape
    return [.each(batch.aligned(0, rank: target.rank).broadcast(to: batch.shape(target)))]
  }
}

/// Summed to a smaller shape: what undoes broadcasting.
struct SumTo: PreparedOperation {
  static let name = "sum_to"
  static let signature: Signature = "x -> y"
  static let attributes = [Attribute<Self>("shape", \.shape, required: true, "the sizes of the result")]
  static let manual = Manual(
    "The sum over the axes along which 'shape' would be repeated to x's.", shapes: "x [...] → y [shape]",
    gradient: "x̄ = ȳ, repeated")

  var shape = Shape.scalar

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectNumbers(inputs[0])
    let target = try Self.checked(shape)
    guard target.fits(broadcastTo: inputs[0].shape) else {
      throw .shapeMismatch("sum_to: shape \(inputs[0].shape) is not summed to \(target)")
    }
    return [TensorType(inputs[0].dtype, target)]
  }

  func aliasOffsets(_ inputs: [TensorType]) -> [Int]? { inputs[0].shape == shape ? [0] : nil }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let target = try infer(inputs)[0].knownSizes()
    let sizes = try inputs[0].knownSizes()
    guard target != sizes else { return try BlockKernel.copying(inputs[0]) }
    let leading = sizes.count - target.count
    let isReduced = sizes.indices.map { $0 < leading || (target[$0 - leading] == 1 && sizes[$0] != 1) }
    return try Self.singlePrecision(inputs, infer(inputs)) { inputs in
      BlockKernel.reducing(.wrappingSum, inputs[0].dtype, sizes, isReduced)
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0].broadcast(to: call.inputs[0].shape))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    let (x, target) = (batch.leading(0), batch.call.outputs[0].shape)
    let ones = [Dimension](repeating: 1, count: x.shape.rank - 1 - target.rank)
    return batch.result(x.summed(to: batch.shape(Shape(ones + target.dimensions))))
  }
}

extension Shape {
  fileprivate func hasAsManyElements(as other: Shape) -> Bool {
    guard let count = try? elementCount().size, let others = try? other.elementCount().size else { return false }
    return count == others
  }

  /// Whether this shape can be repeated to `target`, as far as sizes are known.
  fileprivate func fits(broadcastTo target: Shape) -> Bool {
    rank <= target.rank
      && zip(dimensions, target.dimensions.suffix(rank)).allSatisfy { $0.size == 1 || $0.equals($1) != false }
  }
}
