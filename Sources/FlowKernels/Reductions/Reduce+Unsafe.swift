import CVectorMath
import FlowTensor

/// Reduces by a plan made from the input's shape. The order of every sum depends on shapes alone.
///
/// SAFETY: `x` and `y` are valid for the counts that the plan was made from; `range` lies within the results. Memory is taken for
/// single and double precision only where the element and the partial result are these.
struct Reduce<R: Reducer> {
  let plan: ReductionPlan
  let x: UnsafePointer<R.Element>
  let y: UnsafeMutablePointer<R.Result>

  init(_ type: R.Type, _ plan: ReductionPlan, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
    self.plan = plan
    self.x = x.assumingMemoryBound(to: R.Element.self)
    self.y = y.assumingMemoryBound(to: R.Result.self)
  }

  func run(_ range: Range<Int>) {
    guard plan.reducedCount > 0 else { return y.write(R.result(of: R.empty, count: 0), range) }
    var index = range.lowerBound
    while index < range.upperBound {
      let length = min(Self.columnsAtOnce, plan.columns - index % plan.columns, range.upperBound - index)
      if plan.columns > 1 { columns(index, length) } else { single(index) }
      index += length
    }
  }

  // MARK: A result from runs of neighbours

  private func single(_ index: Int) {
    let start = x + plan.offset(ofResult: index)
    var total = R.empty
    for run in 0..<plan.runCount {
      total = R.merging(total, reduced(start + plan.offset(ofRun: run), plan.run.size, plan.run.stride))
    }
    y[index] = R.result(of: total, count: plan.reducedCount)
  }

  private static var lane: Int { 2048 }

  /// Parts of fixed length, each by eight partial results side by side.
  private func reduced(_ x: UnsafePointer<R.Element>, _ count: Int, _ stride: Int) -> R.Partial {
    var total = R.empty
    var start = 0
    while start < count {
      let length = min(Self.lane, count - start)
      total = R.merging(total, stride == 1 ? part(x + start, length) : part(x + start * stride, length, stride))
      start += length
    }
    return total
  }

  @inline(__always)
  private func part(_ x: UnsafePointer<R.Element>, _ count: Int) -> R.Partial {
    if R.isSum, R.Element.self == Float.self,
      let sum = flow_sum_in_eight_f32(UnsafeRawPointer(x).assumingMemoryBound(to: Float.self), count) as? R.Partial
    {
      return sum
    }
    var (a, b, c, d) = (R.empty, R.empty, R.empty, R.empty)
    var (e, f, g, h) = (R.empty, R.empty, R.empty, R.empty)
    var i = 0
    while i + 8 <= count {
      a = R.adding(x[i], to: a)
      b = R.adding(x[i + 1], to: b)
      c = R.adding(x[i + 2], to: c)
      d = R.adding(x[i + 3], to: d)
      e = R.adding(x[i + 4], to: e)
      f = R.adding(x[i + 5], to: f)
      g = R.adding(x[i + 6], to: g)
      h = R.adding(x[i + 7], to: h)
      i += 8
    }
    while i < count {
      a = R.adding(x[i], to: a)
      i += 1
    }
    return R.merging(
      R.merging(R.merging(a, b), R.merging(c, d)), R.merging(R.merging(e, f), R.merging(g, h)))
  }

  private func part(_ x: UnsafePointer<R.Element>, _ count: Int, _ stride: Int) -> R.Partial {
    var total = R.empty
    for i in 0..<count { total = R.adding(x[i * stride], to: total) }
    return total
  }

  // MARK: Neighbouring results from rows

  private static var columnsAtOnce: Int { 128 }
  private static var rowsAtOnce: Int { 256 }

  private func columns(_ index: Int, _ count: Int) {
    let start = x + plan.offset(ofResult: index)
    withUnsafeTemporaryAllocation(of: R.Partial.self, capacity: 2 * count) { partials in
      partials.initialize(repeating: R.empty)
      guard let totals = partials.baseAddress else { return }
      for run in 0..<plan.runCount {
        add(start + plan.offset(ofRun: run), count, totals, totals + count)
      }
      for column in 0..<count { y[index + column] = R.result(of: totals[column], count: plan.reducedCount) }
    }
  }

  /// Adds a run of rows, in parts of fixed length, to `totals`.
  private func add(
    _ x: UnsafePointer<R.Element>, _ count: Int, _ totals: UnsafeMutablePointer<R.Partial>,
    _ part: UnsafeMutablePointer<R.Partial>
  ) {
    var row = 0
    while row < plan.run.size {
      let end = min(row + Self.rowsAtOnce, plan.run.size)
      part.update(repeating: R.empty, count: count)
      addRows(x + row * plan.run.stride, end - row, count, to: part)
      row = end
      for column in 0..<count { totals[column] = R.merging(totals[column], part[column]) }
    }
  }

  @inline(__always)
  private func addRows(
    _ x: UnsafePointer<R.Element>, _ rows: Int, _ count: Int, to part: UnsafeMutablePointer<R.Partial>
  ) {
    if R.isSum, R.Element.self == Float.self {
      flow_add_rows_f32(
        UnsafeRawPointer(x).assumingMemoryBound(to: Float.self), plan.run.stride, rows, count,
        UnsafeMutableRawPointer(part).assumingMemoryBound(to: Double.self))
    } else {
      for row in 0..<rows {
        let elements = x + row * plan.run.stride
        for column in 0..<count { part[column] = R.adding(elements[column], to: part[column]) }
      }
    }
  }
}

extension UnsafeMutablePointer {
  fileprivate func write(_ value: Pointee, _ range: Range<Int>) {
    for index in range { self[index] = value }
  }
}
