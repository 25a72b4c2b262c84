import CMatrixProduct
import FlowTensor

/// One product of matrices that lie within larger ones: `c = a · b`, `c = bias + a · b` with a row for every row, or `c += a · b`.
///
/// Measured with both cores of an AVX-512 processor busy, in GFLOP/s of single precision a core, which reaches 118 at most; T
/// marks a transposed operand:
///
/// | rows | columns | depth | OpenBLAS 0.3.21 | oneDNN 2.6.3 | own |
/// |---|---|---|---|---|---|
/// | 16 | 16 | 16 | 82 | 20 | 60 |
/// | 64 | 64 | 64 | 115 | 98 | 110 |
/// | 128 | 10 | 128 | 71 | 48 | 60 |
/// | 128 T | 10 | 128 | 96 | 48 | 93 |
/// | 128 | 128 | 256 | 102 | 115 | 115 |
/// | 32 | 256 | 784 | 91 | 112 | 115 |
/// | 128 | 256 | 784 | 101 | 112 | 114 |
/// | 208 T | 256 | 128 | 103 | 112 | 114 |
/// | 128 | 256 T | 128 | 97 | 108 | 108 |
/// | 256 | 256 | 1024 | 104 | 112 | 115 |
/// | 256 T | 256 | 1024 | 99 | 103 | 113 |
/// | 256 | 256 T | 1024 | 94 | 97 | 110 |
/// | 1024 | 1024 | 1024 | 101 | 109 | 108 |
/// | 8 | 1024 | 1024 | 48 | 105 | 107 |
/// | 8 | 1024 T | 1024 | 21 | 90 | 53 |
/// | 1 | 1024 | 1024 | 8 | 38 | 37 |
/// | 1024 | 1 | 1024 | 10 | 41 | 44 |
///
/// SAFETY: whoever makes one keeps to the memory behind the addresses; the workspace has the bytes that `GemmWorkspace` says
/// for as many rows and columns and as long inner products, or more.
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
  var bias: UnsafePointer<Number>?
  let workspace: UnsafeMutableRawPointer

  init(
    _ a: Operand, _ b: Operand, into c: UnsafeMutablePointer<Number>, stride: Int, rows: Int, columns: Int, depth: Int,
    adds: Bool, workspace: UnsafeMutableRawPointer
  ) {
    (self.a, self.b, self.c, strideC) = (a, b, c, stride)
    (self.rows, self.columns, self.depth, self.adds) = (rows, columns, depth, adds)
    self.workspace = workspace
  }

  fileprivate var product: FlowMatrixProduct {
    FlowMatrixProduct(
      a: a.address, b: b.address, c: c, bias: bias, rows: rows, columns: columns, depth: depth, stride_a: a.stride,
      stride_b: b.stride, stride_c: strideC, transpose_a: a.isTransposed ? 1 : 0, transpose_b: b.isTransposed ? 1 : 0,
      adds: adds ? 1 : 0, workspace: workspace)
  }
}

/// What a product wants for itself.
enum GemmWorkspace {
  /// Enough for as many rows and columns and as long inner products, or fewer; what is not f64 is computed in f32.
  static func bytes(_ dtype: DType, rows: Int, columns: Int, depth: Int) -> Int {
    let width = (dtype == .f64 ? DType.f64 : .f32).byteCount
    return flow_product_workspace(max(rows, 0), max(columns, 0), max(depth, 0), width)
  }
}

/// A number whose matrix products are computed on one thread.
protocol GemmNumber: BinaryFloatingPoint {
  static func run(_ gemm: Gemm<Self>)
}

extension Float: GemmNumber {
  static func run(_ gemm: Gemm<Float>) {
    var product = gemm.product
    flow_multiply_f32(&product)
  }
}

extension Double: GemmNumber {
  static func run(_ gemm: Gemm<Double>) {
    var product = gemm.product
    flow_multiply_f64(&product)
  }
}
