package import FlowTensor

/// Rows to mean 0 and variance 1, or to mean square 1, and the gradient of that: one pass over each row.
///
/// SAFETY: addresses come from views of `rows · size` elements; blocks are ranges of rows.
package struct StandardizeKernel: Sendable {
  private let size: Int
  private let epsilon: Double
  private let centers: Bool
  package let blocks: Blocks

  package init(rows: Int, size: Int, epsilon: Double, centers: Bool) {
    (self.size, self.epsilon, self.centers) = (size, epsilon, centers)
    blocks = Blocks(of: size == 0 ? 0 : rows, each: max(1, 16_384 / max(size, 1)))
  }

  package func run(block: Int, _ x: TensorView, into y: MutableTensorView) {
    if x.dtype == .f64 { forward(Double.self, block, x, y) } else { forward(Float.self, block, x, y) }
  }

  package func gradient(block: Int, _ x: TensorView, _ gradient: TensorView, into y: MutableTensorView) {
    if x.dtype == .f64 {
      backward(Double.self, block, x, gradient, y)
    } else {
      backward(Float.self, block, x, gradient, y)
    }
  }

  private func forward<Number: RowNumber>(_ type: Number.Type, _ block: Int, _ x: TensorView, _ y: MutableTensorView) {
    for row in blocks[block] {
      let x = x.address.assumingMemoryBound(to: Number.self) + row * size
      let (mean, factor) = moments(x)
      Number.standardize(
        x, less: mean, by: factor, into: y.address.assumingMemoryBound(to: Number.self) + row * size, size)
    }
  }

  /// With x̂ = (x - mean) · r: x̄ = r · (ȳ - mean ȳ - x̂ · mean(ȳ · x̂)), which is linear in ȳ and x. Without a mean, its term is none.
  private func backward<Number: RowNumber>(
    _ type: Number.Type, _ block: Int, _ x: TensorView, _ gradient: TensorView, _ y: MutableTensorView
  ) {
    let count = Double(size)
    for row in blocks[block] {
      let x = x.address.assumingMemoryBound(to: Number.self) + row * size
      let gradient = gradient.address.assumingMemoryBound(to: Number.self) + row * size
      let (mean, factor) = moments(x)
      let sum = centers ? Number.sum(gradient, size) : 0
      let slope = -factor * factor * factor * (Number.dot(gradient, x, size) - mean * sum) / count
      Number.combine(
        gradient, factor, x, slope, -factor * sum / count - slope * mean,
        into: y.address.assumingMemoryBound(to: Number.self) + row * size, size)
    }
  }

  /// The mean, or 0, and what numbers less it are multiplied by.
  private func moments<Number: RowNumber>(_ x: UnsafePointer<Number>) -> (mean: Double, factor: Double) {
    let mean = centers ? Number.sum(x, size) / Double(size) : 0
    let variance = Number.sumOfSquares(x, less: mean, size) / Double(size)
    return (mean, 1 / (variance + epsilon).squareRoot())
  }
}
