package import FlowTensor
import RealModule

/// Why a matrix has no factors or no inverse.
package struct MatrixFault: Error, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    case singular, notPositiveDefinite, negativeDeterminant
  }

  package let reason: Reason
  /// Which matrix of the batch, counted over its leading axes.
  package let matrix: Int
}

/// Factors of square matrices, and what follows from them, through LAPACK.
///
/// A matrix in rows is the transposed one in LAPACK's columns.
///
/// SAFETY: addresses come from views of `count` matrices of `size` rows and columns; `size` fits in 32 bits. Scratch memory
/// lives as long as the call that is given it.
package struct SquareMatrices: Sendable {
  private let size: Int
  package let count: Int

  package init(size: Int, count: Int) {
    self.size = size
    self.count = count
  }

  /// The lower factor L of the symmetric part of matrix number `matrix`: A = L · Lᵀ.
  package func cholesky(_ matrix: Int, _ a: TensorView, into y: MutableTensorView) throws(MatrixFault) {
    if y.dtype == .f64 { try cholesky(Double.self, matrix, a, y) } else { try cholesky(Float.self, matrix, a, y) }
  }

  package func invert(_ matrix: Int, _ a: TensorView, into y: MutableTensorView) throws(MatrixFault) {
    if y.dtype == .f64 { try invert(Double.self, matrix, a, y) } else { try invert(Float.self, matrix, a, y) }
  }

  /// The logarithm of the determinant.
  package func logDeterminant(_ matrix: Int, _ a: TensorView, into y: MutableTensorView) throws(MatrixFault) {
    if y.dtype == .f64 {
      try logDeterminant(Double.self, matrix, a, y)
    } else {
      try logDeterminant(Float.self, matrix, a, y)
    }
  }

  private func cholesky<Number: FactorizedNumber>(
    _ type: Number.Type, _ matrix: Int, _ a: TensorView, _ y: MutableTensorView
  ) throws(MatrixFault) {
    let x = a.address.assumingMemoryBound(to: Number.self) + matrix * size * size
    let l = y.address.assumingMemoryBound(to: Number.self) + matrix * size * size
    for row in 0..<size {
      for column in 0..<size {
        l[row * size + column] = column > row ? 0 : (x[row * size + column] + x[column * size + row]) / 2
      }
    }
    guard size == 0 || Number.cholesky(l, Int32(size)) == 0 else {
      throw MatrixFault(reason: .notPositiveDefinite, matrix: matrix)
    }
  }

  private func invert<Number: FactorizedNumber>(
    _ type: Number.Type, _ matrix: Int, _ a: TensorView, _ y: MutableTensorView
  ) throws(MatrixFault) {
    let x = a.address.assumingMemoryBound(to: Number.self) + matrix * size * size
    let inverse = y.address.assumingMemoryBound(to: Number.self) + matrix * size * size
    inverse.update(repeating: 0, count: size * size)
    for row in 0..<size { inverse[row * size + row] = 1 }
    try withFactors(of: x, size, matrix) { factors in factors.solve(inverse, columns: size) }
  }

  private func logDeterminant<Number: FactorizedNumber>(
    _ type: Number.Type, _ matrix: Int, _ a: TensorView, _ y: MutableTensorView
  ) throws(MatrixFault) {
    let x = a.address.assumingMemoryBound(to: Number.self) + matrix * size * size
    var isNegative = false
    var sum = 0.0
    try withFactors(of: x, size, matrix) { factors in
      for row in 0..<size {
        let number = Double(factors.triangles[row * size + row])
        if (number < 0) != (factors.pivots[row] != row + 1) { isNegative.toggle() }
        sum += Double.log(number.magnitude)
      }
    }
    guard !isNegative else { throw MatrixFault(reason: .negativeDeterminant, matrix: matrix) }
    (y.address.assumingMemoryBound(to: Number.self) + matrix).pointee = Number(sum)
  }
}

