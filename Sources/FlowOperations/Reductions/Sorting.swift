import FlowGraph
import FlowKernels
import FlowTensor

/// Elements in order.
struct Sort: PreparedOperation {
  static let name = "sort"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("axis", \.axis, "the axis along which to sort"),
    Attribute<Self>("descending", \.descending, "whether the largest come first"),
  ]
  static let manual = Manual(
    "Elements in order along an axis; NaN counts as the largest.", shapes: elementwise,
    gradient: "x̄ = ȳ, each where its element came from; of equal elements the first is the lower position")

  var axis = -1
  var descending = false

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    _ = try Self.sortable(inputs[0], axis)
    return inputs
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let kernel = try Self.sorting(inputs[0], axis, descending)
    return try Self.singlePrecision(inputs, infer(inputs)) { _ in
      BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs in
        kernel.run(block: block, inputs[0], values: outputs[0], positions: nil)
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let x = call.inputs[0]
    let positions = x.applying("argsort", ["axis": .whole(axis), "descending": .boolean(descending)])
    return [.value(try gradients[0].scattered(to: positions, axis, of: x))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }
}

/// Positions in order.
struct SortPositions: PreparedOperation {
  static let name = "argsort"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("axis", \.axis, "the axis along which to sort"),
    Attribute<Self>("descending", \.descending, "whether the largest come first"),
  ]
  static let manual = Manual(
    "Positions of the elements in order along an axis; equal ones keep their order, NaN counts as the largest.",
    shapes: "x [a, n, b] → y i32 [a, n, b]", gradient: "undefined: a position")

  var axis = -1
  var descending = false

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    _ = try Self.sortable(inputs[0], axis)
    return [TensorType(.i32, inputs[0].shape)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let kernel = try Self.sorting(inputs[0], axis, descending)
    return try Self.singlePrecision(inputs, infer(inputs)) { _ in
      BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs in
        kernel.run(block: block, inputs[0], values: nil, positions: outputs[0])
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.undefined("its output is a position")]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }
}

/// The largest elements.
struct TopK: PreparedOperation {
  static let name = "top_k"
  static let signature: Signature = "x -> values, positions"
  static let attributes = [
    Attribute<Self>("k", \.k, required: true, "how many"),
    Attribute<Self>("axis", \.axis, "the axis along which to choose"),
  ]
  static let manual = Manual(
    "The k largest elements along an axis, the largest first, and their positions; at a tie the lower position first.",
    shapes: "x [a, n, b] → values [a, k, b], positions i32 [a, k, b]",
    gradient: "x̄ = that of the values, each where its element came from; through the positions undefined",
    source: "ONNX, TopK")

  var k: Dimension = 1
  var axis = -1

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    var values = inputs[0]
    let axis = try Self.sortable(values, axis)
    _ = try Self.checked(sizes: [k], "k")
    if let count = k.size, let size = values.shape[axis].size, count > size {
      throw .badAttribute("k", "top_k: axis \(axis) of \(values.shape) has \(size) elements, not \(count)")
    }
    values.shape.dimensions[axis] = k
    return [values, TensorType(.i32, values.shape)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let outputs = try infer(inputs)
    let kernel = try Self.sorting(inputs[0], axis, true, count: k.size)
    return try Self.singlePrecision(inputs, outputs) { _ in
      BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs in
        kernel.run(block: block, inputs[0], values: outputs[0], positions: outputs[1])
      }
    }
  }

  /// What reaches the positions is floating only where an operation behind them passed on that it needs a gradient.
  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    guard !gradients[1].dtype.isFloating else { return [.undefined("its output is a position")] }
    return [.value(try gradients[0].scattered(to: call.outputs[1], axis, of: call.inputs[0]))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }
}

extension Value {
  /// Zeros shaped as `x`, with this value's elements at positions along an axis, which count as constants.
  fileprivate func scattered(to positions: Value, _ axis: Int, of x: Value) throws(OperationError) -> Value {
    try builder.one("scatter_add", [zeros(like: x), positions.applying("stop_gradient"), self], ["axis": .whole(axis)])
  }
}

extension Operation {
  /// The axis, once it is known that its elements have an order and positions in i32.
  fileprivate static func sortable(_ type: TensorType, _ axis: Int) throws(OperationError) -> Int {
    try expectNumbers(type)
    let axis = try Self.axis(axis, of: type.shape)
    guard type.shape[axis].size ?? 0 <= Int(Int32.max) else {
      throw OperationError(.limit, "\(name): positions in \(type) do not fit in i32")
    }
    return axis
  }

  fileprivate static func sorting(
    _ type: TensorType, _ axis: Int, _ descending: Bool, count: Int? = nil
  ) throws(OperationError) -> SortKernel {
    let sizes = try type.knownSizes()
    let axis = try sortable(type, axis)
    return SortKernel(sizes, axis: axis, descending: descending, count: count ?? sizes[axis])
  }
}
