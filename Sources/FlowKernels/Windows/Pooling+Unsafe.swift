import CVectorMath
package import FlowTensor

/// One number of each window of each channel, and the way back.
///
/// Each window has entries within the image: no padding is as long as a window, and no image is empty.
///
/// SAFETY: addresses come from views of `planes` times the geometry's entries or windows; blocks are ranges of planes, which
/// share nothing; positions are checked before they are used.
package struct Pooling: Sendable {
  package enum Task: Sendable {
    /// `x → y`: the largest entry; NaN where there is one.
    case maximum
    /// `x → positions`: of the first largest entry in its channel, row-major; of the first NaN where there is one.
    case positions
    /// `x → y`: the mean; of all entries of the window, or of those within the image.
    case average(countsPadding: Bool)
    /// `ȳ → x̄` of `average`.
    case spread(countsPadding: Bool)
  }

  package let geometry: WindowGeometry
  package let blocks: Blocks
  private let task: Task

  package init(_ geometry: WindowGeometry, planes: Int, _ task: Task) {
    self.geometry = geometry
    self.task = task
    let cost = Double(geometry.output) * Double(geometry.window)
    let isEmpty = geometry.output == 0
    blocks = Blocks(of: isEmpty ? 0 : planes, each: max(1, Int(min(65_536 / max(cost, 1), 1e6))))
  }

  package func run(block: Int, _ input: TensorView, into output: MutableTensorView) {
    if input.dtype == .f64 {
      run(Double.self, block, input.address, output.address)
    } else if geometry.isPairs {
      pairs(block, input.address.assumingMemoryBound(to: Float.self), output.address)
    } else {
      run(Float.self, block, input.address, output.address)
    }
  }

  /// `x, ȳ → x̄` of `maximum`: each window's gradient at its first largest entry.
  package func gradient(block: Int, _ x: TensorView, _ gradient: TensorView, into output: MutableTensorView) {
    if x.dtype == .f64 {
      self.gradient(Double.self, block, x.address, gradient.address, output.address)
    } else {
      self.gradient(Float.self, block, x.address, gradient.address, output.address)
    }
  }

  private func gradient<Number: BinaryFloatingPoint>(
    _ type: Number.Type, _ block: Int, _ x: UnsafeRawPointer, _ gradient: UnsafeRawPointer,
    _ output: UnsafeMutableRawPointer
  ) {
    let (rows, columns, width) = (geometry.axes[1].output, geometry.axes[2].output, geometry.axes[2].input)
    let isWhole = 2 * rows == geometry.axes[1].input && 2 * columns == width
    for plane in blocks[block] {
      let (start, first) = (plane * geometry.input, plane * geometry.output)
      let result = output.assumingMemoryBound(to: Number.self) + start
      if geometry.isPairs, Number.self == Float.self {
        if !isWhole { result.update(repeating: 0, count: geometry.input) }
        flow_max_pool_gradient_2x2(
          x.assumingMemoryBound(to: Float.self) + start, gradient.assumingMemoryBound(to: Float.self) + first, rows,
          columns, width, output.assumingMemoryBound(to: Float.self) + start)
      } else {
        let (channel, gradient) = (
          x.assumingMemoryBound(to: Number.self) + start, gradient.assumingMemoryBound(to: Number.self) + first
        )
        result.update(repeating: 0, count: geometry.input)
        geometry.forEachWindow { index, window in result[geometry.largest(of: channel, in: window)] += gradient[index] }
      }
    }
  }

  /// Windows of 2 · 2 side by side, by loops of their own.
  private func pairs(_ block: Int, _ x: UnsafePointer<Float>, _ output: UnsafeMutableRawPointer) {
    let (rows, columns, width) = (geometry.axes[1].output, geometry.axes[2].output, geometry.axes[2].input)
    for plane in blocks[block] {
      let channel = x + plane * geometry.input
      switch task {
      case .maximum:
        let y = output.assumingMemoryBound(to: Float.self) + plane * geometry.output
        flow_max_pool_2x2(channel, rows, columns, width, y)
      case .positions:
        let y = output.assumingMemoryBound(to: Int32.self) + plane * geometry.output
        flow_max_pool_positions_2x2(channel, rows, columns, width, y)
      case .average(let countsPadding):
        average(channel, countsPadding, into: output.assumingMemoryBound(to: Float.self) + plane * geometry.output)
      case .spread(let countsPadding):
        spread(
          x + plane * geometry.output, countsPadding,
          into: output.assumingMemoryBound(to: Float.self) + plane * geometry.input)
      }
    }
  }

  private func run<Number: BinaryFloatingPoint>(
    _ type: Number.Type, _ block: Int, _ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer
  ) {
    let x = input.assumingMemoryBound(to: Number.self)
    let y = output.assumingMemoryBound(to: Number.self)
    for plane in blocks[block] {
      switch task {
      case .maximum:
        let channel = x + plane * geometry.input
        let result = y + plane * geometry.output
        geometry.forEachWindow { index, window in result[index] = channel[geometry.largest(of: channel, in: window)] }
      case .positions:
        let channel = x + plane * geometry.input
        let result = output.assumingMemoryBound(to: Int32.self) + plane * geometry.output
        geometry.forEachWindow { index, window in result[index] = Int32(geometry.largest(of: channel, in: window)) }
      case .average(let countsPadding):
        average(x + plane * geometry.input, countsPadding, into: y + plane * geometry.output)
      case .spread(let countsPadding):
        spread(x + plane * geometry.output, countsPadding, into: y + plane * geometry.input)
      }
    }
  }

  private func average<Number: BinaryFloatingPoint>(
    _ channel: UnsafePointer<Number>, _ countsPadding: Bool, into result: UnsafeMutablePointer<Number>
  ) {
    geometry.forEachWindow { index, window in
      var sum = 0.0
      geometry.forEachEntry(of: window) { sum += Double(channel[$0]) }
      result[index] = Number(sum / Double(countsPadding ? geometry.window : window.count))
    }
  }

  private func spread<Number: BinaryFloatingPoint>(
    _ gradient: UnsafePointer<Number>, _ countsPadding: Bool, into result: UnsafeMutablePointer<Number>
  ) {
    result.update(repeating: 0, count: geometry.input)
    geometry.forEachWindow { index, window in
      let share = gradient[index] / Number(countsPadding ? geometry.window : window.count)
      geometry.forEachEntry(of: window) { result[$0] += share }
    }
  }
}

