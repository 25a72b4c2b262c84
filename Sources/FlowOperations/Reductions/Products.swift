import FlowGraph
import FlowKernels
import FlowTensor

/// Product of elements.
struct Product: ReductionOperation {
  static let name = "prod"
  static let reduction = Reduction.prod
  static let attributes = reductionAttributes
  static let manual = Manual(
    "Product of elements; of whole numbers and booleans in i64; 1 of none.", shapes: reducing,
    gradient: "x̄ = ȳ · the product of the others, zeros included")

  var axis = Axes.all
  var keepdims = false

  static func result(of type: TensorType) throws(OperationError) -> DType { try sumDType(Self.self, type) }

  /// The product of the others works along a last axis: the reduced axes are brought there, and back.
  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let x = call.inputs[0]
    let isReduced = try Self.selected(axis, of: x.shape)
    let order = x.shape.indices.filter { !isReduced[$0] } + x.shape.indices.filter { isReduced[$0] }
    let moved = x.transposed(order)
    let outer = Array(x.shape.dropping(isReduced))
    let count = try Self.elementCount(x.shape.dropping(isReduced.map { !$0 }))
    let others = moved.reshaped(to: Shape(outer + [count])).applying("prod_others").reshaped(to: moved.shape)
    var inverse = order
    for (position, axis) in order.enumerated() { inverse[axis] = position }
    return [.value(try kept(gradients[0], of: x) * others.transposed(inverse))]
  }
}

/// For each element, the product of the others in its row.
struct ProductOfOthers: PreparedOperation {
  static let name = "prod_others"
  static let signature: Signature = "x -> y"
  static let manual = Manual(
    "For each element, the product of the others along the last axis.", shapes: "x [..., n] → y [..., n]",
    gradient: "x̄ₖ = Σ over i ≠ k of ȳᵢ · the product of all but xᵢ and xₖ")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectFloating(inputs[0])
    _ = try Self.axis(-1, of: inputs[0].shape)
    return inputs
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let sizes = try inputs[0].knownSizes()
    let kernel = ProductOfOthersKernel(rows: sizes.dropLast().reduce(1, *), columns: sizes[sizes.count - 1])
    return try Self.singlePrecision(inputs, infer(inputs)) { _ in
      BlockKernel { _, inputs, outputs in kernel.run(inputs[0], into: outputs[0]) }
    }
  }

  /// Row i of a square of copies of x, with xᵢ replaced by 1, gives the products of all but two.
  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let x = call.inputs[0]
    let outer = Array(x.shape.dimensions.dropLast())
    let n = x.shape[x.shape.rank - 1]
    let one = x.constant(.whole(1))
    let diagonal = try call.builder.one(
      "eye", [], ["shape": Shape([n, n]).attributeValue, "dtype": .dtype(x.dtype)]
    ).equal(to: one)
    let copies = diagonal.selecting(one, else: x.reshaped(to: Shape(outer + [1, n])))
    let products = diagonal.selecting(one.zeros, else: copies.applying("prod_others"))
    let weighted = gradients[0].reshaped(to: Shape(outer + [n, 1])) * products
    return [.value(weighted.summed(over: .one(-2)))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.adding(self) }
}
