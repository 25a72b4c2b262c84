import FlowTensor

/// Both ends of the spectrum of a symmetric matrix that is known only by its products with vectors.
///
/// Each iteration costs one product; the basis is kept whole and every new vector made orthogonal to all of it, so that no
/// eigenvalue appears twice.
///
/// - Source: Lanczos, An iteration method for the solution of the eigenvalue problem, 1950; Parlett, The symmetric eigenvalue
///   problem, 1998, §13.
package struct Lanczos: Sendable {
  /// An eigenvalue of the matrix lies within `residual` of `value`.
  package struct Eigenvalue: Sendable, Equatable {
    package let value: Double
    package let residual: Double
  }

  package let largest: Eigenvalue
  package let smallest: Eigenvalue
  /// Products that were needed.
  package let iterations: Int
  /// Whether both residuals came below what was asked for.
  package let hasConverged: Bool

  /// - Parameters:
  ///   - count: the length of a vector, at least 1.
  ///   - most: the most products.
  ///   - tolerance: of a residual, relative to its eigenvalue.
  ///   - floor: of a residual, relative to the eigenvalue of largest magnitude: what the products' rounding leaves.
  ///   - seed: of the first vector.
  package init<Failure: Error>(
    count: Int, most: Int, tolerance: Double = 1e-5, floor: Double = 1e-10, seed: Int64,
    product: ([Double]) throws(Failure) -> [Double]
  ) throws(Failure) {
    var basis = [Self.start(count, seed)]
    var (diagonal, beside): ([Double], [Double]) = ([], [])
    while true {
      let last = basis[basis.count - 1]
      var next = try product(last)
      diagonal.append(dot(next, last))
      let size = norm(next)
      Self.remove(basis, from: &next, size)
      let length = norm(next)
      let isExhausted = !(length > 1e-14 * max(size, abs(diagonal[0]))) || diagonal.count == count
      let ends = Self.ends(diagonal, beside, coupling: isExhausted ? 0 : length)
      let scale = max(abs(ends.largest.value), abs(ends.smallest.value))
      let hasConverged = [ends.largest, ends.smallest].allSatisfy {
        $0.residual <= max(tolerance * abs($0.value), floor * scale)
      }
      // What is not finite cannot get better.
      if hasConverged || diagonal.count >= most || !scale.isFinite {
        (largest, smallest) = (ends.largest, ends.smallest)
        iterations = diagonal.count
        self.hasConverged = hasConverged
        return
      }
      beside.append(length)
      for index in next.indices { next[index] /= length }
      basis.append(next)
    }
  }

  private static func start(_ count: Int, _ seed: Int64) -> [Double] {
    let random = Philox(seed: seed, stream: "lanczos")
    let numbers = (0..<count).map { 2 * random.uniform($0) - 1 }
    let length = norm(numbers)
    return length > 0 ? numbers.map { $0 / length } : [Double](repeating: 1, count: count)
  }

  /// Makes a vector orthogonal to the basis; twice where much of it was removed, for what rounding left then counts.
  private static func remove(_ basis: [[Double]], from vector: inout [Double], _ size: Double) {
    var before = size
    for _ in 0..<2 {
      for direction in basis.reversed() { add(-dot(vector, direction), direction, to: &vector) }
      let after = norm(vector)
      if after > 0.7 * before { return }
      before = after
    }
  }

  private static func ends(
    _ diagonal: [Double], _ beside: [Double], coupling: Double
  ) -> (largest: Eigenvalue, smallest: Eigenvalue) {
    let pairs = TridiagonalEigenvalues(diagonal, beside)
    func eigenvalue(_ index: Int) -> Eigenvalue {
      Eigenvalue(value: pairs.values[index], residual: coupling * abs(pairs.lastComponents[index]))
    }
    let order = pairs.values.indices.sorted { pairs.values[$0] < pairs.values[$1] }
    return (eigenvalue(order[order.count - 1]), eigenvalue(order[0]))
  }
}

/// The eigenvalues of a symmetric tridiagonal matrix, and the last component of each eigenvector of length 1.
///
/// - Source: Bowdler, Martin, Reinsch & Wilkinson, The QR and QL algorithms for symmetric matrices, 1968 (implicit shifts).
struct TridiagonalEigenvalues {
  private(set) var values: [Double]
  private(set) var lastComponents: [Double]
  private var beside: [Double]

