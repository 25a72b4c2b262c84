package import FlowTensor
import RealModule

/// The sizes of attention, and how the leading axes of its operands broadcast.
package struct AttentionPlan: Sendable {
  /// Rows of queries, rows of keys, the length of both, and the length of values.
  let (queries, keys, depth, width): (Int, Int, Int, Int)
  let isCausal: Bool
  /// Of queries, keys and values.
  let batch: BroadcastPlan

  package init(batches: [[Int]], into output: [Int], queries: Int, keys: Int, depth: Int, width: Int, causal: Bool) {
    (self.queries, self.keys, self.depth, self.width) = (queries, keys, depth, width)
    isCausal = causal
    batch = BroadcastPlan(batches, into: output)
  }

  var matrices: Int { batch.count }
  /// Queries that share scores, and keys that are scored at once.
  static let queriesAtOnce = 64
  static let keysAtOnce = 256

  var queryBlocks: Int { (queries + Self.queriesAtOnce - 1) / Self.queriesAtOnce }

  func rows(_ block: Int) -> Range<Int> {
    block * Self.queriesAtOnce..<min((block + 1) * Self.queriesAtOnce, queries)
  }

  /// The first keys, as many as these queries see.
  func seen(by rows: Range<Int>) -> Int { isCausal ? min(rows.upperBound, keys) : keys }

  /// The bytes that the largest of the products, of scores, values or gradients, wants for itself.
  func productBytes(_ dtype: DType) -> Int {
    let most = max(Self.keysAtOnce, Self.queriesAtOnce, depth, width)
    return GemmWorkspace.bytes(dtype, rows: most, columns: most, depth: most)
  }

  /// As many of the keys from `first` on as one query sees.
  func seen(by row: Int, from first: Int, _ count: Int) -> Int {
    isCausal ? max(0, min(count, row + 1 - first)) : count
  }

  /// Where matrix `index` of an operand begins, in matrices.
  func matrix(_ index: Int, of operand: Int) -> Int {
    let (run, column) = index.quotientAndRemainder(dividingBy: batch.runLength)
    return batch.offset(ofRun: run, operand) + column * batch.runStep(operand)
  }
}

/// Attention in one pass over blocks of keys: `softmax(q · kᵀ) · v` without the matrix of all scores.
///
/// Each row's largest score and sum so far are kept, and what has been added up is scaled when a larger one appears.
///
/// SAFETY: addresses come from views of the sizes that the plan was made from; a block writes its own rows; the workspace
/// has the bytes that were asked for.
package struct AttentionKernel: Sendable {
  private let plan: AttentionPlan

  package init(_ plan: AttentionPlan) {
    self.plan = plan
  }

  package var blocks: Int { plan.queries * plan.width == 0 ? 1 : max(1, plan.matrices * plan.queryBlocks) }

  package func workspaceBytes(_ dtype: DType) -> Int {
    AttentionPlan.queriesAtOnce * (AttentionPlan.keysAtOnce * dtype.byteCount + 24) + plan.productBytes(dtype)
  }

  package func run(
    block: Int, _ inputs: TensorViews, into y: MutableTensorView, workspace: UnsafeMutableRawPointer
  ) {
    if y.dtype == .f64 {
      run(Double.self, block, inputs, y, workspace)
    } else {
      run(Float.self, block, inputs, y, workspace)
    }
  }

  private func run<Number: RowNumber>(
    _ type: Number.Type, _ block: Int, _ inputs: TensorViews, _ y: MutableTensorView,
    _ workspace: UnsafeMutableRawPointer
  ) {
    guard plan.matrices * plan.queries * plan.width > 0 else { return }
    let (matrix, part) = block.quotientAndRemainder(dividingBy: plan.queryBlocks)
    let rows = plan.rows(part)
    let operands = AttentionOperands<Number>(plan, matrix, inputs)
    let result =
      y.address.assumingMemoryBound(to: Number.self) + (matrix * plan.queries + rows.lowerBound) * plan.width
    result.update(repeating: 0, count: rows.count * plan.width)
    let scores = AttentionScores<Number>(plan, rows, workspace)
    scores.start()
    for first in stride(from: 0, to: plan.seen(by: rows), by: AttentionPlan.keysAtOnce) {
      let count = min(AttentionPlan.keysAtOnce, plan.seen(by: rows) - first)
      scores.multiply(operands, first, count)
      scores.normalize(first, count) { row, factor in
        Number.scale(result + row * plan.width, by: factor, plan.width)
      }
      Number.run(
        Gemm(
          .init(address: scores.numbers, stride: count),
          .init(address: operands.v + first * plan.width, stride: plan.width), into: result, stride: plan.width,
          rows: rows.count, columns: plan.width, depth: count, adds: true, workspace: scores.productWorkspace))
    }
    for row in 0..<rows.count {
      Number.scale(result + row * plan.width, by: Number(1 / scores.sums[row]), plan.width)
    }
  }
}

