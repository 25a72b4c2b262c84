package import FlowTensor

/// A tensor whose entries along each axis are entries of another: padded, rolled.
///
/// SAFETY: addresses come from views of the sizes given to `init`; an entry of a map is below the axis' size.
package struct AxisMap: Sendable {
  /// For each entry of each axis, where its elements begin in the source, in elements; -1 where they come from nowhere.
  private let offsets: [[Int]]
  private let columns: [Int]
  package let blocks: Blocks

  /// - Parameters:
  ///   - maps: for each axis of the result, which entry of the source's axis each of its entries is; -1 for none.
  ///   - sizes: the source's.
  package init(_ maps: [[Int]], of sizes: [Int]) {
    let scaled = zip(maps, StridedLayout.denseStrides(sizes)).map { map, stride in map.map { $0 < 0 ? -1 : $0 * stride }
    }
    offsets = Array(scaled.dropLast())
    columns = scaled.last ?? [0]
    blocks = Blocks(of: offsets.reduce(1) { $0 * $1.count }, each: max(1, 32_768 / max(columns.count, 1)))
  }

  /// Writes the rows of a block; `value` where an element comes from nowhere.
  package func gather(block: Int, _ input: TensorView, into output: MutableTensorView, otherwise value: Double) {
    let rows = blocks[block]
    output.fill(rows.lowerBound * columns.count..<rows.upperBound * columns.count, with: value)
    switch input.dtype.byteCount {
    case 8: gather(UInt64.self, rows, input.address, output.address)
    case 4: gather(UInt32.self, rows, input.address, output.address)
    case 2: gather(UInt16.self, rows, input.address, output.address)
    default: gather(UInt8.self, rows, input.address, output.address)
    }
  }

  /// Adds each element of `input`, shaped as the result, to where it comes from in `output`.
  package func scatterAdd(_ input: TensorView, into output: MutableTensorView) {
    output.address.initializeMemory(as: UInt8.self, repeating: 0, count: output.count * output.dtype.byteCount)
    if input.dtype == .f64 {
      scatterAdd(input.elements(Double.self), output.elements(Double.self))
    } else {
      scatterAdd(input.elements(Float.self), output.elements(Float.self))
    }
  }

  private func gather<Bits: BitwiseCopyable>(
    _ type: Bits.Type, _ rows: Range<Int>, _ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer
  ) {
    let x = input.assumingMemoryBound(to: Bits.self)
    let y = output.assumingMemoryBound(to: Bits.self)
    for row in rows {
      guard let start = start(ofRow: row) else { continue }
      for (column, offset) in columns.enumerated() where offset >= 0 {
        y[row * columns.count + column] = x[start + offset]
      }
    }
  }

  private func scatterAdd<Number: FloatingPoint>(
    _ x: UnsafeBufferPointer<Number>, _ y: UnsafeMutableBufferPointer<Number>
  ) {
    for row in 0..<offsets.reduce(1, { $0 * $1.count }) {
      guard let start = start(ofRow: row) else { continue }
      for (column, offset) in columns.enumerated() where offset >= 0 {
        y[start + offset] += x[row * columns.count + column]
      }
    }
  }

  private func start(ofRow row: Int) -> Int? {
    var rest = row
    var start = 0
    for axis in offsets.reversed() {
      let offset = axis[rest % axis.count]
      guard offset >= 0 else { return nil }
      start += offset
      rest /= axis.count
    }
    return start
  }
}
