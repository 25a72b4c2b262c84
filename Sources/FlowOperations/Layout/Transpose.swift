import FlowGraph
import FlowKernels
import FlowTensor

/// The axes in another order.
struct Transpose: PreparedOperation {
  static let name = "transpose"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("axes", \.axes, "for each axis of the result, the axis of x; reversed where left out")
  ]
  static let manual = Manual(
    "The axes in another order.", shapes: "x [a, b, c] → y [c, b, a]", gradient: "x̄ = ȳ, transposed back")

  var axes: [Int]?

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let shape = inputs[0].shape
    return [TensorType(inputs[0].dtype, Shape(try order(shape).map { shape[$0] }))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let sizes = try inputs[0].knownSizes()
    let order = try order(inputs[0].shape)
    let strides = StridedLayout.denseStrides(sizes)
    return BlockKernel.gathering(StridedLayout(sizes: order.map { sizes[$0] }, strides: order.map { strides[$0] }))
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let order = try order(call.inputs[0].shape)
    var inverse = order
    for (position, axis) in order.enumerated() { inverse[axis] = position }
    return [.value(gradients[0].transposed(inverse))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    let order = try order(batch.call.inputs[0].shape)
    return [.each(batch.leading(0).transposed([0] + order.map(\.behindBatch)))]
  }

  private func order(_ shape: Shape) throws(OperationError) -> [Int] {
    guard let axes else { return shape.indices.reversed() }
    var order: [Int] = []
    for number in axes { order.append(try Self.axis(number, of: shape, attribute: "axes")) }
    guard order.count == shape.rank, Set(order).count == shape.rank else {
      throw .badAttribute("axes", "transpose: \(axes) does not name each axis of \(shape) once")
    }
    return order
  }
}
