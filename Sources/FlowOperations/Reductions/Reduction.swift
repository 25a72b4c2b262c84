import FlowGraph
import FlowKernels
import FlowTensor

/// An operation that makes one number of all along some axes.
protocol ReductionOperation: PreparedOperation {
  static var reduction: Reduction { get }
  /// What the dtype of a result is; throws where the operand's is not taken.
  static func result(of type: TensorType) throws(OperationError) -> DType
  /// Whether an axis of size 0 leaves nothing to answer with.
  static var needsElements: Bool { get }
  var axis: Axes { get set }
  var keepdims: Bool { get set }
}

extension ReductionOperation {
  static var signature: Signature { "x -> y" }
  static var needsElements: Bool { false }

  /// The attributes that every reduction has.
  static var reductionAttributes: [Attribute<Self>] {
    [
      Attribute("axis", \.axis, "the axes to reduce; all where left out"),
      Attribute("keepdims", \.keepdims, "whether reduced axes stay, with size 1"),
    ]
  }

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let type = inputs[0]
    let dtype = try Self.result(of: type)
    let isReduced = try Self.selected(axis, of: type.shape)
    if Self.needsElements, zip(type.shape, isReduced).contains(where: { $0.size == 0 && $1 }) {
      throw .shapeMismatch("\(Self.name): there is nothing to choose from in \(type)")
    }
    return [TensorType(dtype, keepdims ? type.shape.keeping(isReduced) : type.shape.dropping(isReduced))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let isReduced = try Self.selected(axis, of: inputs[0].shape)
    return try Self.singlePrecision(inputs, infer(inputs)) { (inputs) throws(OperationError) in
      BlockKernel.reducing(Self.reduction, inputs[0].dtype, try inputs[0].knownSizes(), isReduced)
    }
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    (try? inputs[0].shape.elementCount().size) ?? 0
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch(rank: batch.call.inputs[0].shape.rank)
    return try batch.adding(copy)
  }

  /// Repeats a result's gradient, or the result itself, along the reduced axes.
  func spread(_ value: Value, over operand: Value) throws(OperationError) -> Value {
    try kept(value, of: operand).broadcast(to: operand.shape)
  }

  /// A result with size 1 along the reduced axes.
  func kept(_ value: Value, of operand: Value) throws(OperationError) -> Value {
    value.reshaped(to: operand.shape.keeping(try Self.selected(axis, of: operand.shape)))
  }
}

extension BlockKernel {
  static func reducing(
    _ reduction: Reduction, _ dtype: DType, _ sizes: [Int], _ isReduced: [Bool]
  ) -> CallableKernel {
    let kernel = ReductionKernel(reduction, dtype, sizes, isReduced: isReduced)
    let blocks = BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs in
      kernel.run(block: block, inputs[0], into: outputs[0])
    }
    return CallableKernel(blocks, kernel)
  }
}

let reducing = "x [...] → y, without the reduced axes"
