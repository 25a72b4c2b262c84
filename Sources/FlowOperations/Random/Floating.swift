import FlowGraph
import FlowKernels
import FlowTensor

/// Uniform random numbers.
struct Uniform: RandomOperation {
  static let name = "uniform"
  static let attributes =
    [
      Attribute<Self>("low", \.low, "the least number"),
      Attribute<Self>("high", \.high, "the bound, which is not reached"),
    ] + randomAttributes
  static let manual = Manual(
    "Random numbers, uniform from low up to high.", shapes: drawn, gradient: notDrawn, source: philoxSource)

  var low = 0.0
  var high = 1.0
  var shape = Shape.scalar
  var dtype = DType.f32
  var stream = ""
  var draw = 0

  func check() throws(OperationError) {
    try expectFloatingResult()
    guard low < high, (high - low).isFinite else {
      throw .badAttribute("high", "uniform: low is below high, and both are finite: \(low), \(high)")
    }
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try drawing(inputs, .uniform(low: low, high: high))
  }
}

/// Normal random numbers.
struct Normal: RandomOperation {
  static let name = "normal"
  static let attributes =
    [
      Attribute<Self>("mean", \.mean, "the mean"),
      Attribute<Self>("std", \.std, "the standard deviation"),
    ] + randomAttributes
  static let manual = Manual(
    "Random numbers of a normal distribution.", shapes: drawn, gradient: notDrawn, source: philoxSource)

  var mean = 0.0
  var std = 1.0
  var shape = Shape.scalar
  var dtype = DType.f32
  var stream = ""
  var draw = 0

  func check() throws(OperationError) {
    try expectFloatingResult()
    guard std >= 0 else { throw .badAttribute("std", "normal: a standard deviation is not negative: \(std)") }
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try drawing(inputs, .normal(mean: mean, std: std))
  }
}

/// Normal random numbers, near the mean.
struct TruncatedNormal: RandomOperation {
  static let name = "truncated_normal"
  static let attributes =
    [
      Attribute<Self>("mean", \.mean, "the mean"),
      Attribute<Self>("std", \.std, "the standard deviation before truncation"),
    ] + randomAttributes
  static let manual = Manual(
    "Random numbers of a normal distribution, none further than two standard deviations from the mean.",
    shapes: drawn, gradient: notDrawn, source: philoxSource)

  var mean = 0.0
  var std = 1.0
  var shape = Shape.scalar
  var dtype = DType.f32
  var stream = ""
  var draw = 0

  func check() throws(OperationError) {
    try expectFloatingResult()
    guard std >= 0 else { throw .badAttribute("std", "truncated_normal: a standard deviation is not negative: \(std)") }
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try drawing(inputs, .truncatedNormal(mean: mean, std: std))
  }
}

/// Ones with a probability, else zeros.
struct Bernoulli: RandomOperation {
  static let name = "bernoulli"
  static let attributes =
    [Attribute<Self>("p", \.p, "the probability of a one")] + randomAttributes
  static let manual = Manual(
    "Ones with probability p, else zeros.", shapes: drawn, gradient: notDrawn, source: philoxSource)

  var p = 0.5
  var shape = Shape.scalar
  var dtype = DType.f32
  var stream = ""
  var draw = 0

  func check() throws(OperationError) {
    guard p >= 0, p <= 1 else { throw .badAttribute("p", "bernoulli: a probability is from 0 to 1, not \(p)") }
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel { try drawing(inputs, .bernoulli(p)) }
}

let philoxSource = "Salmon et al., Parallel random numbers: as easy as 1, 2, 3, 2011"
