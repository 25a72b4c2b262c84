import COpenBLAS

/// Which triangle of a matrix in rows a library call reads, and how.
struct Triangle {
  let isLower: Bool
  let isTransposed: Bool
  /// Whether the diagonal counts as ones.
  let hasOnes: Bool
}

/// A number whose matrices the library factorizes.
///
/// SAFETY: pointers are valid for the matrices that the sizes say, which are positive; pivots for `n` numbers.
protocol FactorizedNumber: BinaryFloatingPoint {
  /// Replaces the lower triangle of a symmetric matrix in rows by its factor; the order that fails, or 0.
  static func cholesky(_ a: UnsafeMutablePointer<Self>, _ n: Int32) -> Int32
  /// Replaces a column-major matrix by its factors; the pivot that is zero, or 0.
  static func factorize(_ a: UnsafeMutablePointer<Self>, _ n: Int32, _ pivots: UnsafeMutablePointer<Int32>) -> Int32
  /// Replaces x [n, m] by the solution of a · y = x.
  static func solve(
    _ triangle: Triangle, _ a: UnsafePointer<Self>, _ n: Int32, _ x: UnsafeMutablePointer<Self>, _ m: Int32)
}

extension Double: FactorizedNumber {
  static func cholesky(_ a: UnsafeMutablePointer<Double>, _ n: Int32) -> Int32 {
    flow_dpotrf(n, a)
  }

  static func factorize(
    _ a: UnsafeMutablePointer<Double>, _ n: Int32, _ pivots: UnsafeMutablePointer<Int32>
  ) -> Int32 {
    flow_dgetrf(n, a, pivots)
  }

  static func solve(
    _ triangle: Triangle, _ a: UnsafePointer<Double>, _ n: Int32, _ x: UnsafeMutablePointer<Double>, _ m: Int32
  ) {
    flow_dtrsm(triangle.isLower ? 1 : 0, triangle.isTransposed ? 1 : 0, triangle.hasOnes ? 1 : 0, n, m, a, x)
  }
}

extension Float: FactorizedNumber {
  static func cholesky(_ a: UnsafeMutablePointer<Float>, _ n: Int32) -> Int32 {
    flow_spotrf(n, a)
  }

  static func factorize(
    _ a: UnsafeMutablePointer<Float>, _ n: Int32, _ pivots: UnsafeMutablePointer<Int32>
  ) -> Int32 {
    flow_sgetrf(n, a, pivots)
  }

  static func solve(
    _ triangle: Triangle, _ a: UnsafePointer<Float>, _ n: Int32, _ x: UnsafeMutablePointer<Float>, _ m: Int32
  ) {
    flow_strsm(triangle.isLower ? 1 : 0, triangle.isTransposed ? 1 : 0, triangle.hasOnes ? 1 : 0, n, m, a, x)
  }
}
