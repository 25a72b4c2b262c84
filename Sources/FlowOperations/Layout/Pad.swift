import FlowGraph
import FlowKernels
import FlowTensor

/// How many entries stand before and behind those of each axis, and what they are.
private struct Margins {
  enum Mode: String, CaseIterable {
    case constant, edge, reflect
  }

  let before: [Int]
  let after: [Int]
  let mode: Mode

  init<Body: Operation>(
    _ before: [Int], _ after: [Int]?, _ mode: String, rank: Int, of operation: Body.Type
  ) throws(OperationError) {
    guard let known = Mode(rawValue: mode) else {
      throw .badAttribute(
        "mode", "\(Body.name): no mode '\(mode)'",
        help: "one of \(Mode.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self.before = before
    self.after = after ?? before
    self.mode = known
    for (attribute, margins) in [("before", self.before), ("after", self.after)] {
      guard margins.count == rank else {
        throw .badAttribute(
          attribute, "\(Body.name): \(margins.count) margins \(margins) for \(rank) axes",
          help: "give one number for each axis")
      }
      guard margins.allSatisfy({ $0 >= 0 }) else {
        throw .badAttribute(attribute, "\(Body.name): margins are not negative: \(margins)", help: "use slice")
      }
    }
  }

  /// Whether the mode finds enough in the axes to make margins of.
  func check<Body: Operation>(_ shape: Shape, _ operation: Body.Type) throws(OperationError) {
    for (axis, dimension) in shape.enumerated() {
      guard let size = dimension.size else { continue }
      let margin = max(before[axis], after[axis])
      let available = mode == .constant ? Int.max : mode == .edge ? (size == 0 ? 0 : Int.max) : max(size - 1, 0)
      guard margin <= available else {
        throw .shapeMismatch(
          "\(Body.name): axis \(axis) of \(shape) is too short for a margin of \(margin) by '\(mode.rawValue)'")
      }
    }
  }

  func padded<Body: Operation>(_ shape: Shape, _ operation: Body.Type) throws(OperationError) -> Shape {
    var result = shape
    for axis in shape.indices {
      let margins = try Body.sum(Dimension(before[axis]), Dimension(after[axis]))
      result.dimensions[axis] = try Body.sum(shape[axis], margins)
    }
    return result
  }

  func map(_ sizes: [Int]) -> AxisMap {
    AxisMap(
      sizes.indices.map { axis in (-before[axis]..<sizes[axis] + after[axis]).map { source($0, sizes[axis]) } },
      of: sizes)
  }

  /// The entry that stands at a position counted from the first.
  private func source(_ position: Int, _ size: Int) -> Int {
    if (0..<size).contains(position) { return position }
    switch mode {
    case .constant: return -1
    case .edge: return position < 0 ? 0 : size - 1
    case .reflect: return position < 0 ? -position : 2 * (size - 1) - position
    }
  }
}

/// With margins around it.
struct Pad: PreparedOperation {
  static let name = "pad"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("before", \.before, required: true, "for each axis, how many entries before the first"),
    Attribute<Self>("after", \.after, "for each axis, how many behind the last; as before where left out"),
    Attribute<Self>("value", \.value, "what stands in the margins of mode \"constant\""),
    Attribute<Self>("mode", \.mode, "\"constant\", \"edge\" for the outermost entry, or \"reflect\" without it"),
  ]
  static let manual = Manual(
    "x with margins: a number, its edges repeated, or its inside mirrored.",
    shapes: "x [n, m], before [a, b], after [c, d] → y [a + n + c, b + m + d]",
    gradient: "x̄ = ȳ without its margins, to which those are added that repeat an entry")

  var before: [Int] = []
  var after: [Int]?
  var value = 0.0
  var mode = "constant"

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let x = inputs[0]
    let margins = try Margins(before, after, mode, rank: x.shape.rank, of: Self.self)
    try margins.check(x.shape, Self.self)
    guard x.dtype.isFloating || Tensor([value], [], as: x.dtype).doubles == [value] else {
      throw .badAttribute("value", "pad: \(value) does not fit in \(x)")
    }
    return [TensorType(x.dtype, try margins.padded(x.shape, Self.self))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    _ = try infer(inputs)
    let margins = try Margins(before, after, mode, rank: inputs[0].shape.rank, of: Self.self)
    return BlockKernel.mapping(margins.map(try inputs[0].knownSizes()), otherwise: value)
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [
      .value(
        gradients[0].applying(
          "pad_sum",
          [
            "shape": call.inputs[0].shape.attributeValue, "before": before.attributeValue,
            "after": after.attributeValue, "mode": .string(mode),
          ]))
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.before.insert(0, at: 0)
    copy.after?.insert(0, at: 0)
    return try batch.adding(copy)
  }
}

/// Margins added back to the entries they repeat: what undoes `pad`.
struct PadSum: PreparedOperation {
  static let name = "pad_sum"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("shape", \.shape, required: true, "the sizes without margins"),
    Attribute<Self>("before", \.before, required: true, "for each axis, how many entries before the first"),
    Attribute<Self>("after", \.after, "for each axis, how many behind the last; as before where left out"),
    Attribute<Self>("mode", \.mode, "what pad made the margins of"),
  ]
  static let manual = Manual(
    "x without its margins, each of which is added to the entry that pad would make it of.",
    shapes: "x [a + n + c, b + m + d] → y [n, m]", gradient: "x̄ = pad(ȳ)")

  var shape = Shape.scalar
  var before: [Int] = []
  var after: [Int]?
  var mode = "constant"

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let x = inputs[0]
    try Self.expectFloating(x)
    let margins = try Margins(before, after, mode, rank: try Self.checked(shape).rank, of: Self.self)
    try margins.check(shape, Self.self)
    let padded = try margins.padded(shape, Self.self)
    guard padded.equals(x.shape) != false else {
      throw .shapeMismatch("pad_sum: \(shape) with its margins is \(padded), not \(x.shape)")
    }
    return [TensorType(x.dtype, shape)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let outputs = try infer(inputs)
    let sizes = try outputs[0].knownSizes()
    let map = try Margins(before, after, mode, rank: sizes.count, of: Self.self).map(sizes)
    return try Self.singlePrecision(inputs, outputs) { _ in
      BlockKernel { _, inputs, outputs in map.scatterAdd(inputs[0], into: outputs[0]) }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [
      .value(
        gradients[0].applying(
          "pad",
          ["before": before.attributeValue, "after": after.attributeValue, "mode": .string(mode)]))
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.shape = batch.shape(shape)
    copy.before.insert(0, at: 0)
    copy.after?.insert(0, at: 0)
    return try batch.adding(copy)
  }
}
