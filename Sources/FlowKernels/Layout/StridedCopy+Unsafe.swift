import CVectorMath
package import FlowTensor

/// Where the elements of a view of a dense tensor lie: transposed, sliced, repeated.
package struct StridedLayout: Hashable, Sendable {
  /// Outermost first; never empty.
  package let sizes: [Int]
  /// In elements; may be negative or zero.
  package let strides: [Int]
  package let offset: Int
  package let count: Int
  /// How reading it in order is cut into parts.
  package let blocks: Blocks
  /// The axis, not the last, along which elements are neighbours, where along the last one they are not.
  fileprivate let transposedAxis: Int?
  /// The rows along that axis that are moved at once.
  fileprivate let slab: Int

  package init(sizes: [Int], strides: [Int], offset: Int = 0) {
    var joined: [(size: Int, stride: Int)] = []
    for (size, stride) in zip(sizes, strides) where size != 1 {
      if let last = joined.last, last.stride == stride * size {
        joined[joined.count - 1] = (last.size * size, stride)
      } else {
        joined.append((size, stride))
      }
    }
    if joined.isEmpty { joined = [(1, 1)] }
    self.sizes = joined.map(\.size)
    self.strides = joined.map(\.stride)
    self.offset = offset
    count = sizes.reduce(1, *)
    let length = max(self.sizes[self.sizes.count - 1], 1)
    transposedAxis = self.strides.last == 1 ? nil : self.strides.dropLast().lastIndex(of: 1)
    slab = (max(1, Self.elementsAtOnce / length) + 15) / 16 * 16
    if let axis = transposedAxis {
      let rows = self.sizes[axis]
      let slabs = count / max(rows * length, 1) * ((rows + slab - 1) / slab)
      blocks = Blocks(of: slabs, each: max(1, Self.elementsAtOnce / max(min(slab, rows) * length, 1)))
    } else {
      blocks = Blocks(of: count, each: max(1, Self.elementsAtOnce / length) * min(length, Self.elementsAtOnce))
    }
  }

  private static let elementsAtOnce = 32_768

  /// Whether the elements lie one behind the other.
  package var isRun: Bool { count > 0 && (count == 1 || (sizes.count == 1 && strides == [1])) }

  /// The steps of a dense tensor of these sizes.
  package static func denseStrides(_ sizes: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: sizes.count)
    for axis in sizes.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * sizes[axis + 1] }
    return strides
  }

  fileprivate func start(ofRun run: Int) -> Int {
    var rest = run
    var start = offset
    var axis = sizes.count - 2
    while axis >= 0 {
      let (quotient, index) = rest.quotientAndRemainder(dividingBy: sizes[axis])
      start += index * strides[axis]
      rest = quotient
      axis -= 1
    }
    return start
  }

  /// How many runs from this one on are one step apart, and the step.
  fileprivate func runs(from run: Int, atMost limit: Int) -> (count: Int, step: Int) {
    guard sizes.count > 1 else { return (1, 0) }
    let axis = sizes.count - 2
    return (min(sizes[axis] - run % sizes[axis], limit), strides[axis])
  }

  /// Where a matrix along the transposed and the last axis begins, in the tensor and among the elements in order.
  fileprivate func start(ofMatrix matrix: Int) -> (source: Int, target: Int) {
    var (source, target) = (offset, 0)
    var (rest, step) = (matrix, sizes[sizes.count - 1])
    for axis in sizes.indices.dropLast().reversed() {
      if axis != transposedAxis {
        let (quotient, index) = rest.quotientAndRemainder(dividingBy: sizes[axis])
        source += index * strides[axis]
        target += index * step
        rest = quotient
      }
      step *= sizes[axis]
    }
    return (source, target)
  }
}

