import FlowPlugin

/// Mean and variance along the last axis, in one pass over the data.
///
/// - Shapes: `x [..., n]` → `mean [...]`, `variance [...]`, f32 or f64; NaN where n is 0.
/// - Gradient: `x̄ = mean̄ / n + variancē · 2 (x - mean) / n`; as numbers, so of first order only.
/// - Source: Welford, Note on a method for calculating corrected sums of squares and products, 1962.
struct Moments: NumericBackward {
  static let name = "moments"
  static let signature: Signature = "x -> mean, variance"
  static let manual = Manual(
    "Mean and variance along the last axis, by Welford's method.", shapes: "x [..., n] → mean [...], variance [...]",
    gradient: "x̄ = mean̄ / n + variancē · 2 (x - mean) / n; first order only",
    source: "Welford, Note on a method for calculating corrected sums of squares and products, 1962")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard [.f64, .f32].contains(inputs[0].dtype) else {
      throw .dtypeMismatch("moments: takes f32 or f64, not \(inputs[0])", help: "cast it")
    }
    guard inputs[0].shape.rank > 0 else {
      throw .shapeMismatch("moments: takes at least one axis, not a scalar")
    }
    let type = TensorType(inputs[0].dtype, Shape(Array(inputs[0].shape.dimensions.dropLast())))
    return [type, type]
  }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    if inputs[0].dtype == .f64 {
      evaluate(inputs[0].elements(Double.self), outputs[0].elements(), outputs[1].elements())
    } else {
      evaluate(inputs[0].elements(Float.self), outputs[0].elements(), outputs[1].elements())
    }
  }

  private func evaluate<Number: BinaryFloatingPoint>(
    _ x: UnsafeBufferPointer<Number>, _ mean: UnsafeMutableBufferPointer<Number>,
    _ variance: UnsafeMutableBufferPointer<Number>
  ) {
    let size = mean.isEmpty ? 0 : x.count / mean.count
    for row in mean.indices {
      var (average, squares) = (Number(0), Number(0))
      for column in 0..<size {
        let difference = x[row * size + column] - average
        average += difference / Number(column + 1)
        squares += difference * (x[row * size + column] - average)
      }
      mean[row] = size == 0 ? .nan : average
      variance[row] = squares / Number(size)
    }
  }

  func backward(
    _ inputs: TensorViews, _ outputs: TensorViews, _ gradients: TensorViews, into inputGradients: MutableTensorViews
  ) throws(OperationError) {
    if inputs[0].dtype == .f64 {
      differentiate(inputs[0].elements(Double.self), outputs, gradients, inputGradients[0].elements())
    } else {
      differentiate(inputs[0].elements(Float.self), outputs, gradients, inputGradients[0].elements())
    }
  }

  private func differentiate<Number: BinaryFloatingPoint & TensorElement>(
    _ x: UnsafeBufferPointer<Number>, _ outputs: TensorViews, _ gradients: TensorViews,
    _ target: UnsafeMutableBufferPointer<Number>
  ) {
    let mean = outputs[0].elements(Number.self)
    let (ofMean, ofVariance) = (gradients[0].elements(Number.self), gradients[1].elements(Number.self))
    let size = mean.isEmpty ? 0 : x.count / mean.count
    for index in x.indices {
      let row = index / size
      target[index] = (ofMean[row] + 2 * ofVariance[row] * (x[index] - mean[row])) / Number(size)
    }
  }
}