/// Where a window meets the image.
private struct Window {
  let (first, second, third): (Range<Int>, Range<Int>, Range<Int>)
  var count: Int { first.count * second.count * third.count }
}

extension WindowGeometry {
  /// Whether windows are of 2 · 2 entries, side by side over two axes, all within the image.
  fileprivate var isPairs: Bool {
    axes[0].input == 1 && axes[0].output == 1 && axes[0].before == 0 && axes[0].window == 1
      && axes[1...].allSatisfy {
        $0.window == 2 && $0.stride == 2 && $0.dilation == 1 && $0.before == 0 && 2 * $0.output <= $0.input
      }
  }

  @inline(__always)
  fileprivate func forEachWindow(_ body: (Int, Window) -> Void) {
    var index = 0
    for i in 0..<axes[0].output {
      let first = axes[0].entries(ofWindow: i)
      for j in 0..<axes[1].output {
        let second = axes[1].entries(ofWindow: j)
        for k in 0..<axes[2].output {
          body(index, Window(first: first, second: second, third: axes[2].entries(ofWindow: k)))
          index += 1
        }
      }
    }
  }

  @inline(__always)
  fileprivate func forEachEntry(of window: Window, _ body: (Int) -> Void) {
    for i in window.first {
      for j in window.second {
        let row = (i * axes[1].input + j) * axes[2].input
        for k in window.third { body(row + k) }
      }
    }
  }

  @inline(__always)
  fileprivate func largest<Number: BinaryFloatingPoint>(of channel: UnsafePointer<Number>, in window: Window) -> Int {
    var best: Int?
    forEachEntry(of: window) { position in
      guard let known = best else {
        best = position
        return
      }
      if !(channel[position] <= channel[known]), !channel[known].isNaN { best = position }
    }
    return best ?? 0
  }
}

/// Entries of each channel by positions, and back.
///
/// SAFETY: addresses come from views of `planes` times `entries` and `positions` elements; each position is checked.
package struct PositionKernel: Sendable {
  package let blocks: Blocks
  private let entries: Int
  private let positions: Int

  /// - Parameters:
  ///   - entries: of one channel.
  ///   - positions: given for one channel.
  package init(planes: Int, entries: Int, positions: Int) {
    self.entries = entries
    self.positions = positions
    blocks = Blocks(of: entries == 0 && positions == 0 ? 0 : planes, each: max(1, 65_536 / max(entries, positions, 1)))
  }

  /// `output[c, i] = input[c, positions[c, i]]`
  package func gather(
    block: Int, _ input: TensorView, _ indices: TensorView, into output: MutableTensorView
  ) throws(KernelFault) {
    if input.dtype == .f64 {
      try gather(Double.self, block, input.address, indices, output.address)
    } else {
      try gather(Float.self, block, input.address, indices, output.address)
    }
  }

  /// `output[c, positions[c, i]] += input[c, i]`, in the order of `i`, upon zeros.
  package func scatterAdd(
    block: Int, _ input: TensorView, _ indices: TensorView, into output: MutableTensorView
  ) throws(KernelFault) {
    if input.dtype == .f64 {
      try scatterAdd(Double.self, block, input.address, indices, output.address)
    } else {
      try scatterAdd(Float.self, block, input.address, indices, output.address)
    }
  }

  private func gather<Number: BinaryFloatingPoint>(
    _ type: Number.Type, _ block: Int, _ input: UnsafeRawPointer, _ indices: TensorView,
    _ output: UnsafeMutableRawPointer
  ) throws(KernelFault) {
    let (x, y) = (input.assumingMemoryBound(to: Number.self), output.assumingMemoryBound(to: Number.self))
    for plane in blocks[block] {
      for position in plane * positions..<(plane + 1) * positions {
        y[position] = x[plane * entries + (try entry(indices.whole(position), position))]
      }
    }
  }

  private func scatterAdd<Number: BinaryFloatingPoint>(
    _ type: Number.Type, _ block: Int, _ input: UnsafeRawPointer, _ indices: TensorView,
    _ output: UnsafeMutableRawPointer
  ) throws(KernelFault) {
    let (x, y) = (input.assumingMemoryBound(to: Number.self), output.assumingMemoryBound(to: Number.self))
    for plane in blocks[block] {
      let channel = y + plane * entries
      channel.update(repeating: 0, count: entries)
      let range = plane * positions..<(plane + 1) * positions
      if indices.dtype == .i32 {
        // What max_pool_positions gives.
        let known = indices.elements(Int32.self)
        for position in range { channel[try entry(Int(known[position]), position)] += x[position] }
      } else {
        for position in range { channel[try entry(indices.whole(position), position)] += x[position] }
      }
    }
  }

  @inline(__always)
  private func entry(_ value: Int, _ position: Int) throws(KernelFault) -> Int {
    guard value >= 0, value < entries else { throw .outOfRange(value: value, position: position, count: entries) }
    return value
  }
}
