import FlowDiagnostics
import FlowGraph
import FlowTensor
import FlowTraining
import Testing

@testable import Flow

@Suite struct `The curvature of a loss` {
  private static func vector(_ count: Int, _ stream: String) -> [Double] {
    let random = Philox(seed: 5, stream: stream)
    return (0..<count).map { 2 * random.uniform($0) - 1 }
  }

  /// A symmetric matrix with these eigenvalues, as its product with a vector: reflections around a diagonal.
  private static func product(_ eigenvalues: [Double]) -> ([Double]) -> [Double] {
    let mirrors = (0..<3).map { vector(eigenvalues.count, "mirror \($0)") }
    func reflect(_ x: [Double], _ mirror: [Double]) -> [Double] {
      let factor = 2 * dot(x, mirror) / dot(mirror, mirror)
      return zip(x, mirror).map { $0 - factor * $1 }
    }
    return { x in
      let inner = zip(mirrors.reduce(x, reflect), eigenvalues).map { $0 * $1 }
      return mirrors.reversed().reduce(inner, reflect)
    }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  private static let spectra: [[Double]] = [
    (0..<60).map { Double($0 * $0) / 100 - 3 }, [-2, 1, 5], [4], [0, 0, 0, 0],
    [Double](repeating: 2, count: 30) + [2.5], (0..<40).map { $0 == 7 ? 1e6 : 1e-6 * Double($0) },
    (0..<50).map { -1 - Double($0) },
  ]

  @Test(arguments: spectra)
  func `the ends of a spectrum lie where they must`(_ eigenvalues: [Double]) throws {
    let result = Lanczos(
      count: eigenvalues.count, most: 60, tolerance: 1e-9, seed: 1, product: Self.product(eigenvalues))
    let scale = max(eigenvalues.map(abs).max() ?? 0, 1e-300)
    #expect(result.hasConverged && result.iterations <= eigenvalues.count)
    for (found, wanted) in [(result.largest, eigenvalues.max()), (result.smallest, eigenvalues.min())] {
      #expect(abs(found.value - (wanted ?? 0)) <= found.residual + 1e-10 * scale, "\(found), not \(wanted ?? 0)")
    }
  }

  @Test func `too few iterations are told, with residuals that hold`() {
    let eigenvalues = (0..<200).map { Double($0) }
    let result = Lanczos(count: 200, most: 12, seed: 2, product: Self.product(eigenvalues))
    #expect(!result.hasConverged && result.iterations == 12)
    for end in [result.largest, result.smallest] {
      #expect(end.residual > 1e-3)
      #expect(eigenvalues.contains { abs($0 - end.value) <= end.residual * (1 + 1e-9) })
    }
    #expect(result.largest.value > 180 && result.largest.value < 199 && result.smallest.value > 0)
  }

  @Test func `a trace lies within its errors, and is exact for a diagonal`() {
    let eigenvalues = (0..<50).map { Double($0) - 10 }
    let trace = TraceEstimate(count: 50, probes: 200, seed: 3, product: Self.product(eigenvalues))
    let error = trace.standardError ?? 0
    #expect(error > 1 && error < 20)
    #expect(abs(trace.value - eigenvalues.reduce(0, +)) < 4 * error)
    let exact = TraceEstimate(count: 3, probes: 5, seed: 3) { zip($0, [1.0, 2, 4]).map { $0 * $1 } }
    #expect(exact.value == 7 && exact.standardError == 0)
    #expect(TraceEstimate(count: 1, probes: 1, seed: 3) { $0 }.standardError == nil)
  }

  /// A network of 91 parameters on the digits, averaged to 4x4, after some training.
  private static let digits = """
    input image: u8[n, 64]
    input label: i32[n]
    x = reshape(mean(reshape(cast(image, f64) / 16, [-1, 4, 2, 4, 2]), axis: [2, 4]), [-1, 16])
    h = dense(x, units: 3, activation: tanh)
    logits = dense(h, units: 10)
    loss = softmax_cross_entropy(logits, label)
    output loss
    train {
      minimize: loss
      data: hdf5("\(samples)/data/digits.h5", image: "train/image", label: "train/label")
      optimizer: adam(lr: 0.02)
      batch: 64
      epochs: 2
    }
    """

  @Test func `its eigenvalues and trace are those of the full Hessian of trained digits`() throws {
    let file = try TemporaryGraph(Self.digits)
    var model = try Model(contentsOf: file.path)
    try model.train()
    do {
      let hessian = try HessianOperator(model.evaluation, of: nil, by: nil, feeds: [:])
      try #require(hessian.count == 91)
      var rows: [[Double]] = []
      for index in 0..<91 {
        var unit = [Double](repeating: 0, count: 91)
        unit[index] = 1
        rows.append(try hessian.product(unit))
      }
      for (i, row) in rows.enumerated() { for j in 0..<i { #expect(abs(row[j] - rows[j][i]) < 1e-12) } }
      let eigenvalues = Self.eigenvalues(of: rows)
      let spectrum = try Lanczos(count: 91, most: 91, tolerance: 1e-6, seed: 0, product: hessian.product)
      let (largest, smallest) = (try #require(eigenvalues.max()), try #require(eigenvalues.min()))
      #expect(largest > 0.1 && smallest < 0)
      #expect(abs(spectrum.largest.value / largest - 1) < 1e-6, "\(spectrum.largest), not \(largest)")
      #expect(abs(spectrum.smallest.value / smallest - 1) < 1e-6, "\(spectrum.smallest), not \(smallest)")
      let trace = try TraceEstimate(count: 91, probes: 100, seed: 0, product: hessian.product)
      #expect(abs(trace.value - eigenvalues.reduce(0, +)) < 4 * (trace.standardError ?? 0))
    } catch let failure as Failure {
      throw ModelError(failure, model.sources)
    }
  }

  /// By Jacobi's rotations.
  private static func eigenvalues(of rows: [[Double]]) -> [Double] {
    var a = rows
    let count = a.count
    for _ in 0..<12 {
      for p in 0..<count {
        for q in (p + 1)..<max(count, p + 1) where abs(a[p][q]) > 1e-14 {
          let half = (a[q][q] - a[p][p]) / (2 * a[p][q])
          let t: Double = (half < 0 ? -1 : 1) / (abs(half) + (half * half + 1).squareRoot())
          let c = 1 / (t * t + 1).squareRoot()
          func rotate(_ x: Double, _ y: Double) -> (Double, Double) { (c * (x - t * y), c * (t * x + y)) }
          for k in 0..<count { (a[k][p], a[k][q]) = rotate(a[k][p], a[k][q]) }
          for k in 0..<count { (a[p][k], a[q][k]) = rotate(a[p][k], a[q][k]) }
        }
      }
    }
    return (0..<count).map { a[$0][$0] }
  }

  @Test func `a Hessian over several tensors has their parts in order, zero where nothing depends`() throws {
    var sources = SourceMap()
    let text = """
      param a = 2.0
      param b: f64[2] = [1, 3]
      param c = 1.0
      loss = cast(a, f64) ** 3 + b[0] ** 2 * b[1]
      output loss
      """
    let hessian = try HessianOperator(try evaluation(text, &sources), of: nil, by: nil, feeds: [:])
    #expect(hessian.count == 4 && hessian.variables.map(\.name) == ["a", "b", "c"])
    #expect(try hessian.product([1, 0, 0, 1]) == [12, 0, 0, 0])
    #expect(try hessian.product([0, 1, 0, 0]) == [0, 6, 2, 0])
    #expect(try hessian.product([0, 0, 1, 0]) == [0, 2, 0, 0])
    #expect(throws: Failure.self) {
      try HessianOperator(try evaluation("input x = 1.0\ny = x * x", &sources), of: nil, by: nil, feeds: [:])
    }
  }
}
