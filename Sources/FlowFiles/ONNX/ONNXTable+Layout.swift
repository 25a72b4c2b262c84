import FlowGraph
import FlowTensor

extension ONNXTable {
  static let layout: [String: Translation] = [
    "reshape": shaped, "flatten": shaped, "squeeze": shaped, "unsqueeze": shaped, "match_shape": shaped,
    "broadcast_to": one { call throws(ONNXFault) in
      call.add("Expand", [call.x, try call.builder.sizes(call.y.shape.dimensions)])
    },
    "transpose": one { call throws(ONNXFault) in
      let axes: [Int]? = try call.attribute("axes")
      let rank = call.xType.shape.rank
      return call.add(
        "Transpose", [call.x],
        [.wholes("perm", axes.map { $0.map { $0 < 0 ? $0 + rank : $0 } } ?? (0..<rank).reversed())])
    },
    "concat": one { call throws(ONNXFault) in
      call.add("Concat", call.inputs, [.whole("axis", try call.axis(rank: call.xType.shape.rank))])
    },
    "stack": one { call throws(ONNXFault) in
      let axis = try call.axis(rank: call.y.shape.rank)
      let parts = call.inputs.map { call.add("Unsqueeze", [$0, call.builder.wholes([axis])]) }
      return call.add("Concat", parts, [.whole("axis", axis)])
    },
    "split": { call throws(ONNXFault) in
      let axis = try call.axis(rank: call.xType.shape.rank)
      let sizes = try call.builder.sizes(call.outputTypes.map { $0.shape[axis] })
      return call.builder.add("Split", [call.x, sizes], [.whole("axis", axis)], outputs: call.outputTypes.count)
    },
    "pad": one { call throws(ONNXFault) in
      let before: [Dimension] = try call.attribute("before")
      let after: [Dimension]? = try call.attribute("after")
      let mode: String = try call.attribute("mode")
      let value: Scalar = try call.attribute("value")
      let margins = try call.builder.sizes(before + (after ?? before))
      return call.add("Pad", [call.x, margins, call.constant(value.number)], [.text("mode", mode)])
    },
    "tile": one { call throws(ONNXFault) in
      let repeats: [Int] = try call.attribute("repeats")
      let rank = max(repeats.count, call.xType.shape.rank)
      let lead = Shape([Dimension](repeating: 1, count: rank - call.xType.shape.rank) + call.xType.shape.dimensions)
      let x = lead.rank == call.xType.shape.rank ? call.x : try call.reshaped(call.x, lead)
      let all = [Int](repeating: 1, count: rank - repeats.count) + repeats
      return call.add("Tile", [x, call.builder.wholes(all)])
    },
    "repeat_elements": one { call throws(ONNXFault) in
      let axis = try call.axis(rank: call.xType.shape.rank)
      let apart = call.add("Unsqueeze", [call.x, call.builder.wholes([axis + 1])])
      var counts = [Int](repeating: 1, count: call.xType.shape.rank + 1)
      counts[axis + 1] = try call.attribute("count")
      return try call.reshaped(call.add("Tile", [apart, call.builder.wholes(counts)]), call.y.shape)
    },
    "triu": triangle(isUpper: true), "tril": triangle(isUpper: false),
    "flip": one { call throws(ONNXFault) in
      let axes: Axes = try call.attribute("axis")
      let turned: [Int] =
        switch axes {
        case .all: Array(0..<call.xType.shape.rank)
        case .one(let axis): [axis]
        case .list(let axes): axes
        }
      let (starts, stops) = (turned.map { _ in Int64(-1) }, turned.map { _ in Int64.min })
      return call.add(
        "Slice",
        [
          call.x, call.builder.wholes(starts), call.builder.wholes(stops), call.builder.wholes(turned),
          call.builder.wholes(starts),
        ])
    },
    "roll": one { call throws(ONNXFault) in
      let axis = try call.axis(rank: call.xType.shape.rank)
      guard let size = call.xType.shape[axis].size, size > 0 else {
        throw call.fault("the size of its axis is not known")
      }
      let shift: Int = try call.attribute("shift")
      let start = ((-shift) % size + size) % size
      func part(_ from: Int, _ to: Int) -> String {
        call.add(
          "Slice", [call.x, call.builder.wholes([from]), call.builder.wholes([to]), call.builder.wholes([axis])])
      }
      return call.add("Concat", [part(start, size), part(0, start)], [.whole("axis", axis)])
    },
  ]

  private static let shaped = one { call throws(ONNXFault) in try call.reshaped(call.x, call.y.shape) }

  private static func triangle(isUpper: Bool) -> Translation {
    one { call throws(ONNXFault) in
      let offset = call.builder.constant(Tensor(scalar: Int64(try call.attribute("offset", as: Int.self))))
      return call.add("Trilu", [call.x, offset], [.flag("upper", isUpper)])
    }
  }
}

extension Scalar {
  /// A number that is known; NaN for a size that is not.
  var number: Double {
    switch self {
    case .whole(let value): Double(value)
    case .real(let value): value
    case .boolean(let value): value ? 1 : 0
    case .dimension(let dimension): dimension.size.map(Double.init) ?? .nan
    }
  }
}
