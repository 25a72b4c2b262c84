import FlowGraph
import FlowKernels
import FlowTensor

/// One of two numbers, by a condition.
struct Where: PreparedOperation {
  static let name = "where"
  static let signature: Signature = "condition, x, y -> z"
  static let manual = Manual(
    "x where the condition holds, else y.", shapes: "condition bool, x, y broadcast → z",
    gradient: "x̄ = z̄ where the condition holds, ȳ = z̄ elsewhere")

  var tileRule: TileRule? { .map(.where) }

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard inputs[0].dtype == .bool else {
      throw .dtypeMismatch("where: the condition is bool, not \(inputs[0])", help: "compare it with something")
    }
    try Self.expectSameDType(inputs[1], inputs[2])
    let shape = try Self.broadcast(try Self.broadcast(inputs[0].shape, inputs[1].shape), inputs[2].shape)
    return [TensorType(inputs[1].dtype, shape)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    var sizes: [[Int]] = []
    for type in try inputs + infer(inputs) { sizes.append(try type.knownSizes()) }
    let kernel = ElementwiseKernel(.where, sizes.dropLast(), into: sizes[3])
    return BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs throws(OperationError) in
      try Self.explaining { () throws(KernelFault) in try kernel.run(block: block, inputs, into: outputs[0]) }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (condition, gradient) = (call.inputs[0], gradients[0])
    let zero = gradient.constant(.whole(0))
    return [
      .zero, .value(condition.selecting(gradient, else: zero)), .value(condition.selecting(zero, else: gradient)),
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    try batch.addingElementwise(self)
  }
}
