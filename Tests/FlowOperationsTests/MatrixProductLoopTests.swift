import CMatrixProduct
import Testing

/// A product of matrices within larger ones, and what its loops must make of it.
struct LoopProduct: Sendable, CustomTestStringConvertible {
  enum Start: Sendable, CaseIterable { case nothing, bias, sum }

  let rows: Int
  let columns: Int
  let depth: Int
  var transposeA = false
  var transposeB = false
  var start = Start.nothing
  /// How far rows of each matrix are apart beyond their numbers.
  var gapA = 3
  var gapB = 5
  var gapC = 1
  /// How many columns more the workspace was asked for.
  var spareColumns = 0

  /// Whether the result is a row or a column of sums along what lies side by side in both operands.
  var sumsNeighbours: Bool {
    let isTransposedB = transposeB || columns == 1 && gapB == 0
    return !transposeA && isTransposedB && (rows == 1 || columns == 1)
  }

  var testDescription: String {
    "\(rows)x\(depth)\(transposeA ? "T" : "") · \(depth)x\(columns)\(transposeB ? "T" : ""), \(start), gaps \(gapA) \(gapB)"
  }

  static let all = heights + widths + layouts + special

  /// Of tiles.
  private static let heights = (1...13).map { height in
    LoopProduct(rows: height, columns: 70 - height, depth: 5 + 2 * height, start: .allCases[height % 3])
  }

  /// Of tiles, whole and not.
  private static let widths = (1...34).map { width in
    LoopProduct(rows: 3, columns: width, depth: 9, transposeB: width % 2 == 0, start: .allCases[width % 3])
  }

  /// Every way in which operands lie, and more than one part of the depth.
  private static let layouts = Start.allCases.flatMap { start in
    [(false, false), (false, true), (true, false), (true, true)].map { (transposeA, transposeB) in
      LoopProduct(
        rows: 5, columns: 35, depth: 391, transposeA: transposeA, transposeB: transposeB, start: start)
    }
  }

  /// Rows that clash in the cache, many columns, many rows; rows, columns and narrow results; nothing.
  private static let special: [LoopProduct] = [
    LoopProduct(rows: 9, columns: 16, depth: 800, gapA: 224),
    LoopProduct(rows: 2, columns: 1058, depth: 2),
    LoopProduct(rows: 261, columns: 33, depth: 3),
    LoopProduct(rows: 1, columns: 300, depth: 391),
    LoopProduct(rows: 1, columns: 300, depth: 31, transposeA: true, start: .sum),
    LoopProduct(rows: 1, columns: 9, depth: 391, transposeB: true),
    LoopProduct(rows: 1, columns: 9, depth: 70, transposeB: true, start: .bias),
    LoopProduct(rows: 9, columns: 1, depth: 391, start: .sum, gapB: 0),
    LoopProduct(rows: 140, columns: 1, depth: 40, transposeA: true, start: .bias, gapC: 0),
    LoopProduct(rows: 140, columns: 1, depth: 40, transposeA: true, start: .sum, gapC: 0),
    LoopProduct(rows: 1, columns: 1, depth: 391, gapB: 0),
    LoopProduct(rows: 17, columns: 7, depth: 391, start: .bias),
    LoopProduct(rows: 33, columns: 2, depth: 391, spareColumns: 20),
    LoopProduct(rows: 40, columns: 7, depth: 20, transposeA: true, transposeB: true, start: .sum),
    LoopProduct(rows: 2, columns: 3, depth: 0, start: .bias),
    LoopProduct(rows: 2, columns: 3, depth: 0),
    LoopProduct(rows: 0, columns: 3, depth: 2),
    LoopProduct(rows: 3, columns: 0, depth: 2),
  ]
}

@Suite struct MatrixProductLoopTests {
  @Test(arguments: LoopProduct.all) func `each number is its chain of fused operations, whatever the vectors`(
    _ product: LoopProduct
  ) {
    check(product, Float.self, part: 384) { flow_multiply_by($0, $1, 0) != 0 }
    check(product, Double.self, part: 256) { flow_multiply_by($0, $1, 1) != 0 }
  }

