import FlowTensor

extension ONNXTable {
  static let elementwise = table(namesakes, same).merging(table(singleNamesakes, single)) { $1 }.merging(others) { $1 }

  /// What ONNX calls functions that have the same name here, in small letters.
  private static let namesakes = [
    "Neg", "Abs", "Sign", "Exp", "Log", "Sqrt", "Sin", "Cos", "Tanh", "Sigmoid", "Relu", "Floor", "Ceil", "Round",
    "Reciprocal", "Not", "Add", "Sub", "Mul", "Div", "Pow", "Equal", "Less", "Greater", "And", "Or", "Xor", "Where",
  ]

  private static let singleNamesakes = [
    "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Erf",
  ]

  private static func table(_ names: [String], _ translation: (String) -> Translation) -> [String: Translation] {
    Dictionary(uniqueKeysWithValues: names.map { ($0.lowercased(), translation($0)) })
  }

  private static let others: [String: Translation] = [
    "is_nan": same("IsNaN"), "is_inf": single("IsInf"), "maximum": same("Max"), "minimum": same("Min"),
    "less_equal": same("LessOrEqual"), "greater_equal": same("GreaterOrEqual"), "softplus": one { softplus($0) },
    "stop_gradient": same("Identity"), "gradient_scale": same("Identity"), "gradient_clip": same("Identity"),
    "gradient_reverse": same("Identity"),
    "not_equal": one { $0.add("Not", [$0.add("Equal", $0.inputs)]) },
    "square": one { $0.add("Mul", [$0.x, $0.x]) },
    "expm1": one { $0.add("Sub", [$0.add("Exp", [$0.x]), $0.constant(1)]) },
    "log1p": one { $0.add("Log", [$0.add("Add", [$0.x, $0.constant(1)])]) },
    "rsqrt": one { $0.add("Reciprocal", [$0.add("Sqrt", [$0.x])]) },
    "trunc": one { $0.add("Mul", [$0.add("Sign", [$0.x]), $0.add("Floor", [$0.add("Abs", [$0.x])])]) },
    "is_finite": one { call in
      call.add("Equal", [call.add("Sub", [call.x, call.x]), call.constant(0)])
    },
    "gelu": one { call throws(ONNXFault) in
      let erf = try call.inSingle([call.add("Mul", [call.x, call.constant(0.5.squareRoot())])]) { call.add("Erf", $0) }
      return half(call, erf)
    },
    "gelu_tanh": one { call in
      let cube = call.add("Mul", [call.add("Mul", [call.x, call.x]), call.x])
      let inner = call.add("Add", [call.x, call.add("Mul", [cube, call.constant(0.044715)])])
      return half(call, call.add("Tanh", [call.add("Mul", [inner, call.constant((2 / Double.pi).squareRoot())])]))
    },
    "mod": one { remainder($0) },
    "floor_div": one { call in
      let quotient = call.add("Div", [call.add("Sub", [call.x, remainder(call)]), call.inputs[1]])
      return call.xType.dtype.isFloating ? call.add("Round", [quotient]) : quotient
    },
    "cast": one { $0.cast($0.x, $0.y.dtype) },
  ]

  /// ½ x (1 + t).
  private static func half(_ call: ONNXCall, _ t: String) -> String {
    call.add("Mul", [call.add("Mul", [call.x, call.constant(0.5)]), call.add("Add", [t, call.constant(1)])])
  }

  /// max(x, 0) + log(1 + exp(-|x|)), which does not overflow.
  private static func softplus(_ call: ONNXCall) -> String {
    let small = call.add("Exp", [call.add("Neg", [call.add("Abs", [call.x])])])
    let rest = call.add("Log", [call.add("Add", [small, call.constant(1)])])
    return call.add("Add", [call.add("Relu", [call.x]), rest])
  }

  /// With the divisor's sign, as the operator has it for whole numbers alone.
  private static func remainder(_ call: ONNXCall) -> String {
    guard call.xType.dtype.isFloating else { return call.add("Mod", call.inputs) }
    let rest = call.add("Mod", call.inputs, [.flag("fmod", true)])
    let isOpposite = call.add("Less", [call.add("Mul", [rest, call.inputs[1]]), call.constant(0)])
    return call.add("Where", [isOpposite, call.add("Add", [rest, call.inputs[1]]), rest])
  }
}
