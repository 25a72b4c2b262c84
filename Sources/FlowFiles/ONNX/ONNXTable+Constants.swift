import FlowGraph
import FlowTensor

extension ONNXTable {
  static let constants: [String: Translation] = [
    "fill": one { call throws(ONNXFault) in
      let value: Scalar = try call.attribute("value")
      let number: String
      if case .dimension(let size) = value {
        number = call.cast(try call.reshaped(call.builder.sizes([size]), .scalar), call.y.dtype)
      } else if case .whole(let whole) = value, call.y.dtype == .i64 {
        number = call.builder.constant(Tensor(scalar: Int64(whole)))
      } else {
        number = call.builder.constant(value.number, call.y.dtype)
      }
      return call.y.shape.rank == 0
        ? number : call.add("Expand", [number, try call.builder.sizes(call.y.shape.dimensions)])
    },
    "literal": one { call throws(ONNXFault) in
      let values: Tensor = try call.attribute("values")
      guard let tensor = values.converted(to: call.y.dtype) else { throw call.fault("its numbers do not fit") }
      return call.builder.constant(tensor)
    },
    "load": one { call throws(ONNXFault) in call.builder.constant(try call.attribute("data", as: Tensor.self)) },
    "eye": one { call throws(ONNXFault) in
      let zeros = call.add(
        "Expand", [call.builder.constant(0, call.y.dtype), try call.builder.sizes(call.y.shape.dimensions)])
      return call.add("EyeLike", [zeros])
    },
    "arange": one { call throws(ONNXFault) in
      var bounds: [String] = []
      for name in ["start", "stop", "step"] {
        let bound: Scalar = try call.attribute(name)
        if case .dimension(let size) = bound {
          bounds.append(call.cast(try call.reshaped(call.builder.sizes([size]), .scalar), call.y.dtype))
        } else {
          bounds.append(call.builder.constant(bound.number, call.y.dtype))
        }
      }
      return call.add("Range", bounds)
    },
    "linspace": one { call throws(ONNXFault) in
      let start: Double = try call.attribute("start")
      let stop: Double = try call.attribute("stop")
      let count: Int = try call.attribute("count")
      let step = count > 1 ? (stop - start) / Double(count - 1) : 0
      return call.builder.constant(
        Tensor(
          (0..<count).map { $0 == count - 1 && count > 1 ? stop : start + Double($0) * step }, [count], as: call.y.dtype
        ))
    },
  ]
}