  private func check<Number: BinaryFloatingPoint>(
    _ p: LoopProduct, _ type: Number.Type, part: Int,
    _ multiply: (Int32, UnsafePointer<FlowMatrixProduct>) -> Bool
  ) {
    let matrices = Matrices<Number>(p)
    let expected = matrices.product(p, part: part)
    for width in Int32(0)...2 {
      guard let c = matrices.run(p, { multiply(width, $0) }) else { continue }
      #expect(c == expected, "\(type) by vectors of width \(width)")
    }
  }

  /// The operands of a product, and what lies where its result goes.
  private struct Matrices<Number: BinaryFloatingPoint> {
    let (strideA, strideB, strideC): (Int, Int, Int)
    let (a, b, bias, before): ([Number], [Number], [Number], [Number])

    init(_ p: LoopProduct) {
      strideA = (p.transposeA ? p.rows : p.depth) + p.gapA
      strideB = (p.transposeB ? p.depth : p.columns) + p.gapB
      strideC = p.columns + p.gapC
      a = Self.numbers((p.transposeA ? p.depth : p.rows) * strideA)
      b = Self.numbers((p.transposeB ? p.columns : p.depth) * strideB)
      bias = Self.numbers(p.columns)
      before = Self.numbers(p.rows * strideC)
    }

    /// The same for every run: small multiples of a fraction that no sum of products holds exactly.
    private static func numbers(_ count: Int) -> [Number] {
      (0..<count).map { Number(($0 &* 7919 &+ 13) % 1009 - 504) / 37 }
    }

    /// By its definition.
    func product(_ p: LoopProduct, part: Int) -> [Number] {
      var result = before
      let columns = (0..<p.columns).map { j in
        (0..<p.depth).map { b[p.transposeB ? j * strideB + $0 : $0 * strideB + j] }
      }
      for i in 0..<p.rows {
        let x = (0..<p.depth).map { a[p.transposeA ? $0 * strideA + i : i * strideA + $0] }
        for (j, y) in columns.enumerated() {
          let start = p.start == .bias ? bias[j] : p.start == .sum ? before[i * strideC + j] : nil
          let sums = p.sumsNeighbours ? [sumInLanes(x, y)] : chains(x, y, part)
          result[i * strideC + j] = sums.reduce(start) { sum, next in sum.map { $0 + next } ?? next } ?? 0
        }
      }
      return result
    }

    /// nil where the loops are not there.
    func run(_ p: LoopProduct, _ multiply: (UnsafePointer<FlowMatrixProduct>) -> Bool) -> [Number]? {
      let bytes = flow_product_workspace(p.rows, p.columns + p.spareColumns, p.depth, MemoryLayout<Number>.size)
      var workspace = [UInt8](repeating: 0xA5, count: bytes + 512)
      var c = before
      let isDone = a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          bias.withUnsafeBufferPointer { bias in
            c.withUnsafeMutableBufferPointer { c in
              workspace.withUnsafeMutableBytes { workspace in
                var product = FlowMatrixProduct(
                  a: a.baseAddress, b: b.baseAddress, c: c.baseAddress, bias: p.start == .bias ? bias.baseAddress : nil,
                  rows: p.rows, columns: p.columns, depth: p.depth, stride_a: strideA, stride_b: strideB,
                  stride_c: strideC, transpose_a: p.transposeA ? 1 : 0, transpose_b: p.transposeB ? 1 : 0,
                  adds: p.start == .sum ? 1 : 0, workspace: workspace.baseAddress)
                return multiply(&product)
              }
            }
          }
        }
      }
      #expect(workspace[bytes...].allSatisfy { $0 == 0xA5 }, "it wrote behind its workspace")
      return isDone ? c : nil
    }
  }
}

/// Chains of fused operations over parts of the depth.
private func chains<Number: BinaryFloatingPoint>(_ x: [Number], _ y: [Number], _ part: Int) -> [Number] {
  stride(from: 0, to: max(x.count, 1), by: part).map { first in
    (first..<min(first + part, x.count)).reduce(0) { $0.addingProduct(x[$1], y[$1]) }
  }
}

/// In 64 lanes, which are added by halves.
private func sumInLanes<Number: BinaryFloatingPoint>(_ x: [Number], _ y: [Number]) -> Number {
  var lanes = [Number](repeating: 0, count: 64)
  for k in x.indices { lanes[k % 64].addProduct(x[k], y[k]) }
  while lanes.count > 1 { lanes = (0..<lanes.count / 2).map { lanes[$0] + lanes[$0 + lanes.count / 2] } }
  return lanes[0]
}
