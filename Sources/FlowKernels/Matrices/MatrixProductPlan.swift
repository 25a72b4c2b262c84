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
    (rowsAtOnce, columnsAtOnce) = Self.block(self.rows, columns, depth, transposeB: transposeB)
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

  /// Halves a side while blocks are few for their products: down to two million, twenty microseconds, and with more blocks only
  /// down to more, for smaller blocks read their operands more often.
  ///
  /// A block is four times as wide as it is high, square where operands outgrow the caches, and half as wide where `b` is
  /// transposed and copied for each. Measured on one thread, in GFLOP/s, in steps of a perceptron and of a decoder:
  /// 784 T · 256 · 128 in blocks of 112 · 128 105, of 64 · 256 112; 1024 · 768 · 256 in blocks of 128 · 384 109, of 64 · 768 111;
  /// 1024 · 256 T · 1024 in blocks of 64 · 256 99, of 128 · 128 106, of 256 · 64 108.
  static func block(_ rows: Int, _ columns: Int, _ depth: Int, transposeB: Bool = false) -> (Int, Int) {
    var (height, width) = (max(rows, 1), max(columns, 1))
    let products = Double(height) * Double(width) * Double(max(depth, 1))
    let aspect = transposeB ? 0.5 : products > 1e9 ? 1 : 4
    var blocks = 1
    while let limit = limits.first(where: { blocks < $0.blocks }), products > limit.products * Double(blocks) {
      let (isHigh, isWide) = (height >= 2 * limit.height, width >= 2 * limit.width)
      guard isHigh || isWide else { break }
      if isHigh, Double(height) * aspect > Double(width) || !isWide {
        height = half(height)
      } else {
        width = half(width)
      }
      blocks *= 2
    }
    return (height, width)
  }

  /// Up to how many blocks are made, of how many products and of what size at least.
  private static let limits: [(blocks: Int, products: Double, height: Int, width: Int)] = [
    (16, 2e6, 32, 64), (32, 32e6, 128, 128), (256, 500e6, 512, 512),
  ]

  /// Rounded up to what vectors and their tiles divide.
  private static func half(_ size: Int) -> Int { (size / 2 + 15) / 16 * 16 }
}
