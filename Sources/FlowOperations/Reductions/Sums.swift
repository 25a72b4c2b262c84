import FlowGraph
import FlowKernels
import FlowTensor

/// Sum of elements.
struct Sum: ReductionOperation {
  static let name = "sum"
  static let reduction = Reduction.sum
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Sum of elements; of whole numbers and booleans in i64; 0 of none.", shapes: reducing,
    gradient: "x̄ = ȳ, repeated along the reduced axes")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType { try sumDType(Self.self, type) }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(try spread(gradients[0], over: call.inputs[0]))]
  }
}

/// Mean of elements.
struct Mean: ReductionOperation {
  static let name = "mean"
  static let reduction = Reduction.mean
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Mean of elements; of whole numbers and booleans in f32; NaN of none.", shapes: reducing,
    gradient: "x̄ = ȳ / n, repeated along the reduced axes, n being the elements of one mean")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType {
    type.dtype.isFloating ? type.dtype : .f32
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let shape = call.inputs[0].shape
    let isReduced = try Self.selected(axis, of: shape)
    let count = try Self.elementCount(shape.dropping(isReduced.map { !$0 }))
    return [.value(try spread(gradients[0].divided(by: count), over: call.inputs[0]))]
  }
}

/// Sum of squares.
struct SumOfSquares: ReductionOperation {
  static let name = "sum_squares"
  static let reduction = Reduction.sumOfSquares
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Sum of the elements' squares; of whole numbers in i64.", shapes: reducing, gradient: "x̄ = 2 · ȳ · x")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType { try sumDType(Self.self, type) }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(try kept(2 * gradients[0], of: call.inputs[0]) * call.inputs[0])]
  }
}

/// Logarithm of the sum of exponentials.
struct LogSumExponential: ReductionOperation {
  static let name = "logsumexp"
  static let reduction = Reduction.logSumExp
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Logarithm of the sum of the elements' exponentials, without overflow.", shapes: reducing,
    gradient: "x̄ = ȳ · exp(x - y)")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType {
    try expectFloating(type)
    return type.dtype
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let x = call.inputs[0]
    let share = try (x - kept(call.outputs[0], of: x)).applying("exp")
    return [.value(try kept(gradients[0], of: x) * share)]
  }
}

func sumDType<Body: Operation>(_ operation: Body.Type, _ type: TensorType) throws(OperationError) -> DType {
  type.dtype.isFloating ? type.dtype : .i64
}
