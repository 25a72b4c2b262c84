import FlowGraph
import FlowKernels
import FlowTensor

private let alongShapes = "x [a, n, b], indices [a, m, b]"

/// Entries of an axis, by indices of their own for each row of it.
struct GatherAlongOperation: PreparedOperation {
  static let name = "gather_along"
  static let signature: Signature = "x, indices -> y"
  static let attributes = [Attribute<Self>("axis", \.axis, "the axis that is indexed")]
  static let manual = Manual(
    "Along an axis the entries that indices name, each in 0..<n; the other axes of both go together.",
    shapes: alongShapes + " → y [a, m, b]",
    gradient: "x̄ = ȳ, summed where its entry came from; the indices' is undefined",
    source: "ONNX, GatherElements; NumPy's take_along_axis")

  var axis = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    _ = try Self.alongAxis(axis, inputs)
    return [TensorType(inputs[0].dtype, inputs[1].shape)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let kernel = try Self.kernel(axis, inputs)
    return BlockKernel { _, inputs, outputs throws(OperationError) in
      try Self.explaining(of: inputs[1]) { () throws(KernelFault) in
        try kernel.gather(inputs[0], inputs[1], into: outputs[0])
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let sum = try call.builder.one(
      "scatter_add", [gradients[0].zeros(like: call.inputs[0]), call.inputs[1], gradients[0]], ["axis": .whole(axis)])
    return [.value(sum), noIndexGradient]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }
}

/// Numbers added to entries of an axis.
struct ScatterAdd: PreparedOperation {
  static let name = "scatter_add"
  static let signature: Signature = "x, indices, updates -> y"
  static let attributes = [Attribute<Self>("axis", \.axis, "the axis that is indexed")]
  static let manual = Manual(
    "x with updates added to the entries that indices name along an axis, in the order of the updates.",
    shapes: alongShapes + ", updates [a, m, b] → y [a, n, b]",
    gradient: "x̄ = ȳ; that of the updates is gather_along(ȳ, indices); the indices' is undefined",
    source: "ONNX, ScatterElements with reduction add")

  var axis = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectNumbers(inputs[0])
    return [try Self.scattered(axis, inputs)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let outputs = try infer(inputs)
    let kernel = try Self.kernel(axis, inputs)
    return try Self.singlePrecision(inputs, outputs) { _ in
      BlockKernel { _, inputs, outputs throws(OperationError) in
        try Self.explaining(of: inputs[1]) { () throws(KernelFault) in
          try kernel.scatterAdd(inputs[0], inputs[1], inputs[2], into: outputs[0])
        }
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let taken = gradients[0].combined("gather_along", call.inputs[1], ["axis": .whole(axis)])
    return [.value(gradients[0]), noIndexGradient, .value(taken)]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }
}

/// Entries of an axis replaced.
struct Scatter: PreparedOperation {
  static let name = "scatter"
  static let signature: Signature = "x, indices, updates -> y"
  static let attributes = [Attribute<Self>("axis", \.axis, "the axis that is indexed")]
  static let manual = Manual(
    "x with updates in place of the entries that indices name along an axis; where several meet, the last one.",
    shapes: alongShapes + ", updates [a, m, b] → y [a, n, b]",
    gradient:
      "x̄ = ȳ, zero where it was replaced; that of the updates is ȳ where they are seen; the indices' is undefined",
    source: "ONNX, ScatterElements")

  var axis = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { [try Self.scattered(axis, inputs)] }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    _ = try infer(inputs)
    let kernel = try Self.kernel(axis, inputs)
    return BlockKernel { _, inputs, outputs throws(OperationError) in
      try Self.explaining(of: inputs[1]) { () throws(KernelFault) in
        try kernel.scatter(inputs[0], inputs[1], inputs[2], into: outputs[0])
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (x, indices, updates) = (call.inputs[0], call.inputs[1], call.inputs[2])
    let attributes = ["axis": AttributeValue.whole(axis)]
    let kept = try call.builder.one("scatter", [gradients[0], indices, updates.zeros], attributes)
    // Each update leaves its number; it is seen where its own number is found again.
    let numbers = try call.builder.one(
      "arange", [],
      ["start": .whole(0), "stop": try Self.elementCount(updates.shape).attributeValue, "dtype": .dtype(.i64)]
    ).reshaped(to: updates.shape)
    let nowhere = try call.builder.fill(.whole(-1), TensorType(.i64, x.shape))
    let left = try call.builder.one("scatter", [nowhere, indices, numbers], attributes)
    let isSeen = left.combined("gather_along", indices, attributes).equal(to: numbers)
    let taken = isSeen.selecting(
      gradients[0].combined("gather_along", indices, attributes), else: gradients[0].constant(.whole(0)))
    return [.value(kept), noIndexGradient, .value(taken)]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }
}

private var noIndexGradient: Gradient { .undefined("an index has no gradient") }

extension Value {
  /// Zeros of this value's dtype and another's shape.
  func zeros(like other: Value) -> Value {
    builder.attempt(self) { () throws(OperationError) in try builder.fill(.whole(0), TensorType(dtype, other.shape)) }
  }
}

extension Operation {
  /// The axis, once the indices are known to fit: of x's rank, and of x's sizes but along the axis.
  fileprivate static func alongAxis(_ axis: Int, _ inputs: [TensorType]) throws(OperationError) -> Int {
    let (x, indices) = (inputs[0], inputs[1])
    try expectWhole(indices, "indices")
    let axis = try Self.axis(axis, of: x.shape)
    guard indices.shape.rank == x.shape.rank,
      x.shape.indices.allSatisfy({ $0 == axis || x.shape[$0].equals(indices.shape[$0]) != false })
    else {
      throw .shapeMismatch("\(name): indices of shape \(indices.shape) do not go along axis \(axis) of \(x.shape)")
    }
    return axis
  }

  fileprivate static func scattered(_ axis: Int, _ inputs: [TensorType]) throws(OperationError) -> TensorType {
    _ = try alongAxis(axis, inputs)
    try expectSameDType(inputs[0], inputs[2])
    guard inputs[1].shape.equals(inputs[2].shape) != false else {
      throw .shapeMismatch("\(name): updates of shape \(inputs[2].shape) for indices of shape \(inputs[1].shape)")
    }
    return inputs[0]
  }

  fileprivate static func kernel(_ axis: Int, _ inputs: [TensorType]) throws(OperationError) -> GatherAlong {
    let axis = try alongAxis(axis, inputs)
    return GatherAlong(try inputs[0].knownSizes(), axis: axis, count: try inputs[1].knownSizes()[axis])
  }
}
