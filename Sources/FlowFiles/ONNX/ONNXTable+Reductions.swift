import FlowGraph
import FlowTensor

extension ONNXTable {
  static let reductions: [String: Translation] = [
    "sum": reduction("ReduceSum"), "mean": reduction("ReduceMean"), "prod": reduction("ReduceProd"),
    "max": reduction("ReduceMax"), "min": reduction("ReduceMin"), "norm": reduction("ReduceL2"),
    "sum_squares": reduction("ReduceSumSquare"), "logsumexp": reduction("ReduceLogSumExp"),
    "any": truth("ReduceMax"), "all": truth("ReduceMin"),
    "variance": one { call throws(ONNXFault) in try variance(call) },
    "std": one { call throws(ONNXFault) in call.add("Sqrt", [try variance(call)]) },
    "argmax": position("ArgMax"), "argmin": position("ArgMin"),
    "softmax": one { call throws(ONNXFault) in try along(call, "Softmax") },
    "log_softmax": one { call throws(ONNXFault) in try along(call, "LogSoftmax") },
    "softmax_cross_entropy": one { call throws(ONNXFault) in crossEntropy(call) },
    "softmax_cross_entropy_gradient": one { call throws(ONNXFault) in
      let softmax = call.add("Softmax", [call.x], [.whole("axis", -1)])
      let expected = try oneHot(call, call.inputs[1], depth: call.xType.shape[call.xType.shape.rank - 1])
      return call.add("Mul", [call.add("Sub", [softmax, expected]), call.inputs[2]])
    },
    "sort": one { call throws(ONNXFault) in try ordered(call)[0] },
    "argsort": one { call throws(ONNXFault) in call.cast(try ordered(call)[1], .i32) },
    "top_k": { call throws(ONNXFault) in
      let results = try ordered(call)
      return [results[0], call.cast(results[1], .i32)]
    },
    "cumsum": one { call throws(ONNXFault) in
      let axis = call.builder.constant(Tensor(scalar: Int64(try call.axis(rank: call.xType.shape.rank))))
      let x = call.cast(call.x, from: call.xType.dtype, to: call.y.dtype)
      return call.add(
        "CumSum", [x, axis],
        [.flag("exclusive", try call.flag("exclusive")), .flag("reverse", try call.flag("reverse"))])
    },
    "sum_to": one { call throws(ONNXFault) in
      let (from, to) = (call.xType.shape, call.y.shape)
      let lead = from.rank - to.rank
      let axes = Array(0..<lead) + to.indices.filter { to[$0].size == 1 && from[lead + $0].size != 1 }.map { $0 + lead }
      if axes.isEmpty { return call.add("Identity", [call.x]) }
      let sum = call.add("ReduceSum", [call.x, call.builder.wholes(axes)], [.flag("keepdims", true)])
      return try call.reshaped(sum, to)
    },
  ]

  private static func reduction(_ kind: String) -> Translation {
    one { call throws(ONNXFault) in
      let x = call.cast(call.x, from: call.xType.dtype, to: call.y.dtype)
      return try reduce(call, kind, x)
    }
  }

  /// - Parameter keeps: instead of what the operation says.
  private static func reduce(
    _ call: ONNXCall, _ kind: String, _ x: String, keeps: Bool? = nil
  ) throws(ONNXFault) -> String {
    let keeps = if let keeps { keeps } else { try call.flag("keepdims") }
    let axes: Axes = try call.attribute("axis")
    switch axes {
    case .all: return call.add(kind, [x], [.flag("keepdims", keeps)])
    case .one(let axis): return call.add(kind, [x, call.builder.wholes([axis])], [.flag("keepdims", keeps)])
    case .list(let axes):
      return call.add(
        kind, [x, call.builder.wholes(axes)], [.flag("keepdims", keeps), .flag("noop_with_empty_axes", true)])
    }
  }

  private static func truth(_ kind: String) -> Translation {
    one { call throws(ONNXFault) in call.cast(try reduce(call, kind, call.cast(call.x, .i32)), .bool) }
  }

  private static func variance(_ call: ONNXCall) throws(ONNXFault) -> String {
    let distance = call.add("Sub", [call.x, try reduce(call, "ReduceMean", call.x, keeps: true)])
    return try reduce(call, "ReduceMean", call.add("Mul", [distance, distance]))
  }

  private static func position(_ kind: String) -> Translation {
    one { call throws(ONNXFault) in
      let axes: Axes = try call.attribute("axis")
      let position: String
      switch axes {
      case .one(let axis): position = call.add(kind, [call.x], [.whole("axis", axis), .flag("keepdims", false)])
      case .all, .list:
        guard case .all = axes else { throw call.fault("it has several axes") }
        let flat = call.add("Reshape", [call.x, call.builder.wholes([-1])])
        position = call.add(kind, [flat], [.whole("axis", 0), .flag("keepdims", false)])
      }
      return try call.reshaped(call.cast(position, call.y.dtype), call.y.shape)
    }
  }

  private static func along(_ call: ONNXCall, _ kind: String) throws(ONNXFault) -> String {
    call.add(kind, [call.x], [.whole("axis", try call.axis(rank: call.xType.shape.rank))])
  }

  private static func crossEntropy(_ call: ONNXCall) -> String {
    let logarithms = call.add("LogSoftmax", [call.x], [.whole("axis", -1)])
    let target = call.inputs[1]
    let last = call.builder.wholes([-1])
    let shares: String
    if call.inputTypes[1].dtype.isInteger {
      let classes = call.add("Unsqueeze", [call.cast(target, .i64), last])
      shares = call.add("GatherElements", [logarithms, classes], [.whole("axis", -1)])
    } else {
      shares = call.add("ReduceSum", [call.add("Mul", [target, logarithms]), last], [.flag("keepdims", true)])
    }
    return call.add("Neg", [call.add("ReduceMean", [shares], [.flag("keepdims", false)])])
  }

  /// Values and positions.
  private static func ordered(_ call: ONNXCall) throws(ONNXFault) -> [String] {
    let axis = try call.axis(rank: call.xType.shape.rank)
    let k = try call.builder.sizes([call.y.shape[axis]])
    let isDescending = call.name == "top_k" ? true : try call.flag("descending")
    return call.builder.add(
      "TopK", [call.x, k], [.whole("axis", axis), .flag("largest", isDescending), .flag("sorted", true)], outputs: 2)
  }
}
