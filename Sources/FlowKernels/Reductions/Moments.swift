import FlowTensor
import RealModule

/// How many numbers, their mean, and the sum of squared distances from it, merged without cancellation.
///
/// - Source: Chan, Golub & LeVeque, Updating formulae and a pairwise algorithm for computing sample variances, 1979.
struct Moments: BitwiseCopyable {
  var count = 0.0
  var mean = 0.0
  var squares = 0.0

  func adding(_ number: Double) -> Moments {
    let distance = number - mean
    let next = mean + distance / (count + 1)
    return Moments(count: count + 1, mean: next, squares: squares + distance * (number - next))
  }

  func merging(_ other: Moments) -> Moments {
    if count == 0 { return other }
    if other.count == 0 { return self }
    let total = count + other.count
    let distance = other.mean - mean
    return Moments(
      count: total, mean: mean + distance * (other.count / total),
      squares: squares + other.squares + distance * distance * (count * other.count / total))
  }

  /// NaN of nothing.
  var variance: Double { squares / count }
}

enum FloatingVariance<Number: BinaryFloatingPoint & BitwiseCopyable>: Reducer {
  static var empty: Moments { Moments() }
  static func adding(_ element: Number, to partial: Moments) -> Moments { partial.adding(Double(element)) }
  static func merging(_ a: Moments, _ b: Moments) -> Moments { a.merging(b) }
  static func result(of partial: Moments, count: Int) -> Number { Number(partial.variance) }
}

enum FloatingDeviation<Number: BinaryFloatingPoint & BitwiseCopyable>: Reducer {
  static var empty: Moments { Moments() }
  static func adding(_ element: Number, to partial: Moments) -> Moments { partial.adding(Double(element)) }
  static func merging(_ a: Moments, _ b: Moments) -> Moments { a.merging(b) }
  static func result(of partial: Moments, count: Int) -> Number { Number(Double.sqrt(partial.variance)) }
}

enum FloatingNorm<Number: BinaryFloatingPoint & BitwiseCopyable>: Reducer {
  static var empty: Double { 0 }
  static func adding(_ element: Number, to partial: Double) -> Double { partial + Double(element) * Double(element) }
  static func merging(_ a: Double, _ b: Double) -> Double { a + b }
  static func result(of partial: Double, count: Int) -> Number { Number(Double.sqrt(partial)) }
}
