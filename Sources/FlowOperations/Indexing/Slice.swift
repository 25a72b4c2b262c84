import FlowGraph
import FlowTensor

/// A part of a tensor, by lists of bounds.
struct Slice: PreparedOperation {
  static let name = "slice"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>(
      "starts", \.starts, required: true, "the first entry of each axis; negative ones count from the end"),
    Attribute<Self>("stops", \.stops, required: true, "the entry of each axis that is not reached"),
    Attribute<Self>("steps", \.steps, "the distance of the entries; 1 where left out, negative to go backwards"),
    Attribute<Self>("axes", \.axes, "the axes that are meant; the first ones where left out"),
  ]
  static let manual = Manual(
    "Every so many entries of axes, from a start to before a stop; both clip.",
    shapes: "x [a, n, b] → y [a, m, b], m = (stop - start) / step, rounded up",
    gradient: "x̄ = ȳ in its place, zero elsewhere", source: "ONNX, Slice; NumPy's basic slicing")

  var starts: [Dimension] = []
  var stops: [Dimension] = []
  var steps: [Int]?
  var axes: [Int]?

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    try index(inputs[0].shape).infer(inputs)
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try index(inputs[0].shape).prepare(inputs)
  }

  func aliasOffsets(_ inputs: [TensorType]) -> [Int]? {
    (try? index(inputs[0].shape))?.aliasOffsets(inputs)
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    try index(call.inputs[0].shape).bprop(call, gradients)
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    var copy = self
    copy.axes = (axes ?? Array(starts.indices)).map(\.behindBatch)
    return try batch.adding(copy)
  }

  /// The same as an index, whose bounds stand at their axes.
  private func index(_ shape: Shape) throws(OperationError) -> Index {
    let steps = steps ?? Array(repeating: 1, count: starts.count)
    let axes = axes ?? Array(0..<starts.count)
    guard stops.count == starts.count, steps.count == starts.count, axes.count == starts.count else {
      throw .badAttribute(
        stops.count != starts.count ? "stops" : steps.count != starts.count ? "steps" : "axes",
        "slice: \(starts.count) starts, \(stops.count) stops, \(steps.count) steps and \(axes.count) axes")
    }
    guard !steps.contains(where: { $0 == 0 || $0 == .min }) else {
      throw .badAttribute("steps", "slice: a step is not 0")
    }
    var at = [[Dimension]](repeating: [], count: shape.rank)
    for (number, axis) in axes.enumerated() {
      let place = try Self.axis(axis, of: shape, attribute: "axes")
      guard at[place].isEmpty else { throw .badAttribute("axes", "slice: axis \(axis) is given twice") }
      at[place] = [starts[number], stops[number], Dimension(steps[number])]
    }
    return Index(at: at)
  }
}
