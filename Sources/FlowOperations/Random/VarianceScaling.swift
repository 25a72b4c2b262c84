import FlowGraph
import FlowKernels
import FlowTensor

/// Random weights whose variance depends on how many operands a unit has.
struct VarianceScaling: RandomOperation {
  static let name = "variance_scaling"
  static let attributes =
    [
      Attribute<Self>("scale", \.scale, "what the variance is multiplied by"),
      Attribute<Self>("mode", \.mode, "what it is divided by: fan_in, fan_out or fan_avg"),
      Attribute<Self>("distribution", \.distribution, "normal, uniform or truncated_normal"),
    ] + randomAttributes
  static let manual = Manual(
    "Random weights of variance scale / fan; fans are those of [in, out] for a matrix, [out, in, ...] for a filter.",
    shapes: drawn, gradient: notDrawn,
    source: "He, Zhang, Ren & Sun, Delving deep into rectifiers, 2015; Glorot & Bengio, 2010")

  var scale = 1.0
  var mode = "fan_in"
  var distribution = "normal"
  var shape = Shape.scalar
  var dtype = DType.f32
  var stream = ""
  var draw = 0

  func check() throws(OperationError) {
    try expectFloatingResult()
    guard scale > 0, scale.isFinite else { throw .badAttribute("scale", "variance_scaling: a scale is positive") }
    guard ["fan_in", "fan_out", "fan_avg"].contains(mode) else {
      throw .badAttribute("mode", "variance_scaling: no mode '\(mode)'", help: "fan_in, fan_out or fan_avg")
    }
    guard ["normal", "uniform", "truncated_normal"].contains(distribution) else {
      throw .badAttribute(
        "distribution", "variance_scaling: no distribution '\(distribution)'",
        help: "normal, uniform or truncated_normal")
    }
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let (fanIn, fanOut) = Self.fans(try infer(inputs)[0].knownSizes())
    let fan = mode == "fan_in" ? fanIn : mode == "fan_out" ? fanOut : (fanIn + fanOut) / 2
    let variance = scale / max(fan, 1)
    switch distribution {
    case "uniform":
      let limit = (3 * variance).squareRoot()
      return try drawing(inputs, .uniform(low: -limit, high: limit))
    case "truncated_normal":
      // Truncation at two standard deviations leaves 0.8796 of one.
      return try drawing(inputs, .truncatedNormal(mean: 0, std: variance.squareRoot() / 0.879_625_661_034_239_78))
    default: return try drawing(inputs, .normal(mean: 0, std: variance.squareRoot()))
    }
  }

  /// How many numbers a unit reads and how many read it; a vector has as many units as numbers.
  private static func fans(_ sizes: [Int]) -> (in: Double, out: Double) {
    let numbers = sizes.map { Double($0) }
    switch numbers.count {
    case 0: return (1, 1)
    case 1: return (numbers[0], numbers[0])
    case 2: return (numbers[0], numbers[1])
    default:
      let window = numbers.dropFirst(2).reduce(1, *)
      return (numbers[1] * window, numbers[0] * window)
    }
  }
}
