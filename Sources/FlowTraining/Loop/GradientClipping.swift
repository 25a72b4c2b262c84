import FlowGraph
import FlowTensor

/// Gradients scaled together, so that the norm over all of their elements is at most a limit.
///
/// - Source: Pascanu, Mikolov & Bengio, On the difficulty of training recurrent neural networks, 2013; with PyTorch's 1e-6
///   beside the norm, which keeps gradients of zero at zero.
struct GradientClipping {
  let limit: Double

  /// The gradients times min(1, limit / (norm + 1e-6)); the norm is computed in double precision where one of them is.
  func clipped(_ gradients: [Value?]) -> [Value?] {
    let known = gradients.compactMap(\.self)
    let dtype: DType = known.contains { $0.dtype == .f64 } ? .f64 : .f32
    let squares = known.map { $0.cast(to: dtype).applying("sum_squares") }
    guard let first = squares.first else { return gradients }
    let norm = squares.dropFirst().reduce(first, +).applying("sqrt")
    let factor = (limit / (norm + 1e-6)).combined("minimum", norm.constant(1))
    return gradients.map { $0.map { gradient in gradient * factor.cast(to: gradient.dtype) } }
  }
}
