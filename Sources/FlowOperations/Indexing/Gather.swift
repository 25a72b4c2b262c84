import FlowGraph
import FlowKernels
import FlowTensor

/// Entries of an axis by a tensor of indices.
struct Gather: PreparedOperation {
  static let name = "gather"
  static let signature: Signature = "x, indices -> y"
  static let attributes = [Attribute<Self>("axis", \.axis, "the axis that is indexed")]
  static let manual = Manual(
    "Entries of an axis by indices, each of which must be in 0..<n.",
    shapes: "x [a, n, b], indices [i, j] → y [a, i, j, b]",
    gradient: "x̄ = ȳ, summed where its entry came from; the indices' is undefined")

  var axis = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let (x, indices) = (inputs[0], inputs[1])
    try Self.expectWhole(indices, "indices")
    let axis = try Self.axis(axis, of: x.shape)
    let dimensions = x.shape.dimensions[..<axis] + indices.shape.dimensions + x.shape.dimensions[(axis + 1)...]
    return [TensorType(x.dtype, Shape(Array(dimensions)))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    _ = try infer(inputs)
    let kernel = GatherKernel(try inputs[0].knownSizes(), axis: try Self.axis(axis, of: inputs[0].shape))
    return BlockKernel { _, inputs, outputs throws(OperationError) in
      try Self.explaining(of: inputs[1]) { () throws(KernelFault) in
        try kernel.gather(inputs[0], inputs[1], into: outputs[0])
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let shape = call.inputs[0].shape
    let axis = try Self.axis(axis, of: shape)
    let scattered = gradients[0].combined(
      "gather_sum", call.inputs[1], ["axis": .whole(axis), "size": shape[axis].attributeValue])
    return [.value(scattered), .undefined("an index has no gradient")]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    guard case .shared(let indices) = batch.operands[1] else { return nil }
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy, [batch.leading(0), indices])
  }
}

/// Entries summed where indices say: what undoes `gather`.
struct GatherSum: PreparedOperation {
  static let name = "gather_sum"
  static let signature: Signature = "x, indices -> y"
  static let attributes = [
    Attribute<Self>("axis", \.axis, "the first axis of x that stands for the indices"),
    Attribute<Self>("size", \.size, required: true, "the size of that axis in the result"),
  ]
  static let manual = Manual(
    "Zeros, to which the entries of x are added where indices say, in the order of the indices.",
    shapes: "x [a, i, j, b], indices [i, j] → y [a, size, b]",
    gradient: "x̄ = gather(ȳ, indices); the indices' is undefined")

  var axis = 0
  var size: Dimension = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let (x, indices) = (inputs[0], inputs[1])
    try Self.expectNumbers(x)
    try Self.expectWhole(indices, "indices")
    _ = try Self.checked([size], "size")
    let end = axis + indices.shape.rank
    guard axis >= 0, axis <= x.shape.rank, end <= x.shape.rank,
      Shape(Array(x.shape.dimensions[axis..<end])).equals(indices.shape) != false
    else { throw .shapeMismatch("gather_sum: \(x) has no axes of \(indices) at \(axis)") }
    return [TensorType(x.dtype, Shape(x.shape.dimensions[..<axis] + [size] + x.shape.dimensions[end...]))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let outputs = try infer(inputs)
    let kernel = GatherKernel(try outputs[0].knownSizes(), axis: axis)
    return try Self.singlePrecision(inputs, outputs) { _ in
      BlockKernel { _, inputs, outputs throws(OperationError) in
        try Self.explaining(of: inputs[1]) { () throws(KernelFault) in
          try kernel.scatterAdd(inputs[0], inputs[1], into: outputs[0])
        }
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [
      .value(gradients[0].combined("gather", call.inputs[1], ["axis": .whole(axis)])),
      .undefined("an index has no gradient"),
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    guard case .shared(let indices) = batch.operands[1] else { return nil }
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy, [batch.leading(0), indices])
  }
}

/// Rows of zeros with a one at each class.
struct OneHot: PreparedOperation {
  static let name = "one_hot"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("depth", \.depth, required: true, "the number of classes"),
    Attribute<Self>("dtype", \.dtype, "the dtype of the result"),
  ]
  static let manual = Manual(
    "Zeros with a one at each class along a new last axis; a class must be in 0..<depth.",
    shapes: "x [...] → y [..., depth]", gradient: "undefined: a class")

  var depth: Dimension = 0
  var dtype = DType.f32

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try Self.expectWhole(inputs[0], "classes")
    _ = try Self.checked([depth], "depth")
    return [TensorType(dtype, Shape(inputs[0].shape.dimensions + [depth]))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let sizes = try infer(inputs)[0].knownSizes()
    let kernel = OneHotKernel(depth: sizes[sizes.count - 1])
    return BlockKernel { _, inputs, outputs throws(OperationError) in
      try Self.explaining(.classes, of: inputs[0]) { () throws(KernelFault) in
        try kernel.run(inputs[0], into: outputs[0])
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.undefined("a class has no gradient")]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.adding(self) }
}
