import CVectorMath
import FlowTensor
import RealModule

/// Passes over rows of consecutive numbers, with sums in double precision.
///
/// SAFETY: whoever calls promises that every address is valid for `count` numbers, and that results lie at an operand's
/// address or apart from it.
protocol RowNumber: GemmNumber, Real {
  static func sum(_ x: UnsafePointer<Self>, _ count: Int) -> Double
  static func sumOfSquares(_ x: UnsafePointer<Self>, less shift: Double, _ count: Int) -> Double
  static func dot(_ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ count: Int) -> Double
  /// NaN where there is one.
  static func largest(_ x: UnsafePointer<Self>, _ count: Int) -> Self
  /// Writes `exp(x - shift)` and gives the sum.
  static func exponentials(
    _ x: UnsafePointer<Self>, less shift: Self, into y: UnsafeMutablePointer<Self>, _ count: Int
  ) -> Double
  /// The sum of `exp(x - shift)`.
  static func sumOfExponentials(_ x: UnsafePointer<Self>, less shift: Self, _ count: Int) -> Double
  static func scale(_ x: UnsafeMutablePointer<Self>, by factor: Self, _ count: Int)
  /// `(x - shift) · factor`
  static func standardize(
    _ x: UnsafePointer<Self>, less shift: Double, by factor: Double, into y: UnsafeMutablePointer<Self>, _ count: Int)
  /// `a · x + b · y + c`
  static func combine(
    _ x: UnsafePointer<Self>, _ a: Double, _ y: UnsafePointer<Self>, _ b: Double, _ c: Double,
    into z: UnsafeMutablePointer<Self>, _ count: Int)
  /// `weight · (x - shift)`
  static func weigh(
    _ x: UnsafePointer<Self>, less shift: Self, by weight: UnsafePointer<Self>, into y: UnsafeMutablePointer<Self>,
    _ count: Int)
}

extension Float: RowNumber {
  static func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Double { flow_sum_f32(x, 0, count) }

  static func sumOfSquares(_ x: UnsafePointer<Float>, less shift: Double, _ count: Int) -> Double {
    flow_sum_of_squares_f32(x, shift, count)
  }

  static func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int) -> Double {
    flow_dot_f32(x, y, count)
  }

  static func largest(_ x: UnsafePointer<Float>, _ count: Int) -> Float { flow_largest_f32(x, count) }

  static func exponentials(
    _ x: UnsafePointer<Float>, less shift: Float, into y: UnsafeMutablePointer<Float>, _ count: Int
  ) -> Double {
    flow_exponentials_f32(x, shift, y, count)
  }

  static func sumOfExponentials(_ x: UnsafePointer<Float>, less shift: Float, _ count: Int) -> Double {
    flow_sum_of_exponentials_f32(x, shift, count)
  }

  static func scale(_ x: UnsafeMutablePointer<Float>, by factor: Float, _ count: Int) {
    flow_scale_f32(x, factor, x, count)
  }

  static func standardize(
    _ x: UnsafePointer<Float>, less shift: Double, by factor: Double, into y: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    flow_scaled_difference_f32(x, shift, factor, y, count)
  }

  static func combine(
    _ x: UnsafePointer<Float>, _ a: Double, _ y: UnsafePointer<Float>, _ b: Double, _ c: Double,
    into z: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    flow_combination_f32(x, a, y, b, c, z, count)
  }

  static func weigh(
    _ x: UnsafePointer<Float>, less shift: Float, by weight: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    flow_weighted_difference_f32(weight, x, shift, y, count)
  }
}

extension Double: RowNumber {
  static func sum(_ x: UnsafePointer<Double>, _ count: Int) -> Double { (0..<count).reduce(0) { $0 + x[$1] } }

  static func sumOfSquares(_ x: UnsafePointer<Double>, less shift: Double, _ count: Int) -> Double {
    (0..<count).reduce(0) { $0 + (x[$1] - shift) * (x[$1] - shift) }
  }

  static func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int) -> Double {
    (0..<count).reduce(0) { $0 + x[$1] * y[$1] }
  }

  static func largest(_ x: UnsafePointer<Double>, _ count: Int) -> Double {
    (0..<count).reduce(-.infinity) { x[$1] <= $0 || $0.isNaN ? $0 : x[$1] }
  }

  static func exponentials(
    _ x: UnsafePointer<Double>, less shift: Double, into y: UnsafeMutablePointer<Double>, _ count: Int
  ) -> Double {
    for i in 0..<count { y[i] = x[i] - shift }
    VectorLoops.unary(.exp, .f64)?(y, y, count)
    return sum(y, count)
  }

  static func sumOfExponentials(_ x: UnsafePointer<Double>, less shift: Double, _ count: Int) -> Double {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 256) { part in
      guard let part = part.baseAddress else { return 0 }
      return stride(from: 0, to: count, by: 256).reduce(0) {
        $0 + exponentials(x + $1, less: shift, into: part, min(256, count - $1))
      }
    }
  }

  static func scale(_ x: UnsafeMutablePointer<Double>, by factor: Double, _ count: Int) {
    for i in 0..<count { x[i] *= factor }
  }

  static func standardize(
    _ x: UnsafePointer<Double>, less shift: Double, by factor: Double, into y: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    for i in 0..<count { y[i] = (x[i] - shift) * factor }
  }

  static func combine(
    _ x: UnsafePointer<Double>, _ a: Double, _ y: UnsafePointer<Double>, _ b: Double, _ c: Double,
    into z: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    for i in 0..<count { z[i] = a * x[i] + (b * y[i] + c) }
  }

  static func weigh(
    _ x: UnsafePointer<Double>, less shift: Double, by weight: UnsafePointer<Double>,
    into y: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    for i in 0..<count { y[i] = weight[i] * (x[i] - shift) }
  }
}
