import FlowGraph
import FlowKernels
import FlowTensor

/// Tensors one behind the other along an axis.
struct Concatenate: PreparedOperation {
  static let name = "concat"
  static let signature: Signature = "xs... -> y"
  static let attributes = [Attribute<Self>("axis", \.axis, "the axis along which the tensors follow each other")]
  static let manual = Manual(
    "Tensors one behind the other along an axis; their other sizes are the same.",
    shapes: "x₁ [a, n, b], x₂ [a, m, b] → y [a, n + m, b]", gradient: "each x̄ = its part of ȳ")

  var axis = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let axis = try Self.axis(axis, of: try Self.first(inputs).shape)
    var common = try Self.commonType(inputs, except: axis)
    for (number, input) in inputs.enumerated() {
      common.shape.dimensions[axis] =
        number == 0 ? input.shape[axis] : try Self.sum(common.shape[axis], input.shape[axis])
    }
    return [common]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    _ = try infer(inputs)
    let axis = try Self.axis(axis, of: inputs[0].shape)
    return BlockKernel.joining(
      inputs[0].dtype, try inputs.map { (type) throws(OperationError) in try type.knownSizes() }, axis)
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let axis = try Self.axis(axis, of: call.inputs[0].shape)
    let sizes = Shape(call.inputs.map { $0.shape[axis] })
    let parts = try call.builder.add("split", gradients, ["sizes": sizes.attributeValue, "axis": .whole(axis)])
    return parts.map { .value($0) }
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }
}

/// Tensors side by side along a new axis.
struct Stack: PreparedOperation {
  static let name = "stack"
  static let signature: Signature = "xs... -> y"
  static let attributes = [Attribute<Self>("axis", \.axis, "where the result has its new axis")]
  static let manual = Manual(
    "Tensors of one shape, side by side along a new axis.", shapes: "x₁ [a, b], x₂ [a, b] → y [2, a, b]",
    gradient: "each x̄ = its part of ȳ")

  var axis = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    _ = try Self.first(inputs)
    var common = try Self.commonType(inputs)
    common.shape.dimensions.insert(Dimension(inputs.count), at: try place(common.shape))
    return [common]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    _ = try infer(inputs)
    let axis = try place(inputs[0].shape)
    var sizes = try inputs[0].knownSizes()
    sizes.insert(1, at: axis)
    return BlockKernel.joining(inputs[0].dtype, Array(repeating: sizes, count: inputs.count), axis)
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let axis = try place(call.inputs[0].shape)
    let parts = try call.builder.add("split", gradients, ["parts": .whole(call.inputs.count), "axis": .whole(axis)])
    return zip(parts, call.inputs).map { part, input in .value(part.reshaped(to: input.shape)) }
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }

  private func place(_ shape: Shape) throws(OperationError) -> Int {
    try Self.axis(axis, of: Shape(shape.dimensions + [1]))
  }
}

/// A tensor in parts along an axis.
struct Split: PreparedOperation {
  static let name = "split"
  static let signature: Signature = "x -> ys..."
  static let attributes = [
    Attribute<Self>("parts", \.parts, "how many equal parts"),
    Attribute<Self>("sizes", \.sizes, "the size of each part, in place of 'parts'"),
    Attribute<Self>("axis", \.axis, "the axis that is cut"),
  ]
  static let manual = Manual(
    "Parts of x along an axis: equal ones, or of given sizes.", shapes: "x [a, n, b] → y₁ [a, n₁, b], y₂ [a, n₂, b]",
    gradient: "x̄ = concat(ȳ₁, ȳ₂)")

  static let maximumParts = 65_536

