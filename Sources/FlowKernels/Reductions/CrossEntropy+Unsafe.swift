package import FlowTensor
import RealModule

/// The mean over rows of softmax cross entropy, the rows being those of the last axis.
///
/// SAFETY: addresses come from views; `logits` has `rows · classes` elements, the target `rows` of them or as many, the
/// output one. A class is checked before it is used as an index.
package struct CrossEntropyKernel: Sendable {
  private let rows: Int
  private let classes: Int

  package init(rows: Int, classes: Int) {
    self.rows = rows
    self.classes = classes
  }

  package func run(
    _ logits: TensorView, _ target: TensorView, into output: MutableTensorView
  ) throws(KernelFault) {
    if logits.dtype == .f64 {
      try run(Double.self, logits, target, output)
    } else {
      try run(Float.self, logits, target, output)
    }
  }

  private func run<Number: RowNumber & TensorElement>(
    _ type: Number.Type, _ logits: TensorView, _ target: TensorView, _ output: MutableTensorView
  ) throws(KernelFault) {
    let x = logits.address.assumingMemoryBound(to: Number.self)
    let loss: Double
    switch target.dtype {
    case .i64: loss = try sum(x, target.elements(Int64.self))
    case .i32: loss = try sum(x, target.elements(Int32.self))
    case .i16: loss = try sum(x, target.elements(Int16.self))
    case .i8: loss = try sum(x, target.elements(Int8.self))
    case .u8: loss = try sum(x, target.elements(UInt8.self))
    case .f64, .f32, .f16, .bf16, .bool: loss = sum(x, probabilities: target.elements(Number.self))
    }
    output.elements(Number.self)[0] = Number(loss / Double(rows))
  }

  private func sum<Number: RowNumber, Index: FixedWidthInteger>(
    _ x: UnsafePointer<Number>, _ target: UnsafeBufferPointer<Index>
  ) throws(KernelFault) -> Double {
    var total = 0.0
    for row in 0..<rows {
      let label = Int(target[row])
      guard label >= 0, label < classes else { throw .outOfRange(value: label, position: row, count: classes) }
      total += logSumExp(x + row * classes) - Double(x[row * classes + label])
    }
    return total
  }

  private func sum<Number: RowNumber>(
    _ x: UnsafePointer<Number>, probabilities: UnsafeBufferPointer<Number>
  ) -> Double {
    var total = 0.0
    for row in 0..<rows {
      let scale = logSumExp(x + row * classes)
      for i in row * classes..<(row + 1) * classes where probabilities[i] != 0 {
        total += Double(probabilities[i]) * (scale - Double(x[i]))
      }
    }
    return total
  }

  private func logSumExp<Number: RowNumber>(_ x: UnsafePointer<Number>) -> Double {
    let largest = Number.largest(x, classes)
    let sum = Number.sumOfExponentials(x, less: largest, classes)
    return Double(largest) + Double.log(sum)
  }
}
