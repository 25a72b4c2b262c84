import FlowGraph
import FlowKernels
import FlowTensor

/// An affine map of the last axis.
struct Linear: PreparedOperation {
  static let name = "linear"
  static let signature: Signature = "x, w, bias? -> y"
  static let manual = Manual(
    "Affine map of the last axis: x @ w + bias.", shapes: "x [..., k], w [k, m], bias [m] → y [..., m]",
    gradient: "x̄ = ȳ · wᵀ, w̄ = xᵀ · ȳ over all rows, bias̄ = the sum of ȳ over all rows")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let (x, w) = (inputs[0], inputs[1])
    try Self.expectNumbers(x)
    for other in inputs.dropFirst() { try Self.expectSameDType(x, other) }
    guard x.shape.rank > 0, w.shape.rank == 2 else {
      throw .shapeMismatch("linear: takes rows x [..., k] and a matrix w [k, m], not \(x.shape) and \(w.shape)")
    }
    let depth = x.shape[x.shape.rank - 1]
    guard depth.equals(w.shape[0]) != false else {
      throw .shapeMismatch(
        "linear: shapes \(x.shape) and \(w.shape) do not fit: \(depth) columns against \(w.shape[0]) rows")
    }
    if inputs.count > 2 {
      guard inputs[2].shape.equals([w.shape[1]]) != false else {
        throw .shapeMismatch("linear: a bias of shape \(inputs[2].shape) does not fit \(w.shape)")
      }
    }
    return [TensorType(x.dtype, Shape(x.shape.dimensions.dropLast() + [w.shape[1]]))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let outputs = try infer(inputs)
    let (x, w) = (try inputs[0].knownSizes(), try inputs[1].knownSizes())
    let plan = MatrixProductPlan(
      batches: [], [], into: [], rows: x.dropLast().reduce(1, *), columns: w[1], depth: w[0])
    return try Self.singlePrecision(inputs, outputs) { CallableKernel.multiplying(plan, $0[0].dtype) }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (x, w, gradient) = (call.inputs[0], call.inputs[1], gradients[0])
    let rows = try Self.elementCount(Shape(Array(x.shape.dimensions.dropLast())))
    let flat = x.reshaped(to: [rows, w.shape[0]])
    let weights = flat.multiplied(by: gradient.reshaped(to: [rows, w.shape[1]]), transposeSelf: true)
    let bias = call.inputs.dropFirst(2).map { Gradient.value(gradient.summed(to: $0.shape)) }
    return [.value(gradient.multiplied(by: w, transposeOther: true)), .value(weights)] + bias
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    let w = batch.call.inputs[1].shape
    let rows = try Self.elementCount(Shape(Array(batch.call.inputs[0].shape.dimensions.dropLast())))
    var y = batch.aligned(0, rank: 2, as: [rows, w[0]]).multiplied(by: batch.aligned(1, rank: 2))
    if batch.operands.count > 2 { y = y + batch.aligned(2, rank: 2) }
    return batch.result(y)
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    guard let depth = inputs[1].shape[0].size, let count = try? outputs[0].shape.elementCount().size else { return 0 }
    let (flops, overflow) = count.multipliedReportingOverflow(by: max(1, 2 * depth))
    return overflow ? .max : flops
  }
}
