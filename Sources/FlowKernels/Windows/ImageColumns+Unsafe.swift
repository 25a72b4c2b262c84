/// The windows of an image side by side: one row for each channel and entry of a window, one column for each window.
///
/// SAFETY: `image` has `channels` times the geometry's input elements, `columns` as many rows as channels and entries of a
/// window, each as long as the range of windows, which lies within the geometry's; only entries within the image are touched.
struct ImageColumns {
  let geometry: WindowGeometry

  /// A part of one row of columns, of windows along the last axis.
  private struct Run {
    /// Where it begins in the row, and how many windows it has.
    let (start, count): (Int, Int)
    /// Of these, the first whose entry is in the image, how many are, and where the first lies in the channel.
    let (skipped, taken, source): (Int, Int, Int)
  }

  func gather<Number: BinaryFloatingPoint>(
    _ image: UnsafePointer<Number>, channels: Int, windows: Range<Int>, into columns: UnsafeMutablePointer<Number>
  ) {
    let stride = geometry.axes[2].stride
    forEachRow(channels, windows) { channel, row, run in
      let source = image + channel * geometry.input + run.source
      let target = columns + row * windows.count + run.start
      target.update(repeating: 0, count: run.skipped)
      let taken = target + run.skipped
      if stride == 1 {
        taken.update(from: source, count: run.taken)
      } else {
        for i in 0..<run.taken { taken[i] = source[i * stride] }
      }
      (taken + run.taken).update(repeating: 0, count: run.count - run.skipped - run.taken)
    }
  }

  /// Adds each column's numbers to where they came from.
  func scatterAdd<Number: BinaryFloatingPoint>(
    _ columns: UnsafePointer<Number>, channels: Int, windows: Range<Int>, into image: UnsafeMutablePointer<Number>
  ) {
    let stride = geometry.axes[2].stride
    forEachRow(channels, windows) { channel, row, run in
      let target = image + channel * geometry.input + run.source
      let source = columns + row * windows.count + run.start + run.skipped
      for i in 0..<run.taken { target[i * stride] += source[i] }
    }
  }

  @inline(__always)
  private func forEachRow(_ channels: Int, _ windows: Range<Int>, _ body: (_ channel: Int, _ row: Int, Run) -> Void) {
    let (first, second, third) = (geometry.axes[0], geometry.axes[1], geometry.axes[2])
    var row = 0
    for channel in 0..<channels {
      for i in 0..<first.window {
        for j in 0..<second.window {
          for k in 0..<third.window {
            forEachRun((i, j, k), windows) { body(channel, row, $0) }
            row += 1
          }
        }
      }
    }
  }

  @inline(__always)
  private func forEachRun(_ offset: (Int, Int, Int), _ windows: Range<Int>, _ body: (Run) -> Void) {
    let (first, second, third) = (geometry.axes[0], geometry.axes[1], geometry.axes[2])
    let reaching = third.windows(reaching: offset.2)
    var window = windows.lowerBound
    while window < windows.upperBound {
      let (line, column) = window.quotientAndRemainder(dividingBy: third.output)
      let count = min(third.output - column, windows.upperBound - window)
      let (plane, index) = line.quotientAndRemainder(dividingBy: second.output)
      let x = plane * first.stride + first.start(offset.0)
      let y = index * second.stride + second.start(offset.1)
      let isInside = x >= 0 && x < first.input && y >= 0 && y < second.input
      let low = isInside ? max(column, reaching.lowerBound) : column + count
      let high = isInside ? max(low, min(column + count, reaching.upperBound)) : low
      let skipped = min(low - column, count)
      // Outside of the image it may not fit, and is not used.
      let source = (x &* second.input &+ y) &* third.input &+ low &* third.stride &+ third.start(offset.2)
      body(
        Run(
          start: window - windows.lowerBound, count: count, skipped: skipped, taken: skipped < count ? high - low : 0,
          source: skipped < count && high > low ? source : 0))
      window += count
    }
  }
}
