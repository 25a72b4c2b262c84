import FlowGraph
import FlowOperations
import FlowTensor

/// Operations with a rule that is wrong in one way each; their values are right.
protocol Planted: Operation {
  /// One element of the result, from the operands' elements at its place.
  func value(_ x: [Double]) -> Double
}

extension Planted {
  static var signature: Signature { "x -> y" }
  static var manual: Manual { Manual("for tests", shapes: "any", gradient: "wrong") }

  func value(_ x: [Double]) -> Double { x[0] }
  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { [inputs[0]] }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let result = outputs[0].elements(Double.self)
    for index in result.indices {
      result[index] = value((0..<inputs.count).map { inputs[$0].elements(Double.self)[index] })
    }
  }
}

struct WrongSign: Planted {
  static let name = "wrong_sign"
  func value(_ x: [Double]) -> Double { x[0] * x[0] }
  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] { [.value(-(g[0] * call.inputs[0] * 2))] }
}

struct MissingFactor: Planted {
  static let name = "missing_factor"
  func value(_ x: [Double]) -> Double { x[0] * x[0] }
  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] { [.value(g[0] * call.inputs[0])] }
}

/// a·b²
struct WrongOperand: Planted {
  static let name = "wrong_operand"
  static let signature: Signature = "a, b -> y"
  func value(_ x: [Double]) -> Double { x[0] * x[1] * x[1] }
  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] {
    let b = call.inputs[1]
    return [.value(g[0] * b * b), .value(g[0] * b * b * 2)]
  }
}

/// x² + x³
struct MissingTerm: Planted {
  static let name = "missing_term"
  func value(_ x: [Double]) -> Double { x[0] * x[0] * (1 + x[0]) }
  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] { [.value(g[0] * call.inputs[0] * 2)] }
}

/// a + b, b the same for each row: its gradient sums only what the first row says.
struct WrongBroadcast: Planted {
  static let name = "wrong_broadcast"
  static let signature: Signature = "a, b -> y"

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let (a, b) = (inputs[0].elements(Double.self), inputs[1].elements(Double.self))
    for index in a.indices { outputs[0].elements(Double.self)[index] = a[index] + b[index % b.count] }
  }

  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] {
    [.value(g[0]), .value(g[0].applying("index", ["at": .list([.list([.whole(0)])])]))]
  }
}

/// x @ a, both square.
struct Transposed: Planted {
  static let name = "transposed"
  static let signature: Signature = "x, a -> y"

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let (x, a, y) = (inputs[0].elements(Double.self), inputs[1].elements(Double.self), outputs[0].elements(Double.self))
    let n = inputs[0].dimensions[1]
    for index in y.indices { y[index] = (0..<n).reduce(0) { $0 + x[index / n * n + $1] * a[$1 * n + index % n] } }
  }

  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] {
    [
      .value(g[0].combined("matmul", call.inputs[1])),
      .value(call.inputs[0].transposed([1, 0]).combined("matmul", g[0])),
    ]
  }
}

/// 3a - 2b
struct Swapped: Planted {
  static let name = "swapped"
  static let signature: Signature = "a, b -> y"
  func value(_ x: [Double]) -> Double { 3 * x[0] - 2 * x[1] }
  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] {
    [.value(g[0] * -2), .value(g[0] * 3)]
  }
}

/// a·b
struct ZeroRule: Planted {
  static let name = "zero_rule"
  static let signature: Signature = "a, b -> y"
  func value(_ x: [Double]) -> Double { x[0] * x[1] }
  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] {
    [.value(g[0] * call.inputs[1]), .zero]
  }
}

struct IgnoredAttribute: Planted {
  static let name = "ignored_attribute"
  static let attributes = [Attribute<Self>("by", \.by, "the factor")]
  var by = 1.0
  func value(_ x: [Double]) -> Double { x[0] * by }
  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] { [.value(g[0])] }
}

