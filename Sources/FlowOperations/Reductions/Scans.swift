import FlowGraph
import FlowKernels
import FlowTensor

/// An operation that makes of each element one number of all up to it, along an axis.
protocol ScanOperation: PreparedOperation {
  static var kind: ScanKernel.Kind { get }
  var axis: Int { get set }
  var exclusive: Bool { get set }
  var reverse: Bool { get set }
}

extension ScanOperation {
  static var signature: Signature { "x -> y" }

  /// The attributes that every scan has.
  static var scanAttributes: [Attribute<Self>] {
    [
      Attribute("axis", \.axis, "the axis to go along"),
      Attribute("exclusive", \.exclusive, "whether an element's own number is left out of its result"),
      Attribute("reverse", \.reverse, "whether to begin at the end"),
    ]
  }

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    _ = try Self.axis(axis, of: inputs[0].shape)
    return [TensorType(try sumDType(Self.self, inputs[0]), inputs[0].shape)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let kernel = ScanKernel(
      Self.kind, try inputs[0].knownSizes(), axis: try Self.axis(axis, of: inputs[0].shape), exclusive: exclusive,
      reverse: reverse)
    return try Self.singlePrecision(inputs, infer(inputs)) { _ in
      BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs in
        kernel.run(block: block, inputs[0], into: outputs[0])
      }
    }
  }
}

/// Running sums.
struct CumulativeSum: ScanOperation {
  static let name = "cumsum"
  static let kind = ScanKernel.Kind.sum
  static let attributes = scanAttributes
  static let manual = Manual(
    "Sum of all elements up to each one along an axis; of whole numbers and booleans in i64.", shapes: elementwise,
    gradient: "x̄ = the sum of ȳ from each element on: cumsum the other way round", source: "ONNX, CumSum")

  var axis = -1
  var exclusive = false
  var reverse = false

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [
      .value(
        gradients[0].applying(
          "cumsum", ["axis": .whole(axis), "exclusive": .boolean(exclusive), "reverse": .boolean(!reverse)]))
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }
}

/// Running products.
struct CumulativeProduct: ScanOperation {
  static let name = "cumprod"
  static let kind = ScanKernel.Kind.product
  static let attributes = scanAttributes
  static let manual = Manual(
    "Product of all elements up to each one along an axis; of whole numbers and booleans in i64.", shapes: elementwise,
    gradient: "x̄ₖ = Σ ȳᵢ · the product of yᵢ's elements but xₖ, zeros included; a square of the axis in memory")

  var axis = -1
  var exclusive = false
  var reverse = false

  /// Row k of a square of copies of x, with xₖ replaced by 1, gives the products of all but xₖ; those that hold xₖ count.
  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let x = call.inputs[0]
    let axis = try Self.axis(axis, of: x.shape)
    let order = x.shape.indices.filter { $0 != axis } + [axis]
    var inverse = order
    for (position, axis) in order.enumerated() { inverse[axis] = position }
    let moved = x.transposed(order)
    let row = Shape(moved.shape.dimensions.dropLast() + [1, x.shape[axis]])
    let ones = try call.builder.fill(.whole(1), TensorType(x.dtype, [x.shape[axis], x.shape[axis]]))
    let isOwn = ones.applying("diagonal").applying("diagonal_matrix").equal(to: x.constant(.whole(1)))
    let copies = isOwn.selecting(x.constant(.whole(1)), else: moved.reshaped(to: row))
    let products = copies.applying("cumprod", ["exclusive": .boolean(exclusive), "reverse": .boolean(reverse)])
    let holding = ones.applying(reverse ? "tril" : "triu", ["offset": .whole(exclusive ? (reverse ? -1 : 1) : 0)])
    let weighted = gradients[0].transposed(order).reshaped(to: row) * holding * products
    return [.value(weighted.summed(over: .one(-1)).transposed(inverse))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }
}
