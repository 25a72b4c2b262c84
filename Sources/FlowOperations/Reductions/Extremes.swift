import FlowGraph
import FlowKernels
import FlowTensor

/// Largest element.
struct Largest: ReductionOperation {
  static let name = "max"
  static let reduction = Reduction.max
  static let needsElements = true
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Largest element; NaN where there is one.", shapes: reducing,
    gradient: "x̄ = ȳ where x = y, shared equally among ties")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType {
    try expectNumbers(type)
    return type.dtype
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(try shared(call, gradients[0]))]
  }
}

/// Smallest element.
struct Smallest: ReductionOperation {
  static let name = "min"
  static let reduction = Reduction.min
  static let needsElements = true
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Smallest element; NaN where there is one.", shapes: reducing,
    gradient: "x̄ = ȳ where x = y, shared equally among ties")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType {
    try expectNumbers(type)
    return type.dtype
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(try shared(call, gradients[0]))]
  }
}

extension ReductionOperation {
  /// The gradient, divided among the elements that equal the result.
  fileprivate func shared(_ call: Call, _ gradient: Value) throws(OperationError) -> Value {
    let x = call.inputs[0]
    let wins = x.equal(to: try kept(call.outputs[0], of: x)).cast(to: x.dtype)
    let isReduced = try Self.selected(axis, of: x.shape)
    let axes = Axes.list(isReduced.indices.filter { isReduced[$0] })
    return try kept(gradient, of: x) / wins.summed(over: axes, keepingDimensions: true) * wins
  }
}

/// Position of the largest element.
struct PositionOfLargest: ReductionOperation {
  static let name = "argmax"
  static let reduction = Reduction.argmax
  static let needsElements = true
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Position of the first largest element, counted over the reduced axes; of the first NaN where there is one.",
    shapes: "x [...] → y i32, without the reduced axes", gradient: "undefined: a position")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType { try positionDType(Self.self, type) }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] { isPosition }
}

/// Position of the smallest element.
struct PositionOfSmallest: ReductionOperation {
  static let name = "argmin"
  static let reduction = Reduction.argmin
  static let needsElements = true
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Position of the first smallest element, counted over the reduced axes; of the first NaN where there is one.",
    shapes: "x [...] → y i32, without the reduced axes", gradient: "undefined: a position")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType { try positionDType(Self.self, type) }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] { isPosition }
}

private var isPosition: [Gradient] { [.undefined("its output is a position")] }

private func positionDType<Body: Operation>(
  _ operation: Body.Type, _ type: TensorType
) throws(OperationError) -> DType {
  try Body.expectNumbers(type)
  guard type.shape.sizes?.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) ?? 0 <= Int(Int32.max)
  else { throw OperationError(.limit, "\(Body.name): positions in \(type) do not fit in i32") }
  return .i32
}

/// Whether any element holds.
struct AnyHolds: ReductionOperation {
  static let name = "any"
  static let reduction = Reduction.any
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Whether any element holds; false of none.", shapes: "x bool [...] → y bool, without the reduced axes",
    gradient: "zero")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType {
    try expectBoolean(type)
    return .bool
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] { [.zero] }
}

/// Whether all elements hold.
struct AllHold: ReductionOperation {
  static let name = "all"
  static let reduction = Reduction.all
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Whether all elements hold; true of none.", shapes: "x bool [...] → y bool, without the reduced axes",
    gradient: "zero")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType {
    try expectBoolean(type)
    return .bool
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] { [.zero] }
}