/// x³, whose rule holds one x constant: the gradient's value is right.
struct WrongSecond: Planted {
  static let name = "wrong_second"
  func value(_ x: [Double]) -> Double { x[0] * x[0] * x[0] }
  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] {
    [.value(g[0] * call.inputs[0] * call.inputs[0].applying("stop_gradient") * 3)]
  }
}

/// 2x, whose forward rule says x.
struct WrongTangent: Planted {
  static let name = "wrong_tangent"
  func value(_ x: [Double]) -> Double { 2 * x[0] }
  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] { [.value(g[0] * 2)] }
  func jvp(_ call: Call, _ tangents: [Value]) throws(OperationError) -> [Gradient]? { [.value(tangents[0])] }
}

/// The mean, whose gradient is the sum's.
struct WrongMean: Planted {
  static let name = "wrong_mean"
  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { [TensorType(inputs[0].dtype)] }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let x = inputs[0].elements(Double.self)
    outputs[0].elements(Double.self)[0] = x.reduce(0, +) / Double(x.count)
  }

  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] {
    [.value(g[0].broadcast(to: call.inputs[0].shape))]
  }
}

/// 2x, whose gradient is wrong for the last of all elements.
struct OneElement: Planted {
  static let name = "one_element"
  func value(_ x: [Double]) -> Double { 2 * x[0] }
  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] {
    let count = call.inputs[0].shape[0].size ?? 1
    let factors = (0..<count).map { $0 == count - 1 ? 2.001 : 2.0 }
    let literal = try call.builder.one("literal", [], ["values": .tensor(Tensor(factors, [count]))])
    return [.value(g[0] * literal)]
  }
}

/// 2x, whose gradient has a shape that does not fit.
struct WrongShape: Planted {
  static let name = "wrong_shape"
  func value(_ x: [Double]) -> Double { 2 * x[0] }
  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] {
    [.value(g[0].applying("concat_pair"))]
  }
}

/// x², in f32 alone; right unless asked for otherwise.
struct SingleOnly: Planted {
  static let name = "single_only"
  static let attributes = [Attribute<Self>("by", \.by, "what the gradient is multiplied by")]
  var by = 1.0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard inputs[0].dtype == .f32 else { throw .dtypeMismatch("f32 alone") }
    return inputs
  }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let (x, y) = (inputs[0].elements(Float.self), outputs[0].elements(Float.self))
    for index in y.indices { y[index] = x[index] * x[index] }
  }

  func bprop(_ call: Call, _ g: [Value]) throws(OperationError) -> [Gradient] {
    [.value(g[0] * call.inputs[0] * (2 * by))]
  }
}

/// x², whose gradient is a kernel.
struct NumericSquare: Planted, NumericBackward {
  static let name = "numeric_square"
  func value(_ x: [Double]) -> Double { x[0] * x[0] }

  func backward(
    _ inputs: TensorViews, _ outputs: TensorViews, _ gradients: TensorViews, into results: MutableTensorViews
  ) throws(OperationError) {
    let (x, g) = (inputs[0].elements(Double.self), gradients[0].elements(Double.self))
    for index in x.indices { results[0].elements(Double.self)[index] = 2 * x[index] * g[index] }
  }
}

extension Registry {
  /// The built-in operations and the planted ones.
  static func planted() throws -> Registry {
    var registry = Registry.builtIn()
    func add(_ types: [any Operation.Type]) throws {
      for type in types { try registry.register(type, family: "tests") }
    }
    try add([
      WrongSign.self, MissingFactor.self, WrongOperand.self, MissingTerm.self, WrongBroadcast.self, Transposed.self,
      Swapped.self, ZeroRule.self, IgnoredAttribute.self, WrongSecond.self, WrongTangent.self, WrongMean.self,
      OneElement.self, WrongShape.self, SingleOnly.self, NumericSquare.self,
    ])
    return registry
  }
}
