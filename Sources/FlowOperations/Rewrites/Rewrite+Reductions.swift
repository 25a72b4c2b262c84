import FlowGraph
import FlowTensor

extension Rewrite {
  /// Sums and products of matrices, and what can be taken out of them.
  static var reductions: [Rewrite] {
    [
      Rewrite("sum-neg", "sum(-x) = -sum(x), and so for mean, sum_to and cumsum", at: linearReductions) { sum in
        guard sum[0].dtype.isFloating, sum[0].isReadOnce || sum.result.count < sum[0].count,
          let negated = sum[0].made(by: Negate.self)
        else { return nil }
        return -negated[0].applying(sum.operation)
      },
      Rewrite(
        "sum-scaled", "sum(x * c) = sum(x) * c, and so for mean and sum_to", .rounding(4),
        at: [Sum.self, Mean.self, SumTo.self]
      ) { sum in
        guard sum.result.count < sum[0].count, sum[0].isReadOnce, let scaled = sum[0].scaled else { return nil }
        return scaled.term.applying(sum.operation)?.multiplied(by: scaled.factor)
      },
      Rewrite("sum-squares", "sum(square(x)) = sum_squares(x)", .rounding(4)) { (sum: Match<Sum>) in
        guard sum[0].isReadOnce, sum.result.dtype.isFloating, let square = sum[0].made(by: Square.self)
        else { return nil }
        return square[0].applying(SumOfSquares(axis: sum.operation.axis, keepdims: sum.operation.keepdims))
      },
      Rewrite("sum-ones", "sum_to is a reshape where it leaves out axes of size 1 only") { (sum: Match<SumTo>) in
        sum[0].count == sum.result.count ? sum[0].reshaped(as: sum.result) : nil
      },
      Rewrite("reduce-ones", "sum, mean, prod, max and min over axes of size 1 are reshapes", at: idempotentReductions)
      {
        reduction in
        guard reduction[0].dtype == reduction.result.dtype, reduction[0].count == reduction.result.count,
          reduction[0].count > 0
        else { return nil }
        return reduction[0].reshaped(as: reduction.result)
      },
      Rewrite("sum-to-sum-to", "sum_to(sum_to(x)) is one sum", .rounding(8)) { (outer: Match<SumTo>) in
        guard outer[0].isReadOnce else { return nil }
        return outer[0].made(by: SumTo.self).flatMap { $0[0].applying(SumTo(shape: outer.result.shape)) }
      },
      Rewrite("sum-repeated", "sum_to(broadcast_to(x), shape(x)) = x * n", .rounding(8)) { (sum: Match<SumTo>) in
        guard sum.result.dtype.isFloating, let repeated = sum[0].made(by: BroadcastTo.self), sum.result.count > 0
        else { return nil }
        return repeated[0].multiplied(by: Double(sum[0].count / sum.result.count))
      },
      Rewrite("matmul-neg", "matmul(-x, y) = -matmul(x, y), and so for y") { (product: Match<MatrixMultiply>) in
        for (index, other) in [(0, 1), (1, 0)] {
          guard product[index].isReadOnce, product.result.count <= product[index].count,
            let negated = product[index].made(by: Negate.self)
          else { continue }
          let (a, b) = index == 0 ? (negated[0], product[other]) : (product[other], negated[0])
          return -a.applying(product.operation, b)
        }
        return nil
      },
      Rewrite("matmul-scaled", "matmul(x * c, y) = matmul(x, y) * c, and so for y", .rounding(4)) {
        (product: Match<MatrixMultiply>) in
        for (index, other) in [(0, 1), (1, 0)] {
          guard product[index].isReadOnce, product.result.count < product[index].count,
            let scaled = product[index].scaled
          else { continue }
          let (a, b) = index == 0 ? (scaled.term, product[other]) : (product[other], scaled.term)
          return a.applying(product.operation, b)?.multiplied(by: scaled.factor)
        }
        return nil
      },
    ]
  }

  private static var linearReductions: [any FlowGraph.Operation.Type] {
    [Sum.self, Mean.self, SumTo.self, CumulativeSum.self]
  }

  private static var idempotentReductions: [any FlowGraph.Operation.Type] {
    [Sum.self, Mean.self, Product.self, Largest.self, Smallest.self]
  }
}
