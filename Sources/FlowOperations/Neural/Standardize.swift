import FlowGraph
import FlowKernels
import FlowTensor

/// What standardizing rows and its gradient are told alike.
protocol StandardizeOperation: PreparedOperation {
  var settings: StandardizeSettings { get set }
}

struct StandardizeSettings {
  var epsilon = 1e-5
  var center = true

  var attributeValues: [String: AttributeValue] { ["epsilon": .real(epsilon), "center": .boolean(center)] }
}

extension StandardizeOperation {
  static var attributes: [Attribute<Self>] {
    [
      Attribute("epsilon", \.settings.epsilon, "what is added to the variance"),
      Attribute("center", \.settings.center, "whether the mean is taken off"),
    ]
  }

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectFloating(inputs[0])
    guard inputs[0].shape.rank > 0 else { throw .shapeMismatch("\(Self.name): \(inputs[0]) has no rows") }
    for other in inputs.dropFirst() {
      try Self.expectSameDType(inputs[0], other)
      guard other.shape.equals(inputs[0].shape) != false else {
        throw .shapeMismatch("\(Self.name): shapes \(inputs[0].shape) and \(other.shape) differ")
      }
    }
    return [inputs[0]]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.adding(self) }

  func kernel(_ inputs: [TensorType]) throws(OperationError) -> StandardizeKernel {
    let sizes = try inputs[0].knownSizes()
    return StandardizeKernel(
      rows: sizes.dropLast().reduce(1, *), size: sizes[sizes.count - 1], epsilon: settings.epsilon,
      centers: settings.center)
  }
}

/// Rows to mean 0 and variance 1.
struct Standardize: StandardizeOperation {
  static let name = "standardize"
  static let signature: Signature = "x -> y"
  static let manual = Manual(
    "(x - mean) / √(variance + epsilon) of each row of the last axis; x / √(mean square + epsilon) without 'center'.",
    shapes: elementwise, gradient: "x̄ = standardize_gradient(x, ȳ)",
    source: "Ba, Kiros & Hinton, Layer normalization, 2016")

  var settings = StandardizeSettings()

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let kernel = try kernel(inputs)
    return try Self.singlePrecision(inputs, infer(inputs)) { _ in
      BlockKernel(blocks: kernel.blocks.count) { kernel.run(block: $0, $1[0], into: $2[0]) }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(call.inputs[0].combined("standardize_gradient", gradients[0], settings.attributeValues))]
  }
}

/// What standardized rows say of what they were.
struct StandardizeGradient: StandardizeOperation {
  static let name = "standardize_gradient"
  static let signature: Signature = "x, gradient -> y"
  static let manual = Manual(
    "The gradient of standardize for x: (gradient - its mean - y · the mean of gradient · y) / √(variance + epsilon).",
    shapes: "x [...], gradient [...] → y [...]", gradient: "that of the same, written with means")

  var settings = StandardizeSettings()

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let kernel = try kernel(inputs)
    return try Self.singlePrecision(inputs, infer(inputs)) { _ in
      BlockKernel(blocks: kernel.blocks.count) { kernel.gradient(block: $0, $1[0], $1[1], into: $2[0]) }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (x, gradient) = (call.inputs[0].copied, call.inputs[1].copied)
    let first = try Self.pullback(of: [composed(x)], by: [gradient], wrt: [x])
    return try Self.pullback(of: first, by: gradients, wrt: [x, gradient]).map { .value($0) }
  }

  /// The same by operations that have gradients of any order.
  private func composed(_ x: Value) -> Value {
    let mean: [String: AttributeValue] = ["axis": .whole(-1), "keepdims": .boolean(true)]
    let centered = settings.center ? x - x.applying("mean", mean) : x
    return centered / ((centered * centered).applying("mean", mean) + settings.epsilon).applying("sqrt")
  }
}
