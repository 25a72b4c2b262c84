import FlowGraph
import FlowKernels
import FlowTensor

/// Cross entropy of softmax.
struct SoftmaxCrossEntropy: PreparedOperation {
  static let name = "softmax_cross_entropy"
  static let signature: Signature = "logits, target -> loss"
  static let manual = Manual(
    "Cross entropy between softmax of the last axis and class indices, or rows of probabilities; the mean over rows.",
    shapes: "logits [..., c], target [...] of whole numbers or [..., c] of probabilities → loss",
    gradient: "logits̄ = (softmax(logits) · Σ p - p) / rows, p̄ = -log_softmax(logits) / rows, each times loss̄")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let (logits, target) = (inputs[0], inputs[1])
    try Self.expectFloating(logits)
    guard logits.shape.rank > 0 else { throw .shapeMismatch("softmax_cross_entropy: \(logits) has no classes") }
    if !target.dtype.isInteger { try Self.expectSameDType(logits, target) }
    let expected = target.dtype.isInteger ? Shape(Array(logits.shape.dimensions.dropLast())) : logits.shape
    guard target.shape.equals(expected) != false else {
      throw .shapeMismatch(
        "softmax_cross_entropy: a target \(target) does not fit logits \(logits)",
        help: target.dtype.isInteger
          ? "class indices have shape \(expected)" : "probabilities have the logits' shape; class indices are integers")
    }
    return [TensorType(logits.dtype)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let outputs = try infer(inputs)
    let kernel = try CrossEntropyKernel(logits: inputs[0])
    return try Self.singlePrecision(inputs, outputs) { _ in
      BlockKernel { _, inputs, outputs throws(OperationError) in
        try Self.explaining(.classes, of: inputs[1]) { () throws(KernelFault) in
          try kernel.run(inputs[0], inputs[1], into: outputs[0])
        }
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (logits, target) = (call.inputs[0], call.inputs[1])
    let rows = try Self.elementCount(Shape(Array(logits.shape.dimensions.dropLast())))
    let scale = gradients[0].divided(by: rows)
    guard target.dtype.isFloating else {
      let gradient = try call.builder.one("softmax_cross_entropy_gradient", [logits, target, scale])
      return [.value(gradient), .undefined("a class has no gradient")]
    }
    let softmax = logits.applying("softmax")
    let total = target.summed(over: .one(-1), keepingDimensions: true)
    return [
      .value((softmax * total - target) * scale), .value(-(logits.applying("log_softmax") * scale)),
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    let (logits, target) = (batch.leading(0), batch.leading(1))
    let logarithms = logits.applying("log_softmax")
    let terms: Value
    if target.dtype.isInteger {
      let labels = target.applying("unsqueeze", ["axis": .whole(-1)])
      terms = logarithms.combined("gather_along", labels, ["axis": .whole(-1)])
    } else {
      // As in the kernel, a class of no probability adds nothing, even where its logit is -infinity.
      terms = target.equal(to: target.constant(0)).selecting(logarithms.constant(0), else: target * logarithms)
    }
    let rows = try Self.elementCount(Shape(Array(batch.call.inputs[0].shape.dimensions.dropLast())))
    return batch.result(-terms.summed(over: .list(Array(1..<terms.shape.rank))).divided(by: rows))
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    let count = (try? inputs[0].shape.elementCount().size) ?? 0
    let (flops, overflow) = count.multipliedReportingOverflow(by: 8)
    return overflow ? .max : flops
  }
}

/// What the cross entropy of classes says of the logits.
struct SoftmaxCrossEntropyGradient: PreparedOperation {
  static let name = "softmax_cross_entropy_gradient"
  static let signature: Signature = "logits, target, scale -> y"
  static let manual = Manual(
    "(softmax(logits) - one_hot(target)) · scale in one pass: the gradient of softmax_cross_entropy of class indices.",
    shapes: "logits [..., c], target [...] of whole numbers, scale → y [..., c]",
    gradient: "that of the same, written with softmax and one_hot")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectWhole(inputs[1], "classes")
    _ = try SoftmaxCrossEntropy().infer(Array(inputs.prefix(2)))
    try Self.expectSameDType(inputs[0], inputs[2])
    guard inputs[2].shape.rank == 0 else {
      throw .shapeMismatch("\(Self.name): the scale is a scalar, not \(inputs[2])")
    }
    return [inputs[0]]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let outputs = try infer(inputs)
    let kernel = try CrossEntropyKernel(logits: inputs[0])
    return try Self.singlePrecision(inputs, outputs) { _ in
      BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs throws(OperationError) in
        try Self.explaining(.classes, of: inputs[1]) { () throws(KernelFault) in
          try kernel.gradient(block: block, inputs[0], inputs[1], scale: inputs[2], into: outputs[0])
        }
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (logits, target, scale) = (call.inputs[0].copied, call.inputs[1], call.inputs[2].copied)
    let parts = try Self.pullback(of: [Self.composed(logits, target, scale)], by: gradients, wrt: [logits, scale])
    return [.value(parts[0]), .undefined("a class has no gradient"), .value(parts[1])]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    let rank = batch.call.inputs[0].shape.rank
    return batch.result(
      Self.composed(
        batch.aligned(0, rank: rank), batch.aligned(1, rank: rank - 1), batch.aligned(2, rank: rank)))
  }

  /// The same of other operations, which have rules of their own.
  private static func composed(_ logits: Value, _ target: Value, _ scale: Value) -> Value {
    let classes = logits.shape[logits.shape.rank - 1].attributeValue
    let expected = target.applying("one_hot", ["depth": classes, "dtype": .dtype(logits.dtype)])
    return (logits.applying("softmax") - expected) * scale
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    SoftmaxCrossEntropy().flops(inputs, outputs)
  }
}

extension CrossEntropyKernel {
  fileprivate init(logits: TensorType) throws(OperationError) {
    let sizes = try logits.knownSizes()
    self.init(rows: sizes.dropLast().reduce(1, *), classes: sizes[sizes.count - 1])
  }
}
