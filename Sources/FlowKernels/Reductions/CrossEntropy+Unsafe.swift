package import FlowTensor
import RealModule

/// The mean over rows of softmax cross entropy, the rows being those of the last axis, and its gradient.
///
/// SAFETY: addresses come from views; `logits` has `rows · classes` elements, the target `rows` of them or as many, the
/// output one, the gradient as many as `logits`. A class is checked before it is used as an index.
package struct CrossEntropyKernel: Sendable {
  private let rows: Int
  private let classes: Int
  /// Of the gradient's rows.
  package let blocks: Blocks

  package init(rows: Int, classes: Int) {
    self.rows = rows
    self.classes = classes
    blocks = Blocks(of: classes == 0 ? 0 : rows, each: max(16, 16_384 / max(classes, 1)))
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

  /// Writes `(softmax(logits) - one_hot(target)) · scale` of a block of rows, for a target of class indices.
  package func gradient(
    block: Int, _ logits: TensorView, _ target: TensorView, scale: TensorView, into output: MutableTensorView
  ) throws(KernelFault) {
    if logits.dtype == .f64 {
      try gradient(Double.self, blocks[block], logits, target, scale, output)
    } else {
      try gradient(Float.self, blocks[block], logits, target, scale, output)
    }
  }

  private func gradient<Number: RowNumber & TensorElement>(
    _ type: Number.Type, _ range: Range<Int>, _ logits: TensorView, _ target: TensorView, _ scale: TensorView,
    _ output: MutableTensorView
  ) throws(KernelFault) {
    let x = logits.address.assumingMemoryBound(to: Number.self)
    let y = output.address.assumingMemoryBound(to: Number.self)
    let scale = scale.elements(Number.self)[0]
    for row in range {
      let label = try label(target.whole(row), row)
      let (x, y) = (x + row * classes, y + row * classes)
      let sum = Number.exponentials(x, less: Number.largest(x, classes), into: y, classes)
      Number.scale(y, by: Number(1 / sum), classes)
      y[label] -= 1
      Number.scale(y, by: scale, classes)
    }
  }

  private func label(_ label: Int, _ row: Int) throws(KernelFault) -> Int {
    guard label >= 0, label < classes else { throw .outOfRange(value: label, position: row, count: classes) }
    return label
  }

  private func sum<Number: RowNumber, Index: FixedWidthInteger>(
    _ x: UnsafePointer<Number>, _ target: UnsafeBufferPointer<Index>
  ) throws(KernelFault) -> Double {
    var total = 0.0
    for row in 0..<rows {
      let label = try label(Int(target[row]), row)
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