  var parts: Int?
  var sizes: [Dimension]?
  var axis = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let shape = inputs[0].shape
    let axis = try Self.axis(axis, of: shape)
    return try pieces(of: shape[axis], shape).map { size in
      var part = inputs[0]
      part.shape.dimensions[axis] = size
      return part
    }
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let sizes = try inputs[0].knownSizes()
    let axis = try Self.axis(axis, of: inputs[0].shape)
    let inner = sizes[(axis + 1)...].reduce(1, *)
    let widths = try infer(inputs).map { ($0.shape[axis].size ?? 0) * inner }
    let parts = AxisParts(outer: sizes[..<axis].reduce(1, *), widths: widths, inputs[0].dtype)
    return BlockKernel(blocks: parts.blocks) { parts.split(block: $0, $1[0], into: $2) }
  }

  func aliasOffsets(_ inputs: [TensorType]) -> [Int]? {
    guard let sizes = inputs[0].shape.sizes, let axis = try? Self.axis(axis, of: inputs[0].shape),
      sizes[..<axis].allSatisfy({ $0 == 1 }), let parts = try? infer(inputs)
    else { return nil }
    let inner = sizes[(axis + 1)...].reduce(1, *)
    var offsets = [0]
    for part in parts.dropLast() { offsets.append(offsets[offsets.count - 1] + (part.shape[axis].size ?? 0) * inner) }
    return offsets
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(try call.builder.one("concat", gradients, ["axis": .whole(axis)]))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axis = axis.behindBatch
    return try batch.adding(copy)
  }

  private func pieces(of dimension: Dimension, _ shape: Shape) throws(OperationError) -> [Dimension] {
    switch (parts, sizes) {
    case (let parts?, nil): return try equal(parts, of: dimension, shape)
    case (nil, let sizes?):
      guard !sizes.isEmpty, sizes.count <= Self.maximumParts else { throw wrongNumber("sizes", sizes.count) }
      var total: Dimension = 0
      for size in try Self.checked(sizes: sizes, "sizes") { total = try Self.sum(total, size) }
      guard total.equals(dimension) != false else {
        throw .shapeMismatch(
          "split: sizes \(Shape(sizes)) make \(total), but axis \(axis) of \(shape) has \(dimension)")
      }
      return sizes
    default:
      throw OperationError(.missingAttribute, "split: takes either 'parts' or 'sizes'", help: "split(x, parts: 2)")
    }
  }

  private func equal(_ parts: Int, of dimension: Dimension, _ shape: Shape) throws(OperationError) -> [Dimension] {
    guard (1...Self.maximumParts).contains(parts) else { throw wrongNumber("parts", parts) }
    if let part = dimension.divided(by: Dimension(parts)) { return Array(repeating: part, count: parts) }
    guard dimension.size == nil else {
      throw .shapeMismatch(
        "split: axis \(axis) of \(shape) does not divide into \(parts) equal parts", help: "give 'sizes'")
    }
    return Array(repeating: .unknown, count: parts)
  }

  private func wrongNumber(_ attribute: String, _ count: Int) -> OperationError {
    .badAttribute(attribute, "split: makes 1 to \(Self.maximumParts) parts, not \(count)")
  }
}

extension BlockKernel {
  /// The inputs, in blocks, to their places in the output.
  fileprivate static func joining(_ dtype: DType, _ sizes: [[Int]], _ axis: Int) -> BlockKernel {
    let parts = AxisParts(
      outer: sizes[0][..<axis].reduce(1, *), widths: sizes.map { $0[axis...].reduce(1, *) }, dtype)
    return BlockKernel(blocks: parts.blocks) { parts.join(block: $0, $1, into: $2[0]) }
  }
}

extension Operation {
  fileprivate static func first(_ inputs: [TensorType]) throws(OperationError) -> TensorType {
    guard let first = inputs.first else { throw OperationError(.wrongArity, "\(name): there is nothing to join") }
    return first
  }

  /// The type that all inputs have but for one axis, with sizes that are known where one of them knows.
  fileprivate static func commonType(_ inputs: [TensorType], except axis: Int? = nil) throws(OperationError)
    -> TensorType
  {
    var common = inputs[0]
    for input in inputs.dropFirst() {
      try expectSameDType(inputs[0], input)
      guard input.shape.rank == common.shape.rank else { throw misfit(inputs[0], input, axis) }
      for index in input.shape.indices where index != axis {
        guard common.shape[index].equals(input.shape[index]) != false else { throw misfit(inputs[0], input, axis) }
        if common.shape[index].size == nil { common.shape.dimensions[index] = input.shape[index] }
      }
    }
    return common
  }

  private static func misfit(_ a: TensorType, _ b: TensorType, _ axis: Int?) -> OperationError {
    .shapeMismatch(
      "\(name): shapes \(a.shape) and \(b.shape) differ\(axis.map { " in more than axis \($0)" } ?? "")")
  }
}
