import FlowGraph
import FlowTensor

/// An operation that gives its operand back and changes the gradient.
protocol GradientControl: SameElements {
  /// The operand's gradient, from that of the result.
  func changed(_ gradient: Value) -> Value
}

extension GradientControl {
  static var signature: Signature { "x -> y" }
  static var gradientIsNotDerivative: Bool { true }

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { inputs }
  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(changed(gradients[0]))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.adding(self) }
}

/// The same numbers, with the gradient scaled.
struct GradientScale: GradientControl {
  static let name = "gradient_scale"
  static let attributes = [Attribute<Self>("by", \.by, "the factor")]
  static let manual = Manual(
    "x as it is; its gradient is scaled.", shapes: elementwise, gradient: "x̄ = by · ȳ, by declaration")

  var by = 1.0

  func changed(_ gradient: Value) -> Value { gradient * by }
}

/// The same numbers, with the gradient limited.
struct GradientClip: GradientControl {
  static let name = "gradient_clip"
  static let attributes = [Attribute<Self>("limit", \.limit, "the largest magnitude of an element of the gradient")]
  static let manual = Manual(
    "x as it is; each element of its gradient is limited to -limit...limit.", shapes: elementwise,
    gradient: "x̄ = min(max(ȳ, -limit), limit), by declaration")

  var limit = 1.0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard limit >= 0 else { throw .badAttribute("limit", "gradient_clip: the limit is not negative: \(limit)") }
    return inputs
  }

  func changed(_ gradient: Value) -> Value {
    gradient.combined("maximum", gradient.constant(-limit)).combined("minimum", gradient.constant(limit))
  }
}

/// The same numbers, with the gradient negated.
struct GradientReverse: GradientControl {
  static let name = "gradient_reverse"
  static let manual = Manual(
    "x as it is; its gradient is negated.", shapes: elementwise, gradient: "x̄ = -ȳ, by declaration",
    source: "Ganin & Lempitsky, Unsupervised domain adaptation by backpropagation, 2015")

  func changed(_ gradient: Value) -> Value { -gradient }
}
