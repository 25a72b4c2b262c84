import FlowGraph
import FlowKernels
import FlowTensor

/// Results whose inner values the backward pass computes again.
struct Recomputed: PreparedOperation {
  static let name = "recomputed"
  static let signature: Signature = "operands... -> results..."
  static let attributes = [
    Attribute<Self>("count", \.count, "how many of the operands are results; what they are computed from follows")
  ]
  static let isRecomputed = true
  static let isTransparent = true
  static let manual = Manual(
    "The first operands as they are. What lies between the further ones and them is computed again in the backward pass.",
    shapes: "y, x... → y", gradient: "ȳ to y, whose way to x is built again behind ȳ",
    source: "Chen et al., Training deep nets with sublinear memory cost, 2016")

  var count = 1

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard (1...max(inputs.count, 1)).contains(count), !inputs.isEmpty else {
      throw .badAttribute("count", "recomputed: \(count) results among \(inputs.count) operands")
    }
    return Array(inputs.prefix(count))
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let counts = try infer(inputs).map { (type) throws(OperationError) in try type.knownSizes().reduce(1, *) }
    return BlockKernel(blocks: count) { block, inputs, outputs in
      StridedCopy.copy(0..<counts[block], inputs[block], into: outputs[block])
    }
  }

  /// The engine builds the gradient anew; this is that of the results as they are.
  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    gradients.map(Gradient.value) + call.inputs.dropFirst(count).map { _ in .zero }
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { Array(batch.operands.prefix(count)) }
}

/// A value, once another is there.
struct After: PreparedOperation {
  static let name = "after"
  static let signature: Signature = "x, other -> y"
  static let isTransparent = true
  static let manual = Manual(
    "x as it is, for what is to be computed only once the other operand is: what recompute begins with.",
    shapes: "x [...], other → y [...]", gradient: "x̄ = ȳ; zero for the other")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { [inputs[0]] }
  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel { try BlockKernel.copying(inputs[0]) }
  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0]), .zero]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    let other =
      switch batch.operands[1] {
      case .shared(let value), .each(let value): value
      }
    switch batch.operands[0] {
    case .shared(let x): return try batch.call.builder.add(self, [x, other]).map(BatchedValue.shared)
    case .each(let x): return try batch.adding(self, [x, other])
    }
  }
}