/// Moves elements between a dense tensor and a layout.
///
/// SAFETY: the layout lies within the tensor that it describes: it is made from that tensor's sizes by an operation whose
/// shape rule checked it. The other tensor has as many elements as the layout.
package enum StridedCopy {
  /// Reads a layout of `input` into dense elements of `output`: a block of them.
  package static func gather(
    block: Int, _ layout: StridedLayout, _ input: TensorView, into output: MutableTensorView
  ) {
    let (range, x, y) = (layout.blocks[block], input.address, output.address)
    switch input.dtype.byteCount {
    case 8: gather(UInt64.self, range, layout, from: x, to: y, by: flow_transpose_64)
    case 4: gather(UInt32.self, range, layout, from: x, to: y, by: flow_transpose_32)
    case 2: gather(UInt16.self, range, layout, from: x, to: y, by: transpose)
    default: gather(UInt8.self, range, layout, from: x, to: y, by: transpose)
    }
  }

  /// Writes the dense elements of `input` to a layout of `output`, whose other elements become zero.
  package static func scatter(_ layout: StridedLayout, _ input: TensorView, into output: MutableTensorView) {
    output.address.initializeMemory(as: UInt8.self, repeating: 0, count: output.count * output.dtype.byteCount)
    let range = 0..<layout.count
    switch input.dtype.byteCount {
    case 8: move(UInt64.self, range, layout, from: input.address, to: output.address, reading: false)
    case 4: move(UInt32.self, range, layout, from: input.address, to: output.address, reading: false)
    case 2: move(UInt16.self, range, layout, from: input.address, to: output.address, reading: false)
    default: move(UInt8.self, range, layout, from: input.address, to: output.address, reading: false)
    }
  }

  /// Copies elements `range`.
  package static func copy(_ range: Range<Int>, _ input: TensorView, into output: MutableTensorView) {
    let size = input.dtype.byteCount
    (output.address + range.lowerBound * size).copyMemory(
      from: input.address + range.lowerBound * size, byteCount: range.count * size)
  }

  /// From rows of the first address to columns of the second: the steps between rows, the rows, the columns.
  private typealias Transposition<Bits> = (UnsafePointer<Bits>, Int, UnsafeMutablePointer<Bits>, Int, Int, Int) -> Void

  private static func gather<Bits: BitwiseCopyable>(
    _ type: Bits.Type, _ range: Range<Int>, _ layout: StridedLayout, from input: UnsafeRawPointer,
    to output: UnsafeMutableRawPointer, by transpose: Transposition<Bits>
  ) {
    guard let axis = layout.transposedAxis, let columns = layout.sizes.last, let step = layout.strides.last else {
      return move(type, range, layout, from: input, to: output, reading: true)
    }
    let x = input.assumingMemoryBound(to: Bits.self)
    let y = output.assumingMemoryBound(to: Bits.self)
    let (rows, rowStep) = (layout.sizes[axis], layout.sizes[(axis + 1)...].reduce(1, *))
    let slabs = (rows + layout.slab - 1) / layout.slab
    for unit in range {
      let (matrix, slab) = unit.quotientAndRemainder(dividingBy: slabs)
      let (source, target) = layout.start(ofMatrix: matrix)
      let first = slab * layout.slab
      // What lies in rows of neighbours is read by the last axis, and written by this one.
      transpose(
        x + source + first, step, y + target + first * rowStep, rowStep, columns, min(layout.slab, rows - first))
    }
  }

  /// By small squares, lest each element be a line of the cache.
  private static func transpose<Bits: BitwiseCopyable>(
    _ x: UnsafePointer<Bits>, _ xStep: Int, _ y: UnsafeMutablePointer<Bits>, _ yStep: Int, _ rows: Int, _ columns: Int
  ) {
    for firstRow in stride(from: 0, to: rows, by: 32) {
      for column in 0..<columns {
        for row in firstRow..<min(firstRow + 32, rows) { y[column * yStep + row] = x[row * xStep + column] }
      }
    }
  }

  private static func move<Bits: BitwiseCopyable>(
    _ type: Bits.Type, _ range: Range<Int>, _ layout: StridedLayout, from input: UnsafeRawPointer,
    to output: UnsafeMutableRawPointer, reading: Bool
  ) {
    let x = input.assumingMemoryBound(to: Bits.self)
    let y = output.assumingMemoryBound(to: Bits.self)
    guard let length = layout.sizes.last, let stride = layout.strides.last else { return }
    let size = MemoryLayout<Bits>.stride
    var index = range.lowerBound
    while index < range.upperBound {
      let (run, column) = index.quotientAndRemainder(dividingBy: length)
      var count = min(length - column, range.upperBound - index)
      let start = layout.start(ofRun: run) + column * stride
      if stride == 1 {
        let whole = (range.upperBound - index) / length
        let (rows, step) = count == length ? layout.runs(from: run, atMost: whole) : (1, 0)
        let (dense, strided, width) = (length * size, step * size, count * size)
        if reading {
          flow_copy_rows(input + start * size, strided, output + index * size, dense, width, rows)
        } else {
          flow_copy_rows(input + index * size, dense, output + start * size, strided, width, rows)
        }
        count *= rows
      } else if reading {
        for i in 0..<count { y[index + i] = x[start + i * stride] }
      } else {
        for i in 0..<count { y[start + i * stride] = x[index + i] }
      }
      index += count
    }
  }
}
