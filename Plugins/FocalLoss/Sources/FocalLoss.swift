import FlowPlugin

/// The focal loss of binary labels: cross-entropy that counts what is easy less.
///
/// - Shapes: `logits [...]`, `labels [...]` of the same shape, f32 or f64, labels 0 or 1 → `loss []`, their mean.
/// - Fails: where a label is neither 0 nor 1.
/// - Gradient: of the logits, as graph; undefined for the labels, which are data.
/// - Source: Lin et al., Focal loss for dense object detection, 2017, equation 5.
struct FocalLoss: Operation {
  static let name = "focal_loss"
  static let signature: Signature = "logits, labels -> loss"
  static let attributes = [
    Attribute<Self>("gamma", \.gamma, "how much less an easy example counts; at least 0"),
    Attribute<Self>("alpha", \.alpha, "the weight of the label 1; that of 0 is 1 - alpha"),
  ]
  static let manual = Manual(
    "The mean of -w · (1 - p)^gamma · log(p), p being the probability of the true label and w its weight.",
    shapes: "logits [...], labels [...] → loss []",
    gradient: "of the logits, by the chain rule; undefined for the labels",
    source: "Lin et al., Focal loss for dense object detection, 2017")

  var gamma = 2.0
  var alpha = 0.25

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let (logits, labels) = (inputs[0], inputs[1])
    guard [.f64, .f32].contains(logits.dtype), logits.dtype == labels.dtype else {
      throw .dtypeMismatch("focal_loss: takes f32 or f64 twice, not \(logits) and \(labels)", help: "cast one of them")
    }
    guard logits.shape.equals(labels.shape) != false else {
      throw .shapeMismatch("focal_loss: logits \(logits.shape) and labels \(labels.shape) differ")
    }
    guard gamma >= 0 else { throw .badAttribute("gamma", "focal_loss: gamma is at least 0, not \(gamma)") }
    guard (0...1).contains(alpha) else { throw .badAttribute("alpha", "focal_loss: alpha is 0 to 1, not \(alpha)") }
    return [TensorType(logits.dtype)]
  }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    if inputs[0].dtype == .f64 {
      outputs[0].elements()[0] = try mean(inputs[0].elements(Double.self), inputs[1].elements())
    } else {
      outputs[0].elements()[0] = Float(try mean(inputs[0].elements(Float.self), inputs[1].elements()))
    }
  }

  private func mean<Number: BinaryFloatingPoint>(
    _ logits: UnsafeBufferPointer<Number>, _ labels: UnsafeBufferPointer<Number>
  ) throws(OperationError) -> Double {
    var sum = 0.0
    for index in logits.indices {
      let (logit, label) = (Double(logits[index]), Double(labels[index]))
      guard label == 0 || label == 1 else {
        throw .badValue("focal_loss: label \(label) at position \(index) is neither 0 nor 1")
      }
      let score = label == 1 ? logit : -logit
      let weight = label == 1 ? alpha : 1 - alpha
      // log(sigmoid(score)), without overflow.
      let logP = min(score, 0) - log1p(exp(-score.magnitude))
      sum -= weight * pow(1 - exp(logP), gamma) * logP
    }
    return sum / Double(logits.count)
  }

  /// With `s` the logit or its negative, `p = sigmoid(s)`: the derivative of `-(1 - p)^gamma · log(p)` by `s` is
  /// `(1 - p)^gamma · (gamma · p · log(p) - (1 - p))`.
  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (logits, labels) = (call.inputs[0], call.inputs[1])
    let sign = 2 * labels - 1
    let weight = labels * (2 * alpha - 1) + (1 - alpha)
    let p = (sign * logits).applying("sigmoid")
    let logP = -(-(sign * logits)).applying("softplus")
    let rest = (-(sign * logits)).applying("sigmoid")
    let slope = rest.combined("pow", rest.constant(gamma)) * (gamma * p * logP - rest)
    guard let count = try? logits.shape.elementCount() else { throw .sizeOverflow }
    return [
      .value(gradients[0] * weight * sign * slope / logits.constant(.dimension(count))), .undefined("labels are data"),
    ]
  }
}