/// The solution x of a · x = b for batches of matrices, whose leading axes may repeat.
///
/// SAFETY: as `SquareMatrices`; the numbers of matrices lie in the views of a and b.
package struct LinearSystem: Sendable {
  /// What is known of a.
  package enum Form: Sendable {
    case general
    case triangular(lower: Bool, transposed: Bool)
  }

  private let form: Form
  private let size: Int
  private let columns: Int
  /// For each matrix of the result, which one of a and of b it is made of.
  private let pairs: [(a: Int, b: Int)]

  package init(_ form: Form, size: Int, columns: Int, pairs: [(a: Int, b: Int)]) {
    self.form = form
    self.size = size
    self.columns = columns
    self.pairs = pairs
  }

  package var count: Int { pairs.count }

  /// Solves number `matrix`.
  package func solve(_ matrix: Int, _ a: TensorView, _ b: TensorView, into y: MutableTensorView) throws(MatrixFault) {
    if y.dtype == .f64 { try solve(Double.self, matrix, a, b, y) } else { try solve(Float.self, matrix, a, b, y) }
  }

  private func solve<Number: FactorizedNumber>(
    _ type: Number.Type, _ matrix: Int, _ a: TensorView, _ b: TensorView, _ y: MutableTensorView
  ) throws(MatrixFault) {
    let left = a.address.assumingMemoryBound(to: Number.self) + pairs[matrix].a * size * size
    let x = y.address.assumingMemoryBound(to: Number.self) + matrix * size * columns
    x.update(
      from: b.address.assumingMemoryBound(to: Number.self) + pairs[matrix].b * size * columns, count: size * columns)
    switch form {
    case .general: try withFactors(of: left, size, pairs[matrix].a) { factors in factors.solve(x, columns: columns) }
    case .triangular(let isLower, let isTransposed):
      for row in 0..<size where left[row * size + row] == 0 {
        throw MatrixFault(reason: .singular, matrix: pairs[matrix].a)
      }
      guard size > 0, columns > 0 else { return }
      Number.solve(
        Triangle(isLower: isLower, isTransposed: isTransposed, hasOnes: false), left, Int32(size), x, Int32(columns))
    }
  }
}

/// The factors of a matrix A: Aᵀ = P · L · U, column-major, so that the rows of `triangles` hold Uᵀ and, with ones on its
/// diagonal, Lᵀ.
private struct Factors<Number: FactorizedNumber> {
  let triangles: UnsafeMutablePointer<Number>
  let pivots: UnsafeMutablePointer<Int32>
  let size: Int

  /// A⁻¹ · x in place: A = Uᵀ · Lᵀ · Pᵀ.
  func solve(_ x: UnsafeMutablePointer<Number>, columns: Int) {
    guard size > 0, columns > 0 else { return }
    let (n, m) = (Int32(size), Int32(columns))
    Number.solve(Triangle(isLower: true, isTransposed: false, hasOnes: false), triangles, n, x, m)
    Number.solve(Triangle(isLower: false, isTransposed: false, hasOnes: true), triangles, n, x, m)
    for row in (0..<size).reversed() {
      let other = Int(pivots[row]) - 1
      guard other != row else { continue }
      for column in 0..<columns { swap(&x[row * columns + column], &x[other * columns + column]) }
    }
  }
}

private func withFactors<Number: FactorizedNumber>(
  of matrix: UnsafePointer<Number>, _ size: Int, _ number: Int, _ body: (Factors<Number>) -> Void
) throws(MatrixFault) {
  let isRegular = withUnsafeTemporaryAllocation(of: Number.self, capacity: max(size * size, 1)) { triangles in
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(size, 1)) { pivots in
      guard let a = triangles.baseAddress, let rows = pivots.baseAddress else { return true }
      a.initialize(from: matrix, count: size * size)
      rows.initialize(repeating: 0, count: size)
      guard size == 0 || Number.factorize(a, Int32(size), rows) == 0 else { return false }
      body(Factors(triangles: a, pivots: rows, size: size))
      return true
    }
  }
  guard isRegular else { throw MatrixFault(reason: .singular, matrix: number) }
}
