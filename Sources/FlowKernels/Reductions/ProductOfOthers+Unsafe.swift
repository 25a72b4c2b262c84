package import FlowTensor

/// For each element, the product of the others in its row: those before times those behind.
///
/// SAFETY: addresses come from views of `rows · columns` elements.
package struct ProductOfOthersKernel: Sendable {
  private let rows: Int
  private let columns: Int

  package init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  package func run(_ input: TensorView, into output: MutableTensorView) {
    if input.dtype == .f64 {
      run(input.elements(Double.self), output.elements(Double.self))
    } else {
      run(input.elements(Float.self), output.elements(Float.self))
    }
  }

  private func run<Number: FloatingPoint>(_ x: UnsafeBufferPointer<Number>, _ y: UnsafeMutableBufferPointer<Number>) {
    for row in 0..<rows {
      let indices = row * columns..<(row + 1) * columns
      var product: Number = 1
      for index in indices {
        y[index] = product
        product *= x[index]
      }
      product = 1
      for index in indices.reversed() {
        y[index] *= product
        product *= x[index]
      }
    }
  }
}