/// One matrix of each operand.
struct AttentionOperands<Number> {
  let q: UnsafePointer<Number>
  let k: UnsafePointer<Number>
  let v: UnsafePointer<Number>

  init(_ plan: AttentionPlan, _ matrix: Int, _ inputs: TensorViews) {
    q = Self.start(inputs[0]) + plan.matrix(matrix, of: 0) * plan.queries * plan.depth
    k = Self.start(inputs[1]) + plan.matrix(matrix, of: 1) * plan.keys * plan.depth
    v = Self.start(inputs[2]) + plan.matrix(matrix, of: 2) * plan.keys * plan.width
  }

  static func start(_ view: TensorView) -> UnsafePointer<Number> { view.address.assumingMemoryBound(to: Number.self) }
}

/// The scores of some queries for some keys, with each row's largest and sum of exponentials so far.
///
/// SAFETY: as `AttentionKernel`; `numbers` has room for all rows and `keysAtOnce` columns.
struct AttentionScores<Number: RowNumber> {
  let numbers: UnsafeMutablePointer<Number>
  let productWorkspace: UnsafeMutableRawPointer
  let sums: UnsafeMutablePointer<Double>
  /// For gradients: of what the exponentials weigh, summed so far.
  let weighed: UnsafeMutablePointer<Double>
  private let largest: UnsafeMutablePointer<Double>
  private let plan: AttentionPlan
  private let rows: Range<Int>

  /// - Parameter blocks: of scores, each of which has room.
  init(_ plan: AttentionPlan, _ rows: Range<Int>, blocks: Int = 1, _ workspace: UnsafeMutableRawPointer) {
    (self.plan, self.rows) = (plan, rows)
    let most = AttentionPlan.queriesAtOnce
    productWorkspace =
      workspace + most * (24 + blocks * AttentionPlan.keysAtOnce * MemoryLayout<Number>.size)
    sums = workspace.bindMemory(to: Double.self, capacity: most)
    largest = (workspace + most * 8).bindMemory(to: Double.self, capacity: most)
    weighed = (workspace + most * 16).bindMemory(to: Double.self, capacity: most)
    numbers = (workspace + most * 24).bindMemory(to: Number.self, capacity: most * AttentionPlan.keysAtOnce)
  }

  func start() {
    sums.update(repeating: 0, count: rows.count)
    weighed.update(repeating: 0, count: rows.count)
    largest.update(repeating: -.infinity, count: rows.count)
  }

  /// The scores of `count` keys from `first` on.
  func multiply(_ operands: AttentionOperands<Number>, _ first: Int, _ count: Int) {
    guard plan.depth > 0 else { return numbers.update(repeating: 0, count: rows.count * count) }
    Number.run(
      Gemm(
        .init(address: operands.q + rows.lowerBound * plan.depth, stride: plan.depth),
        .init(address: operands.k + first * plan.depth, stride: plan.depth, isTransposed: true), into: numbers,
        stride: count, rows: rows.count, columns: count, depth: plan.depth, adds: false, workspace: productWorkspace))
  }

  /// Exponentials in place of scores, 0 where a key is not seen; `rescale` is told the factor of what came before.
  func normalize(_ first: Int, _ count: Int, _ rescale: (Int, Number) -> Void) {
    for row in 0..<rows.count {
      let scores = numbers + row * count
      let seen = plan.seen(by: rows.lowerBound + row, from: first, count)
      (scores + seen).update(repeating: 0, count: count - seen)
      guard seen > 0 else { continue }
      let found = Double(Number.largest(scores, seen))
      let next = found <= largest[row] ? largest[row] : found
      if first > 0, next != largest[row] {
        let factor = Double.exp(largest[row] - next)
        sums[row] *= factor
        rescale(row, Number(factor))
      }
      largest[row] = next
      sums[row] += Number.exponentials(scores, less: Number(next), into: scores, seen)
    }
  }

  /// Exponentials in place of scores, once the largest ones are known.
  func exponentiate(_ first: Int, _ count: Int) {
    for row in 0..<rows.count {
      let scores = numbers + row * count
      let seen = plan.seen(by: rows.lowerBound + row, from: first, count)
      (scores + seen).update(repeating: 0, count: count - seen)
      _ = Number.exponentials(scores, less: Number(largest[row]), into: scores, seen)
    }
  }

  /// Probabilities in place of exponentials, once the sums are known.
  func divide(_ first: Int, _ count: Int) {
    for row in 0..<rows.count {
      let seen = plan.seen(by: rows.lowerBound + row, from: first, count)
      Number.scale(numbers + row * count, by: Number(1 / sums[row]), seen)
    }
  }
}
