import COneDNN
import COpenBLAS

/// One product of matrices that lie within larger ones: `c = a · b`, or `c += a · b`.
///
/// SAFETY: whoever makes one keeps to the memory behind the three addresses; sizes and strides fit in 32 bits.
struct Gemm<Number> {
  struct Operand {
    let address: UnsafePointer<Number>
    /// Elements from one row to the next, as it lies in memory.
    let stride: Int
    var isTransposed = false
  }

  let a: Operand
  let b: Operand
  let c: UnsafeMutablePointer<Number>
  let strideC: Int
  /// Of the result.
  let (rows, columns): (Int, Int)
  /// The length of the inner products.
  let depth: Int
  let adds: Bool

  init(
    _ a: Operand, _ b: Operand, into c: UnsafeMutablePointer<Number>, stride: Int, rows: Int, columns: Int, depth: Int,
    adds: Bool
  ) {
    (self.a, self.b, self.c, strideC) = (a, b, c, stride)
    (self.rows, self.columns, self.depth, self.adds) = (rows, columns, depth, adds)
  }
}

/// A number whose matrix products the library computes on one thread.
protocol GemmNumber: BinaryFloatingPoint {
  static func run(_ gemm: Gemm<Self>)
}

extension Float: GemmNumber {
  static func run(_ gemm: Gemm<Float>) {
    switch ProductLibrary(rows: gemm.rows, columns: gemm.columns, depth: gemm.depth) {
    case .oneDNN: if !runByOneDNN(gemm) { runByOpenBLAS(gemm) }
    case .openBLAS: runByOpenBLAS(gemm)
    }
  }

  /// - Returns: whether the library is there.
  private static func runByOneDNN(_ gemm: Gemm<Float>) -> Bool {
    var product = FlowSinglePrecisionProduct(
      transpose_a: gemm.a.isTransposed ? 1 : 0, transpose_b: gemm.b.isTransposed ? 1 : 0, rows: Int64(gemm.rows),
      columns: Int64(gemm.columns), depth: Int64(gemm.depth), a: gemm.a.address, b: gemm.b.address, c: gemm.c,
      stride_a: Int64(max(gemm.a.stride, 1)), stride_b: Int64(max(gemm.b.stride, 1)),
      stride_c: Int64(max(gemm.strideC, 1)), adds: gemm.adds ? 1 : 0)
    return flow_onednn_multiply(&product) != 0
  }

  private static func runByOpenBLAS(_ gemm: Gemm<Float>) {
    flow_sgemm(
      gemm.a.flag, gemm.b.flag, Int32(gemm.rows), Int32(gemm.columns), Int32(gemm.depth),
      gemm.a.address, gemm.a.leading, gemm.b.address, gemm.b.leading, gemm.adds ? 1 : 0, gemm.c,
      Int32(max(gemm.strideC, 1)))
  }
}

extension Double: GemmNumber {
  static func run(_ gemm: Gemm<Double>) {
    flow_dgemm(
      gemm.a.flag, gemm.b.flag, Int32(gemm.rows), Int32(gemm.columns), Int32(gemm.depth),
      gemm.a.address, gemm.a.leading, gemm.b.address, gemm.b.leading, gemm.adds ? 1 : 0, gemm.c,
      Int32(max(gemm.strideC, 1)))
  }
}

extension Gemm.Operand {
  fileprivate var flag: Int32 { isTransposed ? 1 : 0 }
  fileprivate var leading: Int32 { Int32(max(stride, 1)) }
}