  /// - Parameter beside: the numbers beside the diagonal, one fewer.
  init(_ diagonal: [Double], _ beside: [Double]) {
    values = diagonal
    self.beside = beside + [0]
    lastComponents = Array(repeating: 0, count: diagonal.count)
    lastComponents[diagonal.count - 1] = 1
    for row in diagonal.indices {
      // Each eigenvalue takes two or three sweeps; what is not finite never settles.
      for _ in 0..<60 {
        let end = self.end(of: row)
        if end == row { break }
        sweep(row, end)
      }
    }
  }

  /// The last row of the block that begins at `row`: what couples it to the next is negligible.
  private func end(of row: Int) -> Int {
    (row..<values.count - 1).first { index in
      let size = abs(values[index]) + abs(values[index + 1])
      return size + abs(beside[index]) == size
    } ?? values.count - 1
  }

  /// One sweep of rotations from `end` up to `row`, with the shift of the two rows at the top.
  private mutating func sweep(_ row: Int, _ end: Int) {
    let half = (values[row + 1] - values[row]) / (2 * beside[row])
    let root = (half * half + 1).squareRoot()
    var shifted = values[end] - values[row] + beside[row] / (half + (half < 0 ? -root : root))
    var (sine, cosine, carried) = (1.0, 1.0, 0.0)
    for index in stride(from: end - 1, through: row, by: -1) {
      let (f, b) = (sine * beside[index], cosine * beside[index])
      let radius = (f * f + shifted * shifted).squareRoot()
      beside[index + 1] = radius
      guard radius > 0 else {
        values[index + 1] -= carried
        beside[end] = 0
        return
      }
      (sine, cosine) = (f / radius, shifted / radius)
      let above = values[index + 1] - carried
      let mixed = (values[index] - above) * sine + 2 * cosine * b
      carried = sine * mixed
      values[index + 1] = above + carried
      shifted = cosine * mixed - b
      let component = lastComponents[index + 1]
      lastComponents[index + 1] = sine * lastComponents[index] + cosine * component
      lastComponents[index] = cosine * lastComponents[index] - sine * component
    }
    values[row] -= carried
    beside[row] = shifted
    beside[end] = 0
  }
}

/// The trace of a matrix from its products with random signs.
///
/// - Source: Hutchinson, A stochastic estimator of the trace of the influence matrix for Laplacian smoothing splines, 1990.
package struct TraceEstimate: Sendable, Equatable {
  package let value: Double
  /// The standard deviation of `value`; nil for one probe, which has nothing to compare with.
  package let standardError: Double?
  package let probes: Int

  /// - Parameters:
  ///   - count: the length of a vector.
  ///   - probes: how many products, at least 1.
  package init<Failure: Error>(
    count: Int, probes: Int, seed: Int64, product: ([Double]) throws(Failure) -> [Double]
  ) throws(Failure) {
    var samples: [Double] = []
    for probe in 0..<probes {
      let random = Philox(seed: seed, stream: "hutchinson \(probe)")
      let signs = (0..<count).map { random.uniform($0) < 0.5 ? -1.0 : 1.0 }
      samples.append(dot(signs, try product(signs)))
    }
    let mean = samples.reduce(0, +) / Double(probes)
    let squares = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    value = mean
    standardError = probes > 1 ? (squares / Double(probes - 1) / Double(probes)).squareRoot() : nil
    self.probes = probes
  }
}

/// In four sums, which do not wait for each other.
private func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sums = SIMD4<Double>()
  let whole = a.count / 4 * 4
  for index in stride(from: 0, to: whole, by: 4) {
    let x = SIMD4(a[index], a[index + 1], a[index + 2], a[index + 3])
    sums += x * SIMD4(b[index], b[index + 1], b[index + 2], b[index + 3])
  }
  var sum = sums.sum()
  for index in whole..<a.count { sum += a[index] * b[index] }
  return sum
}

private func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

private func add(_ factor: Double, _ a: [Double], to b: inout [Double]) {
  for index in b.indices { b[index] += factor * a[index] }
}
