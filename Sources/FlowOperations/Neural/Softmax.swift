import FlowGraph
import FlowKernels
import FlowTensor

/// Probabilities from logits along an axis, or their logarithms.
protocol SoftmaxOperation: PreparedOperation {
  static var isLogarithm: Bool { get }
  var axis: Int { get set }
}

extension SoftmaxOperation {
  static var signature: Signature { "x -> y" }

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectFloating(inputs[0])
    _ = try Self.axis(axis, of: inputs[0].shape)
    return inputs
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let axis = try Self.axis(axis, of: inputs[0].shape)
    let kernel = SoftmaxKernel(try inputs[0].knownSizes(), axis: axis, logarithm: Self.isLogarithm)
    return try Self.singlePrecision(inputs, infer(inputs)) { _ in
      BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs in
        kernel.run(block: block, inputs[0], into: outputs[0])
      }
    }
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }

  /// About eight for each element.
  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    let count = (try? inputs[0].shape.elementCount().size) ?? 0
    let (flops, overflow) = count.multipliedReportingOverflow(by: 8)
    return overflow ? .max : flops
  }
}

/// Probabilities from logits.
struct Softmax: SoftmaxOperation {
  static let name = "softmax"
  static let isLogarithm = false
  static let attributes = [Attribute<Self>("axis", \.axis, "the axis along which the results sum to 1")]
  static let manual = Manual(
    "Exponentials divided by their sum along an axis.", shapes: elementwise,
    gradient: "x̄ = (ȳ - Σ ȳ · y) · y, the sum along the axis")

  var axis = -1

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let y = call.outputs[0]
    let mean = (gradients[0] * y).summed(over: .one(axis), keepingDimensions: true)
    return [.value((gradients[0] - mean) * y)]
  }
}

/// Logarithms of probabilities from logits.
struct LogSoftmax: SoftmaxOperation {
  static let name = "log_softmax"
  static let isLogarithm = true
  static let attributes = [Attribute<Self>("axis", \.axis, "the axis along which the exponentials sum to 1")]
  static let manual = Manual(
    "Logarithm of softmax, without overflow.", shapes: elementwise,
    gradient: "x̄ = ȳ - exp(y) · Σ ȳ, the sum along the axis")

  var axis = -1

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let sum = gradients[0].summed(over: .one(axis), keepingDimensions: true)
    return [.value(gradients[0] - call.outputs[0].applying("exp") * sum)]
  }
}
