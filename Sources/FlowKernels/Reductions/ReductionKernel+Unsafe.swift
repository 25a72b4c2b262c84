package import FlowTensor

/// What a reduction makes of many numbers.
package enum Reduction: Sendable {
  case sum, mean, prod, max, min, sumOfSquares, logSumExp, any, all, argmax, argmin
  /// Of floating numbers; variances divide by n.
  case variance, deviation, norm
  /// The sum in the operand's own dtype, where whole numbers wrap.
  case wrappingSum
}

/// A reduction over some axes, for a fixed shape.
///
/// SAFETY: addresses come from views whose shapes the plan was made from.
package struct ReductionKernel: Sendable {
  let reduction: Reduction
  let dtype: DType
  let plan: ReductionPlan
  package let blocks: Blocks

  /// - Parameter isReduced: an entry for each axis.
  package init(_ reduction: Reduction, _ dtype: DType, _ sizes: [Int], isReduced: [Bool]) {
    self.reduction = reduction
    self.dtype = dtype
    plan = ReductionPlan(sizes, isReduced: isReduced)
    // Neighbouring results are read in rows, which are read the faster the longer they are.
    let fewest = plan.columns > 1 ? 128 : 1
    blocks = Blocks(of: plan.resultCount, each: Swift.max(fewest, 65_536 / Swift.max(plan.reducedCount, 1)))
  }

  package func run(block: Int, _ input: TensorView, into output: MutableTensorView) {
    let range = blocks[block]
    switch dtype {
    case .f64: floating(Double.self, range, input.address, output.address)
    case .f32: floating(Float.self, range, input.address, output.address)
    case .i64: whole(Int64.self, range, input.address, output.address)
    case .i32: whole(Int32.self, range, input.address, output.address)
    case .i16: whole(Int16.self, range, input.address, output.address)
    case .i8: whole(Int8.self, range, input.address, output.address)
    case .u8, .bool: whole(UInt8.self, range, input.address, output.address)
    case .f16, .bf16: preconditionFailure("no reduction of \(dtype)")
    }
  }

  private func floating<Number: BinaryFloatingPoint & BitwiseCopyable>(
    _ type: Number.Type, _ range: Range<Int>, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer
  ) {
    switch reduction {
    case .sum, .wrappingSum: Reduce(FloatingSum<Number>.self, plan, x, y).run(range)
    case .mean: Reduce(FloatingMean<Number>.self, plan, x, y).run(range)
    case .prod: Reduce(FloatingProduct<Number>.self, plan, x, y).run(range)
    case .max: Reduce(FloatingMaximum<Number>.self, plan, x, y).run(range)
    case .min: Reduce(FloatingMinimum<Number>.self, plan, x, y).run(range)
    case .sumOfSquares: Reduce(FloatingSumOfSquares<Number>.self, plan, x, y).run(range)
    case .logSumExp: Reduce(LogSumExp<Number>.self, plan, x, y).run(range)
    case .variance: Reduce(FloatingVariance<Number>.self, plan, x, y).run(range)
    case .deviation: Reduce(FloatingDeviation<Number>.self, plan, x, y).run(range)
    case .norm: Reduce(FloatingNorm<Number>.self, plan, x, y).run(range)
    case .argmax: Position<Number>(plan, x, y).run(range) { $0 > $1 || ($0 != $0 && $1 == $1) }
    case .argmin: Position<Number>(plan, x, y).run(range) { $0 < $1 || ($0 != $0 && $1 == $1) }
    case .any, .all: preconditionFailure("no such reduction of \(dtype)")
    }
  }

  private func whole<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, _ range: Range<Int>, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer
  ) {
    switch reduction {
    case .sum: Reduce(WholeSum<Number>.self, plan, x, y).run(range)
    case .wrappingSum: Reduce(WrappingSum<Number>.self, plan, x, y).run(range)
    case .mean: Reduce(WholeMean<Number>.self, plan, x, y).run(range)
    case .prod: Reduce(WholeProduct<Number>.self, plan, x, y).run(range)
    case .max: Reduce(WholeMaximum<Number>.self, plan, x, y).run(range)
    case .min: Reduce(WholeMinimum<Number>.self, plan, x, y).run(range)
    case .sumOfSquares: Reduce(WholeSumOfSquares<Number>.self, plan, x, y).run(range)
    case .argmax: Position<Number>(plan, x, y).run(range, >)
    case .argmin: Position<Number>(plan, x, y).run(range, <)
    case .any: Reduce(AnyOf.self, plan, x, y).run(range)
    case .all: Reduce(AllOf.self, plan, x, y).run(range)
    case .logSumExp, .variance, .deviation, .norm: preconditionFailure("no such reduction of \(dtype)")
    }
  }
}

/// The position of the first element that no other one beats, counted over the reduced axes.
///
/// SAFETY: as `Reduce`; the reduced count is not zero.
private struct Position<Number> {
  let plan: ReductionPlan
  let x: UnsafePointer<Number>
  let y: UnsafeMutablePointer<Int32>

  init(_ plan: ReductionPlan, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
    self.plan = plan
    self.x = x.assumingMemoryBound(to: Number.self)
    self.y = y.assumingMemoryBound(to: Int32.self)
  }

  func run(_ range: Range<Int>, _ beats: (Number, Number) -> Bool) {
    guard plan.reducedCount > 0 else { return }
    let (size, stride) = (plan.run.size, plan.run.stride)
    for index in range {
      let start = x + plan.offset(ofResult: index)
      var (best, position) = (start[0], 0)
      for run in 0..<plan.runCount {
        let elements = start + plan.offset(ofRun: run)
        for i in 0..<size where beats(elements[i * stride], best) {
          (best, position) = (elements[i * stride], run * size + i)
        }
      }
      y[index] = Int32(truncatingIfNeeded: position)
    }
  }
}
