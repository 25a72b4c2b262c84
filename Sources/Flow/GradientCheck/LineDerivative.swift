import FlowTraining

/// How derivatives along a line are compared with finite differences.
package struct Tolerance: Sendable {
  /// Allowed difference, relative to the larger of both.
  package var relative = 1e-6
  /// Allowed difference beyond that, and beyond what rounding may make of finite differences.
  package var absolute = 0.0

  package init(relative: Double = 1e-6, absolute: Double = 0) {
    self.relative = relative
    self.absolute = absolute
  }
}

/// Arithmetic that a function is computed in: how fine its numbers are, and which steps suit them.
struct LinePrecision {
  let unit: Double
  /// The largest step of each attempt, in units of the direction.
  let steps: [Double]
  /// A step at which only what lies at a kink differs from side to side.
  let probe: Double
  /// The least relative difference that means anything.
  let tolerance: Double

  static let double = LinePrecision(unit: 0x1p-53, steps: [0x1p-8, 0x1p-14, 0x1p-20], probe: 0x1p-22, tolerance: 0)
  static let single = LinePrecision(unit: 0x1p-24, steps: [0x1p-4, 0x1p-6, 0x1p-8], probe: 0x1p-10, tolerance: 2e-3)
}

/// A function along a line, `t ↦ f(x + t·v)`: all its results, one after the other.
typealias Line = (Double) throws(Failure) -> [Double]

/// What came of holding a rule's derivative against finite differences.
package enum Verdict: Hashable, Sendable {
  case agrees
  /// So many results lie at a kink or at the edge of the domain; the others agree.
  case agreesBesideKinks(Int)
  /// Every result lies at a kink or at the edge of the domain.
  case kink
  /// Finite differences do not settle: near a kink, or too rough a function.
  case unsettled
  case differs
}

/// A derivative along a line twice: by a rule, and by finite differences of the function.
struct Comparison {
  let verdict: Verdict
  /// What the rule says.
  let found: Double
  /// What finite differences say.
  let expected: Double
  /// Their difference beyond rounding, relative to the larger.
  let error: Double

  /// - Parameters:
  ///   - weights: the cotangents: the derivative is that of the sum of all results times these.
  ///   - rule: the same derivative by the rule, for weights of which some may be put to zero.
  init(
    _ line: Line, weights: [Double], _ tolerance: Tolerance, _ precision: LinePrecision,
    rule: ([Double]) throws(Failure) -> Double
  ) throws(Failure) {
    let found = try rule(weights)
    let first = try Self.attempt(line, weights, found, tolerance, precision)
    if first.isAgreed {
      self.init(.agrees, found, first)
      return
    }
    let masked = try Self.withoutKinks(line, weights, precision)
    let kinks = zip(masked, weights).count { $0 == 0 && $1 != 0 }
    guard kinks > 0 else {
      self.init(first.isSettled || found.isNaN ? .differs : .unsettled, found, first)
      return
    }
    guard masked.contains(where: { $0 != 0 }) else {
      self.init(.kink, found, first)
      return
    }
    let rest = try rule(masked)
    // A rule that is infinite at the edge of its domain has no number left, whatever the weights.
    guard rest.isFinite else {
      self.init(.kink, rest, first)
      return
    }
    let second = try Self.attempt(line, masked, rest, tolerance, precision)
    let verdict: Verdict =
      second.isAgreed ? .agreesBesideKinks(kinks) : second.isSettled ? .differs : .unsettled
    self.init(verdict, rest, second)
  }

  private init(_ verdict: Verdict, _ found: Double, _ attempt: Attempt) {
    self.verdict = verdict
    self.found = found
    expected = attempt.value
    let gap = abs(found - attempt.value)
    error = gap <= attempt.noise ? 0 : gap / Swift.max(abs(found), abs(attempt.value))
  }

  private typealias Attempt = (value: Double, noise: Double, isAgreed: Bool, isSettled: Bool)

  /// Finite differences with ever smaller steps, until they agree with the rule; else the steadiest of them.
  private static func attempt(
    _ line: Line, _ weights: [Double], _ found: Double, _ tolerance: Tolerance, _ precision: LinePrecision
  ) throws(Failure) -> Attempt {
    var best: Estimate?
    let relative = Swift.max(tolerance.relative, precision.tolerance)
    for step in precision.steps {
      let estimate = try Estimate(line, weights, step, precision.unit)
      guard estimate.value.isFinite, estimate.doubt.isFinite else { continue }
      let scale = Swift.max(abs(estimate.value), abs(found))
      let floor = tolerance.absolute + estimate.noise
      if estimate.doubt <= 0.01 * scale + floor, abs(estimate.value - found) <= relative * scale + floor {
        return (estimate.value, estimate.noise, true, true)
      }
      if estimate.doubt < best?.doubt ?? .infinity { best = estimate }
    }
    guard let best else { return (.nan, 0, false, false) }
    return (best.value, best.noise, false, !(best.doubt > 0.1 * abs(best.value - found)))
  }

  /// The weights with zeros where a result is at a kink, at a jump, or no number on one side.
  private static func withoutKinks(
    _ line: Line, _ weights: [Double], _ precision: LinePrecision
  ) throws(Failure) -> [Double] {
    let (wide, narrow) = (precision.probe, precision.probe / 4)
    let here = try line(0)
    let results = [try line(wide), try line(-wide), try line(narrow), try line(-narrow)]
    return weights.indices.map { index in
      let slopes = zip(results, [wide, -wide, narrow, -narrow]).map { ($0[index] - here[index]) / $1 }
      let size = slopes.reduce(0) { Swift.max($0, abs($1)) }
      let noise = 16 * precision.unit * abs(here[index]) / narrow
      // A smooth function's slopes are all the same; a jump's grow as the step shrinks.
      let isSmooth = slopes.allSatisfy { abs($0 - slopes[0]) <= 1e-3 * size + noise }
      return isSmooth ? weights[index] : 0
    }
  }
}

/// A derivative by central differences at three steps, extrapolated to none (Romberg).
private struct Estimate {
  let value: Double
  /// How far the last extrapolation moved it.
  let doubt: Double
  /// What rounding alone may make of it.
  let noise: Double

  init(_ line: Line, _ weights: [Double], _ step: Double, _ unit: Double) throws(Failure) {
    var slopes: [Double] = []
    var size = 0.0
    for step in [step, step / 2, step / 4] {
      let (up, down) = (try line(step), try line(-step))
      var sum = 0.0
      for index in weights.indices where weights[index] != 0 {
        sum += weights[index] * (up[index] - down[index])
        size = Swift.max(size, abs(weights[index] * up[index]))
      }
      slopes.append(sum / (2 * step))
    }
    let (first, second) = ((4 * slopes[1] - slopes[0]) / 3, (4 * slopes[2] - slopes[1]) / 3)
    value = (16 * second - first) / 15
    doubt = abs(value - second)
    noise = 64 * unit * size * Double(weights.count).squareRoot() / step
  }
}
