import FlowGraph
import FlowKernels
import FlowTensor

private let exclusiveHelp = "whether an element's own number is left out of its result"
private let reverseHelp = "whether to begin at the end"

/// Running sums.
struct CumulativeSum: PreparedOperation {
  static let name = "cumsum"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("axis", \.axis, "the axis to go along"),
    Attribute<Self>("exclusive", \.exclusive, exclusiveHelp), Attribute<Self>("reverse", \.reverse, reverseHelp),
  ]
  static let manual = Manual(
    "Sum of all elements up to each one along an axis; of whole numbers and booleans in i64.", shapes: elementwise,
    gradient: "x̄ = the sum of ȳ from each element on: cumsum the other way round", source: "ONNX, CumSum")

  var axis = -1
  var exclusive = false
  var reverse = false

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    _ = try Self.axis(axis, of: inputs[0].shape)
    return [TensorType(try sumDType(Self.self, inputs[0]), inputs[0].shape)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    _ = try infer(inputs)
    return BlockKernel.scanning(
      ScanKernel(
        .sum, try inputs[0].knownSizes(), axis: try Self.axis(axis, of: inputs[0].shape), exclusive: exclusive,
        reverse: reverse))
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [
      .value(
        gradients[0].applying(
          "cumsum", ["axis": .whole(axis), "exclusive": .boolean(exclusive), "reverse": .boolean(!reverse)]))
    ]
  }
}

/// Running products.
struct CumulativeProduct: PreparedOperation {
  static let name = "cumprod"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("axis", \.axis, "the axis to go along"),
    Attribute<Self>("exclusive", \.exclusive, exclusiveHelp), Attribute<Self>("reverse", \.reverse, reverseHelp),
  ]
  static let manual = Manual(
    "Product of all elements up to each one along an axis; of whole numbers and booleans in i64.", shapes: elementwise,
    gradient: "x̄ₖ = Σ ȳᵢ · the product of yᵢ's elements but xₖ, zeros included; a square of the axis in memory")

  var axis = -1
  var exclusive = false
  var reverse = false

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    _ = try Self.axis(axis, of: inputs[0].shape)
    return [TensorType(try sumDType(Self.self, inputs[0]), inputs[0].shape)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    _ = try infer(inputs)
    return BlockKernel.scanning(
      ScanKernel(
        .product, try inputs[0].knownSizes(), axis: try Self.axis(axis, of: inputs[0].shape), exclusive: exclusive,
        reverse: reverse))
  }

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
}

extension BlockKernel {
  fileprivate static func scanning(_ kernel: ScanKernel) -> BlockKernel {
    BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs in
      kernel.run(block: block, inputs[0], into: outputs[0])
    }
  }
}
