package import FlowTensor
import RealModule

/// Softmax, or its logarithm, along one axis of a fixed shape.
///
/// SAFETY: addresses come from views of the shape that the kernel was made for; each lane lies within it.
package struct SoftmaxKernel: Sendable {
  private let size: Int
  private let inner: Int
  private let isLogarithm: Bool
  package let blocks: Blocks

  /// - Precondition: `axis` is an index of `sizes`.
  package init(_ sizes: [Int], axis: Int, logarithm: Bool) {
    size = sizes[axis]
    inner = sizes[(axis + 1)...].reduce(1, *)
    isLogarithm = logarithm
    blocks = Blocks(of: size == 0 ? 0 : sizes[..<axis].reduce(inner, *), each: max(16, 16_384 / max(size, 1)))
  }

  package func run(block: Int, _ input: TensorView, into output: MutableTensorView) {
    if input.dtype == .f64 {
      lanes(Double.self, blocks[block], input.address, output.address)
    } else {
      lanes(Float.self, blocks[block], input.address, output.address)
    }
  }

  private func lanes<Number: RowNumber>(
    _ type: Number.Type, _ range: Range<Int>, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer
  ) {
    let x = x.assumingMemoryBound(to: Number.self)
    let y = y.assumingMemoryBound(to: Number.self)
    for lane in range {
      let (outer, column) = lane.quotientAndRemainder(dividingBy: inner)
      let start = outer * size * inner + column
      if inner == 1 {
        row(x + start, y + start)
      } else if isLogarithm {
        logarithm(x + start, y + start)
      } else {
        softmax(x + start, y + start)
      }
    }
  }

  /// Of neighbours.
  private func row<Number: RowNumber>(_ x: UnsafePointer<Number>, _ y: UnsafeMutablePointer<Number>) {
    let largest = Number.largest(x, size)
    if isLogarithm {
      let sum = Number.sumOfExponentials(x, less: largest, size)
      Number.standardize(x, less: Double(largest) + Double.log(sum), by: 1, into: y, size)
    } else {
      let sum = Number.exponentials(x, less: largest, into: y, size)
      Number.scale(y, by: Number(1 / sum), size)
    }
  }

  private func softmax<Number: RowNumber>(
    _ x: UnsafePointer<Number>, _ y: UnsafeMutablePointer<Number>
  ) {
    let largest = largest(x)
    var sum = 0.0
    for i in 0..<size {
      let e = Number.exp(x[i * inner] - largest)
      y[i * inner] = e
      sum += Double(e)
    }
    let scale = Number(sum)
    for i in 0..<size { y[i * inner] /= scale }
  }

  private func logarithm<Number: RowNumber>(
    _ x: UnsafePointer<Number>, _ y: UnsafeMutablePointer<Number>
  ) {
    let largest = largest(x)
    var sum = 0.0
    for i in 0..<size { sum += Double(Number.exp(x[i * inner] - largest)) }
    let shift = Number(Double.log(sum))
    for i in 0..<size { y[i * inner] = x[i * inner] - largest - shift }
  }

  private func largest<Number: BinaryFloatingPoint>(_ x: UnsafePointer<Number>) -> Number {
    var largest = x[0]
    for i in 1..<max(size, 1) where !(x[i * inner] <= largest) { largest = x[i * inner] }
    return largest
  }
}
