import FlowGraph
import FlowTensor

extension ONNXTable {
  static let indexing: [String: Translation] = [
    "gather": one { call throws(ONNXFault) in
      call.add("Gather", [call.x, positions(call)], [.whole("axis", try call.axis(rank: call.xType.shape.rank))])
    },
    "gather_along": one { call throws(ONNXFault) in
      call.add(
        "GatherElements", [call.x, positions(call)], [.whole("axis", try call.axis(rank: call.xType.shape.rank))])
    },
    "scatter": scattering([]), "scatter_add": scattering([.text("reduction", "add")]),
    "one_hot": one { call throws(ONNXFault) in
      try oneHot(call, call.x, depth: try call.attribute("depth"))
    },
    "index": one { call throws(ONNXFault) in
      let at: [[Dimension]] = try call.attribute("at")
      return try sliced(call, at.enumerated().filter { !$0.element.isEmpty }.map { ($0.offset, $0.element) })
    },
    "slice": one { call throws(ONNXFault) in
      let starts: [Dimension] = try call.attribute("starts")
      let stops: [Dimension] = try call.attribute("stops")
      let steps: [Int]? = try call.attribute("steps")
      let axes: [Int]? = try call.attribute("axes")
      return try sliced(
        call, starts.indices.map { (axes?[$0] ?? $0, [starts[$0], stops[$0], Dimension(steps?[$0] ?? 1)]) })
    },
  ]

  /// Of the result's dtype, in a last axis of its own.
  static func oneHot(_ call: ONNXCall, _ classes: String, depth: Dimension) throws(ONNXFault) -> String {
    let values = call.builder.constant(Tensor([0, 1], [2], as: call.y.dtype))
    let depth = try call.builder.sizes([depth])
    return call.add("OneHot", [call.cast(classes, .i64), depth, values], [.whole("axis", -1)])
  }

  private static func positions(_ call: ONNXCall) -> String {
    call.cast(call.inputs[1], from: call.inputTypes[1].dtype, to: .i64)
  }

  private static func scattering(_ attributes: [ONNXAttribute]) -> Translation {
    one { call throws(ONNXFault) in
      let axis = try call.axis(rank: call.xType.shape.rank)
      return call.add(
        "ScatterElements", [call.x, positions(call), call.inputs[2]], [.whole("axis", axis)] + attributes)
    }
  }

  /// Parts of axes: an entry, which drops the axis, or a start, a stop and perhaps a step.
  private static func sliced(_ call: ONNXCall, _ parts: [(axis: Int, bounds: [Dimension])]) throws(ONNXFault) -> String
  {
    guard !parts.isEmpty else { return call.add("Identity", [call.x]) }
    func stop(_ bounds: [Dimension]) throws(ONNXFault) -> Dimension {
      guard bounds.count == 1 else { return bounds[1] }
      // Behind the last entry there is none: 0 would be the first.
      if bounds[0].size == -1 { return Dimension(Int(Int32.max)) }
      do { return try bounds[0].adding(1) } catch { throw call.fault("an index is too large") }
    }
    var stops: [Dimension] = []
    for part in parts { stops.append(try stop(part.bounds)) }
    let builder = call.builder
    let part = call.add(
      "Slice",
      [
        call.x, try builder.sizes(parts.map { $0.bounds[0] }), try builder.sizes(stops),
        builder.wholes(parts.map(\.axis)),
        builder.wholes(parts.map { $0.bounds.count == 3 ? $0.bounds[2].size ?? 1 : 1 }),
      ])
    let dropped = parts.filter { $0.bounds.count == 1 }.map(\.axis)
    return dropped.isEmpty ? part : call.add("Squeeze", [part, builder.wholes(dropped)])
  }
}
