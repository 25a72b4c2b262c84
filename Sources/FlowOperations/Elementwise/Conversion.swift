import FlowGraph
import FlowKernels
import FlowTensor

/// The same numbers in another dtype.
struct CastOperation: PreparedOperation {
  static let name = "cast"
  static let signature: Signature = "x -> y"
  static let attributes = [Attribute<Self>("dtype", \.dtype, required: true, "the dtype of the result")]
  static let manual = Manual(
    "Each element in another dtype; floating numbers truncate to whole ones, whole ones wrap, to bool is 'not 0'.",
    shapes: elementwise, gradient: "x̄ = cast(ȳ, dtype(x)); undefined to an integer, zero to bool")

  var dtype = DType.f32
  var tileRule: TileRule? { .cast }

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { [TensorType(dtype, inputs[0].shape)] }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    BlockKernel(Blocks(of: try inputs[0].knownSizes().reduce(1, *))) { range, inputs, outputs in
      Cast.run(range, inputs[0], into: outputs[0])
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    if dtype == .bool { return [.zero] }
    if dtype.isInteger { return [.undefined("a cast to an integer has no gradient")] }
    let source = call.inputs[0].dtype
    return [.value(source.isFloating ? gradients[0].cast(to: source) : gradients[0])]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.adding(self) }
}

/// The same numbers, with gradient zero.
struct StopGradient: SameElements {
  static let name = "stop_gradient"
  static let signature: Signature = "x -> y"
  static let gradientIsNotDerivative = true
  static let cutsGradient = true
  static let manual = Manual("x as it is, treated as a constant.", shapes: elementwise, gradient: "zero by declaration")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { inputs }
  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] { [.zero] }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.adding(self) }
}
