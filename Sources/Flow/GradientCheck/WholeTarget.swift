import FlowGraph
import FlowTensor

/// All targets of a graph, as one function of its variables.
enum WholeTarget {
  /// nil where a rule of the graph fails.
  static func function(_ double: DoubleGraph, _ names: [String], _ evaluation: Evaluation) -> CheckedFunction? {
    let builder = GraphBuilder(double.graph, registry: evaluation.registry)
    var parts = CheckedFunction.Parts()
    parts.inputs = zip(double.variables.map(builder.value), names).map { ($0, $1) }
    parts.outputs = double.targets.map(builder.value)
    let variables = parts.inputs.map(\.value)
    do {
      parts.gradients = Array(repeating: nil, count: variables.count)
      for (index, output) in parts.outputs.enumerated() {
        let weight = builder.variable("u\(index)", .input, output.type)
        parts.weights.append(weight)
        let found = try builder.pullback(of: output, by: weight, wrt: variables)
        parts.gradients = zip(parts.gradients, found).map { sum, part in
          sum.flatMap { sum in part.map { sum + $0 } ?? sum } ?? part
        }
      }
      for (index, variable) in variables.enumerated() {
        parts.directions.append(builder.variable("v\(index)", .input, variable.type))
      }
      parts.tangents = try builder.pushforward(of: parts.outputs, along: variables, parts.directions)
      try builder.throwFailure()
    } catch {
      return nil
    }
    return CheckedFunction(parts, builder, executor: evaluation.executor)
  }
}

/// Random directions and weights, each drawn once.
struct Directions {
  private let seed: Int64
  private var drawn = 0

  init(seed: Int64) { self.seed = seed }

  /// Numbers of either sign, of magnitude ½ to 1: none so small that it would hide an element.
  mutating func weights(_ count: Int) -> [Double] {
    drawn += 1
    let random = Philox(seed: seed, stream: "gradcheck \(drawn)")
    return (0..<count).map { index in
      let number = random.uniform(index)
      return number < 0.5 ? 0.5 + number : -number
    }
  }

  /// A direction in which every element moves by about the size of all of them, but one that is small by itself no further
  /// than it may without changing its sign.
  mutating func direction(around numbers: [Double]) -> [Double] {
    let finite = numbers.filter(\.isFinite)
    let square = finite.reduce(0) { $0 + $1 * $1 } / Double(max(finite.count, 1))
    let size = square > 0 && square.isFinite ? square.squareRoot() : 1
    return zip(numbers, weights(numbers.count)).map { number, weight in
      guard number.isFinite else { return 0 }
      return weight * (number == 0 ? size : min(size, 64 * abs(number)))
    }
  }
}
