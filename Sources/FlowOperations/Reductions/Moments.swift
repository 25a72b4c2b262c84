import FlowGraph
import FlowKernels
import FlowTensor

/// Variance of elements.
struct Variance: ReductionOperation {
  static let name = "variance"
  static let reduction = Reduction.variance
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Mean squared distance from the mean, divided by n; NaN of none.", shapes: reducing,
    gradient: "x̄ = 2 · ȳ · (x - mean) / n, n being the elements of one variance",
    source: "Chan, Golub & LeVeque, Updating formulae for computing sample variances, 1979")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType {
    try expectFloating(type)
    return type.dtype
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let x = call.inputs[0]
    return [.value(try kept(2 * gradients[0], of: x) * shareOfDistance(x))]
  }
}

/// Standard deviation of elements.
struct StandardDeviation: ReductionOperation {
  static let name = "std"
  static let reduction = Reduction.deviation
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Square root of the variance, which divides by n; NaN of none.", shapes: reducing,
    gradient: "x̄ = ȳ · (x - mean) / (n · y); zero where y is")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType {
    try expectFloating(type)
    return type.dtype
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let x = call.inputs[0]
    return [.value(try kept(gradients[0] / call.outputs[0].oneWhereZero, of: x) * shareOfDistance(x))]
  }
}

/// Euclidean length.
struct Norm: ReductionOperation {
  static let name = "norm"
  static let reduction = Reduction.norm
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Square root of the sum of squares.", shapes: reducing, gradient: "x̄ = ȳ · x / y; zero where y is")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType {
    try expectFloating(type)
    return type.dtype
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(try kept(gradients[0] / call.outputs[0].oneWhereZero, of: call.inputs[0]) * call.inputs[0])]
  }
}

extension ReductionOperation {
  /// `(x - mean) / n`
  fileprivate func shareOfDistance(_ x: Value) throws(OperationError) -> Value {
    let isReduced = try Self.selected(axis, of: x.shape)
    let axes = Axes.list(isReduced.indices.filter { isReduced[$0] })
    let mean = x.applying("mean", ["axis": axes.attributeValue, "keepdims": .boolean(true)])
    return (x - mean).divided(by: try Self.elementCount(x.shape.dropping(isReduced.map { !$0 })))
  }
}

extension Value {
  /// A divisor for what is zero itself where this is.
  fileprivate var oneWhereZero: Value { equal(to: constant(.whole(0))).selecting(constant(.whole(1)), else: self) }
}
