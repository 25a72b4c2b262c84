package import FlowTensor

/// Where the elements of a view of a dense tensor lie: transposed, sliced, repeated.
package struct StridedLayout: Hashable, Sendable {
  /// Outermost first; never empty.
  package let sizes: [Int]
  /// In elements; may be negative or zero.
  package let strides: [Int]
  package let offset: Int
  package let count: Int

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
  }

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
}

/// Moves elements between a dense tensor and a layout.
///
/// SAFETY: the layout lies within the tensor that it describes: it is made from that tensor's sizes by an operation whose
/// shape rule checked it. The other tensor has as many elements as the layout.
package enum StridedCopy {
  /// Reads a layout of `input` into dense elements `range` of `output`.
  package static func gather(
    _ range: Range<Int>, _ layout: StridedLayout, _ input: TensorView, into output: MutableTensorView
  ) {
    switch input.dtype.byteCount {
    case 8: move(UInt64.self, range, layout, from: input.address, to: output.address, reading: true)
    case 4: move(UInt32.self, range, layout, from: input.address, to: output.address, reading: true)
    case 2: move(UInt16.self, range, layout, from: input.address, to: output.address, reading: true)
    default: move(UInt8.self, range, layout, from: input.address, to: output.address, reading: true)
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

  private static func move<Bits: BitwiseCopyable>(
    _ type: Bits.Type, _ range: Range<Int>, _ layout: StridedLayout, from input: UnsafeRawPointer,
    to output: UnsafeMutableRawPointer, reading: Bool
  ) {
    let x = input.assumingMemoryBound(to: Bits.self)
    let y = output.assumingMemoryBound(to: Bits.self)
    guard let length = layout.sizes.last, let stride = layout.strides.last else { return }
    var index = range.lowerBound
    while index < range.upperBound {
      let (run, column) = index.quotientAndRemainder(dividingBy: length)
      let count = min(length - column, range.upperBound - index)
      let start = layout.start(ofRun: run) + column * stride
      if reading {
        for i in 0..<count { y[index + i] = x[start + i * stride] }
      } else {
        for i in 0..<count { y[start + i * stride] = x[index + i] }
      }
      index += count
    }
  }
}
