import FlowGraph
import FlowTensor

/// The same elements in another shape.
struct Reshape: SameElements {
  static let name = "reshape"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("shape", \.shape, required: true, "the new sizes; one may be -1, for what is left")
  ]
  static let manual = Manual(
    "The same elements, in the same order, in another shape.", shapes: "x [...] → y [shape]",
    gradient: "x̄ = ȳ, reshaped back")

  var shape = Shape.scalar

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let x = inputs[0]
    guard let free = shape.dimensions.firstIndex(of: -1) else {
      let target = try Self.checked(shape)
      guard try Self.elementCount(x.shape).equals(try Self.elementCount(target)) != false else { throw misfit(x) }
      return [TensorType(x.dtype, target)]
    }
    var target = shape
    target.dimensions[free] = 1
    _ = try Self.checked(target)
    target.dimensions[free] = try quotient(x, by: try Self.elementCount(target))
    return [TensorType(x.dtype, target)]
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0].reshaped(to: call.inputs[0].shape))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { batch.result(batch.leading(0)) }

  private func quotient(_ x: TensorType, by rest: Dimension) throws(OperationError) -> Dimension {
    let count = try Self.elementCount(x.shape)
    if let quotient = count.divided(by: rest) { return quotient }
    guard count.size == nil || rest.size == nil, rest.size != 0 else { throw misfit(x) }
    return .unknown
  }

  private func misfit(_ x: TensorType) -> OperationError {
    .shapeMismatch("reshape: the elements of \(x.shape) do not fit in \(shape)")
  }
}

/// All axes but the first, joined.
struct Flatten: SameElements {
  static let name = "flatten"
  static let signature: Signature = "x -> y"
  static let manual = Manual(
    "All axes but the first, joined to one.", shapes: "x [n, ...] → y [n, m]", gradient: "x̄ = ȳ, reshaped back")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let shape = inputs[0].shape
    guard shape.rank > 0 else { throw .shapeMismatch("flatten: there is no axis to keep in \(inputs[0])") }
    return [
      TensorType(inputs[0].dtype, [shape[0], try Self.elementCount(Shape(Array(shape.dimensions.dropFirst())))])
    ]
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0].reshaped(to: call.inputs[0].shape))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { batch.result(batch.leading(0)) }
}

/// Without axes of size 1.
struct Squeeze: SameElements {
  static let name = "squeeze"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("axis", \.axis, "the axes to leave out, of size 1 each; all such where left out")
  ]
  static let manual = Manual(
    "x without axes of size 1.", shapes: "x [..., 1, ...] → y [...]", gradient: "x̄ = ȳ, reshaped back")

  var axis = Axes.all

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let shape = inputs[0].shape
    var isDropped = shape.map { $0.size == 1 }
    if axis != .all {
      isDropped = try Self.selected(axis, of: shape)
      for (dimension, isDropped) in zip(shape, isDropped) where isDropped && dimension.equals(1) == false {
        throw .shapeMismatch("squeeze: an axis of size \(dimension) in \(shape) cannot be left out")
      }
    }
    return [TensorType(inputs[0].dtype, shape.dropping(isDropped))]
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0].reshaped(to: call.inputs[0].shape))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { batch.result(batch.leading(0)) }
}

/// With new axes of size 1.
struct Unsqueeze: SameElements {
  static let name = "unsqueeze"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("axis", \.axis, required: true, "where the result has new axes")
  ]
  static let manual = Manual(
    "x with new axes of size 1.", shapes: "x [...] → y [..., 1, ...]", gradient: "x̄ = ȳ, reshaped back")

  var axis = Axes.list([])

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let shape = inputs[0].shape
    let added =
      switch axis {
      case .all: 0
      case .one: 1
      case .list(let axes): axes.count
      }
    let isNew = try Self.selected(axis, of: try Self.checked(Shape(Array(repeating: 1, count: shape.rank + added))))
    var rest = shape.dimensions[...]
    return [TensorType(inputs[0].dtype, Shape(isNew.map { $0 ? 1 : rest.popFirst() ?? 1 }))]
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0].reshaped(to: call.inputs[0].shape))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { batch.result(batch.leading(0)) }
}

/// In the shape of another, which is the same but for axes of size 1.
struct MatchShape: SameElements {
  static let name = "match_shape"
  static let signature: Signature = "x, like -> y"
  static let manual = Manual(
    "x in the shape of like, which must be the same once axes of size 1 are left out.",
    shapes: "x [n, 1], like [n] → y [n]", gradient: "x̄ = ȳ, reshaped back; zero for like")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let (x, like) = (inputs[0].shape, inputs[1].shape)
    let (a, b) = (Self.withoutOnes(x), Self.withoutOnes(like))
    // A size not known yet may turn out to be 1.
    let isDecided = a.rank == b.rank || (a.sizes != nil && b.sizes != nil)
    guard !isDecided || a.equals(b) != false else {
      throw .shapeMismatch("match_shape: shapes \(x) and \(like) differ in more than axes of size 1")
    }
    return [TensorType(inputs[0].dtype, like)]
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0].reshaped(to: call.inputs[0].shape)), .zero]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    switch batch.operands[0] {
    case .each(let x): batch.result(x)
    case .shared: batch.call.outputs.map(BatchedValue.shared)
    }
  }

  private static func withoutOnes(_ shape: Shape) -> Shape { Shape(shape.dimensions.filter { $0.size != 1 }) }
}
