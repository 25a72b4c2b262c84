import FlowGraph
import FlowKernels
import FlowTensor

/// Numbers put back to where a maximum was found.
struct MaximumUnpool: PreparedOperation {
  static let name = "max_unpool"
  static let signature: Signature = "x, positions -> y"
  static let attributes = [
    Attribute<Self>("size", \.size, required: true, "the sizes of the result's spatial axes")
  ]
  static let manual = Manual(
    "Zeros, to which each channel's numbers are added at their positions, counted row by row over the channel.",
    shapes: "x [n, c, h′, w′], positions [n, c, h′, w′] → y [n, c, size]",
    gradient: "x̄ = pool_entries(ȳ, positions); zero for the positions, which are constant between ties",
    source: "Zeiler, Taylor & Fergus, Adaptive deconvolutional networks for mid and high level feature learning, 2011")

  var size = Shape.scalar

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let (x, positions) = (inputs[0], inputs[1])
    try Self.expectFloating(x)
    try Self.expectWhole(positions, "positions")
    guard x.shape.rank >= 2, x.shape.equals(positions.shape) != false else {
      throw .shapeMismatch("\(Self.name): a position for each number of \(x.shape), not \(positions.shape)")
    }
    return [TensorType(x.dtype, Shape(x.shape.dimensions.prefix(2) + (try Self.checked(size, "size")).dimensions))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let outputs = try infer(inputs)
    let kernel = try PositionKernel(entriesOf: outputs[0], positions: inputs[1])
    return try Self.singlePrecision(inputs, outputs) { _ in
      BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs throws(OperationError) in
        try Self.explaining(.positions, of: inputs[1]) { () throws(KernelFault) in
          try kernel.scatterAdd(block: block, inputs[0], inputs[1], into: outputs[0])
        }
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [
      .value(gradients[0].combined("pool_entries", call.inputs[1])),
      .zero,
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    try batch.addingImages(self)
  }
}

/// The numbers of each channel at positions: what undoes `max_unpool`.
struct PoolEntries: PreparedOperation {
  static let name = "pool_entries"
  static let signature: Signature = "x, positions -> y"
  static let manual = Manual(
    "The numbers of each channel at positions, counted row by row over the channel, as max_pool_positions gives them.",
    shapes: "x [n, c, h, w], positions [n, c, h′, w′] → y [n, c, h′, w′]",
    gradient: "x̄ = max_unpool(ȳ, positions); zero for the positions, which are constant between ties")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let (x, positions) = (inputs[0], inputs[1])
    try Self.expectFloating(x)
    try Self.expectWhole(positions, "positions")
    guard x.shape.rank >= 2, positions.shape.rank >= 2,
      Shape([x.shape[0], x.shape[1]]).equals([positions.shape[0], positions.shape[1]]) != false
    else {
      throw .shapeMismatch("\(Self.name): positions \(positions.shape) for other channels than those of \(x.shape)")
    }
    return [TensorType(x.dtype, positions.shape)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let outputs = try infer(inputs)
    let kernel = try PositionKernel(entriesOf: inputs[0], positions: inputs[1])
    return try Self.singlePrecision(inputs, outputs) { _ in
      BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs throws(OperationError) in
        try Self.explaining(.positions, of: inputs[1]) { () throws(KernelFault) in
          try kernel.gather(block: block, inputs[0], inputs[1], into: outputs[0])
        }
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let size = ["size": call.inputs[0].shape.spatial.attributeValue]
    return [
      .value(gradients[0].combined("max_unpool", call.inputs[1], size)), .zero,
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    try batch.addingImages(self)
  }
}

extension PositionKernel {
  /// - Throws: where sizes are not known.
  fileprivate init(entriesOf x: TensorType, positions: TensorType) throws(OperationError) {
    let (sizes, other) = (try x.knownSizes(), try positions.knownSizes())
    let entries = Shape(Array(sizes.dropFirst(2)))
    guard let count = try MaximumUnpool.elementCount(entries).size,
      let places = try MaximumUnpool.elementCount(Shape(Array(other.dropFirst(2)))).size
    else { throw .shapeMismatch("the size of \(x) is not known yet") }
    let isEmpty = count == 0 && places == 0
    self.init(planes: isEmpty ? 0 : sizes[0] * sizes[1], entries: count, positions: places)
  }
}
