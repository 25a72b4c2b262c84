/// The sizes of a batched matrix product, and how it is cut into blocks: by sizes alone.
package struct MatrixProductPlan: Hashable, Sendable {
  package let rows: Int
  package let columns: Int
  /// The length of the inner products.
  package let depth: Int
  package let transposeA: Bool
  package let transposeB: Bool
  let batch: BroadcastPlan
  /// Rows and columns of the result that one block computes.
  let rowsAtOnce: Int
  let columnsAtOnce: Int

  /// - Parameters:
  ///   - batches: the leading sizes of `a` and `b`, which broadcast to `output`.
  ///   - rows: of the result; as `columns`, after transposing.
  package init(
    batches a: [Int], _ b: [Int], into output: [Int], rows: Int, columns: Int, depth: Int, transposeA: Bool = false,
    transposeB: Bool = false
  ) {
    // One right-hand side for all: the rows of all left-hand sides are one matrix.
    let folds = !transposeA && a == output && b.allSatisfy { $0 == 1 }
    self.rows = folds ? output.reduce(rows, *) : rows
    self.columns = columns
    self.depth = depth
    self.transposeA = transposeA
    self.transposeB = transposeB
    batch = folds ? BroadcastPlan([[], []], into: []) : BroadcastPlan([a, b], into: output)
    (rowsAtOnce, columnsAtOnce) = Self.block(self.rows, columns, depth)
  }

  package var blocks: Int { max(1, batch.count * rowBlocks * columnBlocks) }

  var rowBlocks: Int { max(1, (rows + rowsAtOnce - 1) / rowsAtOnce) }
  var columnBlocks: Int { max(1, (columns + columnsAtOnce - 1) / columnsAtOnce) }

  /// About four million products in a block: a tenth of a millisecond.
  private static func block(_ rows: Int, _ columns: Int, _ depth: Int) -> (Int, Int) {
    let target = 1 << 22
    if rows <= 256 {
      let fitting = target / max(1, rows) / max(1, depth)
      return (max(rows, 1), max(64, (fitting + 15) / 16 * 16))
    }
    let fitting = target / max(1, columns) / max(1, depth)
    return (max(128, (fitting + 15) / 16 * 16), max(columns, 1))
  }
}
