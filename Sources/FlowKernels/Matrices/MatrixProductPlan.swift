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

  /// Which matrices of `a` and of `b` one of the result is the product of.
  func operands(ofMatrix matrix: Int) -> (a: Int, b: Int) {
    guard batch.count > 1 else { return (0, 0) }
    let (run, index) = matrix.quotientAndRemainder(dividingBy: batch.runLength)
    return (
      batch.offset(ofRun: run, 0) + index * batch.runStep(0), batch.offset(ofRun: run, 1) + index * batch.runStep(1)
    )
  }

  var rowBlocks: Int { max(1, (rows + rowsAtOnce - 1) / rowsAtOnce) }
  var columnBlocks: Int { max(1, (columns + columnsAtOnce - 1) / columnsAtOnce) }

  /// Halves the longer side until a block has about eight million products, a tenth of a millisecond; beyond eight blocks
  /// only while a side has a thousand numbers or more, for smaller ones are slower.
  ///
  /// Measured on two threads, in GFLOP/s by oneDNN: 256 · 4096 · 4096 in one block 99, in blocks of 256 · 64 88, of
  /// 256 · 256 200, of 256 · 512 210, of 256 · 2048 213; 4096 · 4096 · 256 in blocks of 256 · 256 196, of 1024 · 1024 221;
  /// 1024 · 256 · 768 in blocks of 128 · 64 166, of 128 · 256 218, of 256 · 256 225.
  static func block(_ rows: Int, _ columns: Int, _ depth: Int) -> (Int, Int) {
    var (height, width) = (max(rows, 1), max(columns, 1))
    let wanted = Double(height) * Double(width) * Double(max(depth, 1)) / Double(1 << 23)
    var blocks = 1
    while Double(blocks) < wanted, max(height, width) >= (blocks < 8 ? 128 : 1024) {
      if height > width { height = half(height) } else { width = half(width) }
      blocks *= 2
    }
    return (height, width)
  }

  /// Rounded up to what vectors and their tiles divide.
  private static func half(_ size: Int) -> Int { (size / 2 + 15) / 16 * 16 }
}
