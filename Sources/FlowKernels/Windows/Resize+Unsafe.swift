package import FlowTensor

/// One axis of an image and of the image in another size: of which entries each entry of the other is made.
///
/// Entries are taken to be as wide as one another, and both images to cover the same stretch: the middle of entry `j` lies at
/// `(j + ½) · image / resized - ½` of the image, and what would lie outside at its edge.
package struct ResizeAxis: Sendable {
  /// `(1 - share) · x[low] + share · x[low + 1]`, the latter only where its share is not 0.
  struct Tap {
    let low: Int
    let share: Double
  }

  /// Of the image, and of the other.
  let (size, resized): (Int, Int)
  private let step: Double
  private let interpolates: Bool

  /// - Parameters:
  ///   - step: how many entries of the image are one of the other: the ratio of their sizes, or what the scale says.
  ///   - interpolates: whether the two nearest entries are mixed, else the nearest is taken, halfway the higher one.
  /// - Precondition: both sizes are positive, or `resized` is 0; `step` is not negative.
  package init(size: Int, resized: Int, step: Double, interpolates: Bool) {
    (self.size, self.resized) = (size, resized)
    (self.step, self.interpolates) = (step, interpolates)
  }

  /// What entry `entry` of the other is made of. Tables of these would be larger than the images that they are for.
  @inline(__always)
  func tap(_ entry: Int) -> Tap {
    let middle = (Double(entry) + 0.5) * step
    let last = Double(size - 1)
    guard interpolates else { return Tap(low: Int(min(middle, last)), share: 0) }
    let place = min(max(0, middle - 0.5), last)
    let low = Int(place)
    return Tap(low: low, share: place - Double(low))
  }
}

/// Images in another size, and the transposed map of it: what undoes the sums.
///
/// An entry with no share in the result is not read, so that an infinity beside it stays where it is.
///
/// SAFETY: addresses come from views of `planes` images of the axes' sizes, and of as many in their other sizes; taps lie
/// inside of their axes by construction. A block touches the planes of its own range alone.
package struct Resize: Sendable {
  package let blocks: Blocks
  private let axes: [ResizeAxis]
  private let entries: Int
  private let resized: Int

  /// - Precondition: at most three axes, whose sizes multiplied by `planes` do not overflow.
  package init(planes: Int, _ axes: [ResizeAxis]) {
    let single = ResizeAxis(size: 1, resized: 1, step: 1, interpolates: false)
    self.axes = [ResizeAxis](repeating: single, count: 3 - axes.count) + axes
    entries = axes.map(\.size).reduce(1, *)
    resized = axes.map(\.resized).reduce(1, *)
    blocks = Blocks(of: planes, each: max(1, 65_536 / max(entries, resized, 1)))
  }

  /// `output[j] = Σᵢ share[j, i] · input[i]`
  package func enlarge(block: Int, _ input: TensorView, into output: MutableTensorView) {
    if input.dtype == .f64 {
      enlarge(Double.self, block, input.address, output.address)
    } else {
      enlarge(Float.self, block, input.address, output.address)
    }
  }

  /// `output[i] = Σⱼ share[j, i] · input[j]`, in the order of `j`.
  package func addUp(block: Int, _ input: TensorView, into output: MutableTensorView) {
    if input.dtype == .f64 {
      addUp(Double.self, block, input.address, output.address)
    } else {
      addUp(Float.self, block, input.address, output.address)
    }
  }

  private func enlarge<Number: BinaryFloatingPoint>(
    _ type: Number.Type, _ block: Int, _ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer
  ) {
    let (x, y) = (input.assumingMemoryBound(to: Number.self), output.assumingMemoryBound(to: Number.self))
    let axis = axes[2]
    for plane in blocks[block] {
      (y + plane * resized).update(repeating: 0, count: resized)
      forEachRow { row, other, share in
        let (from, to) = (x + plane * entries + row, y + plane * resized + other)
        for index in 0..<axis.resized {
          let tap = axis.tap(index)
          to[index] += Number(share * (1 - tap.share)) * from[tap.low]
          if tap.share != 0 { to[index] += Number(share * tap.share) * from[tap.low + 1] }
        }
      }
    }
  }

  private func addUp<Number: BinaryFloatingPoint>(
    _ type: Number.Type, _ block: Int, _ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer
  ) {
    let (x, y) = (input.assumingMemoryBound(to: Number.self), output.assumingMemoryBound(to: Number.self))
    let axis = axes[2]
    for plane in blocks[block] {
      (y + plane * entries).update(repeating: 0, count: entries)
      forEachRow { row, other, share in
        let (to, from) = (y + plane * entries + row, x + plane * resized + other)
        for index in 0..<axis.resized {
          let tap = axis.tap(index)
          to[tap.low] += Number(share * (1 - tap.share)) * from[index]
          if tap.share != 0 { to[tap.low + 1] += Number(share * tap.share) * from[index] }
        }
      }
    }
  }

  /// Pairs of a row of the image and one of the other with the first's share in the second; rows by where they begin.
  private func forEachRow(_ body: (_ row: Int, _ other: Int, _ share: Double) -> Void) {
    let (depth, height, width) = (axes[0], axes[1], axes[2])
    for z in 0..<depth.resized {
      for y in 0..<height.resized {
        for (plane, first) in depth.tap(z).shares {
          for (line, second) in height.tap(y).shares {
            body((plane * height.size + line) * width.size, (z * height.resized + y) * width.resized, first * second)
          }
        }
      }
    }
  }
}

extension ResizeAxis.Tap {
  /// The entries that count, with their shares.
  fileprivate var shares: [(Int, Double)] { share == 0 ? [(low, 1)] : [(low, 1 - share), (low + 1, share)] }
}
