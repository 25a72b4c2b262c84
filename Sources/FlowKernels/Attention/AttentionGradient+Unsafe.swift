package import FlowTensor

/// The gradients of attention for queries, keys and values: `q, k, v, ȳ → q̄, k̄, v̄`, without the matrix of all scores.
///
/// A block is one matrix; its parts are added up in the order of queries and keys. The scores are computed again.
///
/// SAFETY: as `AttentionKernel`; the gradients have the leading axes of the result.
package struct AttentionGradientKernel: Sendable {
  private let plan: AttentionPlan

  package init(_ plan: AttentionPlan) {
    self.plan = plan
  }

  package var blocks: Int { max(1, plan.matrices) }

  package func workspaceBytes(_ dtype: DType) -> Int {
    AttentionPlan.queriesAtOnce * (2 * AttentionPlan.keysAtOnce * dtype.byteCount + 24) + plan.productBytes(dtype)
  }

  package func run(
    block: Int, _ inputs: TensorViews, into outputs: MutableTensorViews, workspace: UnsafeMutableRawPointer
  ) {
    guard block < plan.matrices else { return }
    if inputs[0].dtype == .f64 {
      run(Double.self, block, inputs, outputs, workspace)
    } else {
      run(Float.self, block, inputs, outputs, workspace)
    }
  }

  private func run<Number: RowNumber>(
    _ type: Number.Type, _ matrix: Int, _ inputs: TensorViews, _ outputs: MutableTensorViews,
    _ workspace: UnsafeMutableRawPointer
  ) {
    let operands = AttentionOperands<Number>(plan, matrix, inputs)
    let results = Results<Number>(plan, matrix, inputs, outputs)
    results.q.update(repeating: 0, count: plan.queries * plan.depth)
    results.k.update(repeating: 0, count: plan.keys * plan.depth)
    results.v.update(repeating: 0, count: plan.keys * plan.width)
    guard plan.width > 0 else { return }
    for part in 0..<plan.queryBlocks {
      let rows = plan.rows(part)
      let scores = AttentionScores<Number>(plan, rows, blocks: 2, workspace)
      scores.start()
      let blocks = stride(from: 0, to: plan.seen(by: rows), by: AttentionPlan.keysAtOnce)
      let isWhole = plan.seen(by: rows) <= AttentionPlan.keysAtOnce
      for first in blocks {
        let count = min(AttentionPlan.keysAtOnce, plan.seen(by: rows) - first)
        scores.multiply(operands, first, count)
        scores.normalize(first, count) { row, factor in scores.weighed[row] *= Double(factor) }
        weigh(operands, results, scores, rows, first, count)
      }
      for first in blocks {
        let count = min(AttentionPlan.keysAtOnce, plan.seen(by: rows) - first)
        if !isWhole {
          scores.multiply(operands, first, count)
          scores.exponentiate(first, count)
          slopes(operands, results, scores, rows, first, count)
        }
        scores.divide(first, count)
        add(operands, results, scores, rows, first, count)
      }
    }
  }

  /// Adds up what the exponentials weigh: the gradient of each probability.
  private func weigh<Number: RowNumber>(
    _ operands: AttentionOperands<Number>, _ results: Results<Number>, _ scores: AttentionScores<Number>,
    _ rows: Range<Int>, _ first: Int, _ count: Int
  ) {
    let slopes = slopes(operands, results, scores, rows, first, count)
    for row in 0..<rows.count {
      scores.weighed[row] += Number.dot(scores.numbers + row * count, slopes + row * count, count)
    }
  }

  /// The gradient of each probability, behind the scores.
  @discardableResult private func slopes<Number: RowNumber>(
    _ operands: AttentionOperands<Number>, _ results: Results<Number>, _ scores: AttentionScores<Number>,
    _ rows: Range<Int>, _ first: Int, _ count: Int
  ) -> UnsafeMutablePointer<Number> {
    let slopes = scores.numbers + AttentionPlan.queriesAtOnce * AttentionPlan.keysAtOnce
    let width = plan.width
    Number.run(
      Gemm(
        .init(address: results.gradient + rows.lowerBound * width, stride: width),
        .init(address: operands.v + first * width, stride: width, isTransposed: true), into: slopes, stride: count,
        rows: rows.count, columns: count, depth: width, adds: false, workspace: scores.productWorkspace))
    return slopes
  }

  /// What the rows say of `count` keys from `first` on, and these of the rows; slopes are there.
  private func add<Number: RowNumber>(
    _ operands: AttentionOperands<Number>, _ results: Results<Number>, _ scores: AttentionScores<Number>,
    _ rows: Range<Int>, _ first: Int, _ count: Int
  ) {
    let (depth, width, weights) = (plan.depth, plan.width, scores.numbers)
    let slopes = weights + AttentionPlan.queriesAtOnce * AttentionPlan.keysAtOnce
    Number.run(
      Gemm(
        .init(address: weights, stride: count, isTransposed: true),
        .init(address: results.gradient + rows.lowerBound * width, stride: width), into: results.v + first * width,
        stride: width, rows: count, columns: width, depth: rows.count, adds: true,
        workspace: scores.productWorkspace))
    for row in 0..<rows.count {
      let mean = Number(scores.weighed[row] / scores.sums[row])
      Number.weigh(slopes + row * count, less: mean, by: weights + row * count, into: slopes + row * count, count)
    }
    guard depth > 0 else { return }
    Number.run(
      Gemm(
        .init(address: slopes, stride: count), .init(address: operands.k + first * depth, stride: depth),
        into: results.q + rows.lowerBound * depth, stride: depth, rows: rows.count, columns: depth, depth: count,
        adds: true, workspace: scores.productWorkspace))
    Number.run(
      Gemm(
        .init(address: slopes, stride: count, isTransposed: true),
        .init(address: operands.q + rows.lowerBound * depth, stride: depth), into: results.k + first * depth,
        stride: depth, rows: count, columns: depth, depth: rows.count, adds: true, workspace: scores.productWorkspace))
  }

  /// One matrix of each gradient.
  private struct Results<Number> {
    let gradient: UnsafePointer<Number>
    let q: UnsafeMutablePointer<Number>
    let k: UnsafeMutablePointer<Number>
    let v: UnsafeMutablePointer<Number>

    init(_ plan: AttentionPlan, _ matrix: Int, _ inputs: TensorViews, _ outputs: MutableTensorViews) {
      gradient = AttentionOperands<Number>.start(inputs[3]) + matrix * plan.queries * plan.width
      q = outputs[0].address.assumingMemoryBound(to: Number.self) + matrix * plan.queries * plan.depth
      k = outputs[1].address.assumingMemoryBound(to: Number.self) + matrix * plan.keys * plan.depth
      v = outputs[2].address.assumingMemoryBound(to: Number.self) + matrix * plan.keys * plan.width
    }
  }
}
