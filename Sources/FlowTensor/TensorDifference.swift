/// In how many elements two tensors of one shape differ, and by how much: those with `|a − b| > atol + rtol·|b|`.
///
/// Two NaNs agree, and equal infinities.
package struct TensorDifference: Sendable, Equatable {
  /// How many elements differ; at least one.
  package let count: Int
  /// Where they differ the most, counted row by row: by NaN, then by the largest number.
  package let index: Int
  /// The elements there.
  package let a: Double
  package let b: Double
  /// The root of the mean square of all differences.
  package let rms: Double

  /// nil where none differs.
  ///
  /// - Precondition: both have the same number of elements.
  package init?(_ a: Tensor, _ b: Tensor, relative: Double = 0, absolute: Double = 0) {
    precondition(a.count == b.count, "tensors of different sizes")
    let (x, y) = (a.doubles, b.doubles)
    // Whole numbers beyond 2⁵³ may differ where their doubles do not.
    let wholes = a.dtype == .i64 && b.dtype == .i64 ? zip(a.wholeNumbers ?? [], b.wholeNumbers ?? []).map(==) : []
    var (count, worst, most, squares) = (0, 0, -1.0, 0.0)
    for index in x.indices {
      let gap = x[index] == y[index] ? (wholes.isEmpty || wholes[index] ? 0 : 1) : abs(x[index] - y[index])
      let isSame = gap == 0 || x[index].isNaN && y[index].isNaN
      squares += isSame ? 0 : gap * gap
      if isSame || gap <= absolute + relative * abs(y[index]) { continue }
      count += 1
      let badness = gap.isNaN ? .infinity : gap
      if badness > most { (worst, most) = (index, badness) }
    }
    guard count > 0 else { return nil }
    self.count = count
    index = worst
    (self.a, self.b) = (x[worst], y[worst])
    rms = (squares / Double(x.count)).squareRoot()
  }

  /// The largest difference.
  package var largest: Double { abs(a - b) }
}

extension Tensor {
  /// Where an element stands, along each axis.
  package func position(of index: Int) -> [Int] {
    var rest = index
    var position: [Int] = []
    for size in sizes.reversed() {
      position.append(rest % max(size, 1))
      rest /= max(size, 1)
    }
    return position.reversed()
  }
}
