import FlowDiagnostics
import FlowGraph
package import FlowTensor

/// Derivatives.
extension Proof {
  /// The derivatives of a weighted sum of the outputs, up to an order, against central differences in f64.
  package func gradientFindings(order: Int) -> [String] {
    attempt("gradient") { try differences(try weighted("u"), left: order, order: order) }
  }

  /// The pullback against the pushforward that follows from its linearity in the outputs' gradients: ⟨v, Jᵀu⟩ = ⟨Jv, u⟩.
  package func linearityFindings() -> [String] {
    guard let output = outputs.first(where: \.dtype.isFloating) else { return [] }
    return attempt("gradient") {
      var feeds = feeds
      let seed = builder.variable("u", .input, output.type)
      feeds["u"] = .random(output.type, "u")
      var findings: [String] = []
      let variables = inputs.filter(\.dtype.isFloating)
      for (variable, gradient) in zip(variables, try builder.pullback(of: output, by: seed, wrt: variables)) {
        guard let gradient else { continue }
        let name = "v\(variable.id)"
        let direction = builder.variable(name, .input, variable.type)
        feeds[name] = .random(variable.type, name)
        // The gradient by the seed of ⟨v, Jᵀu⟩ is Jv, whose product with u is ⟨v, Jᵀu⟩ again where the rule is linear.
        let product = (gradient * direction).summed(over: .all)
        let pushed = try builder.gradients(of: product, wrt: [seed])[0] ?? seed.zeros
        let again = (pushed * seed).summed(over: .all)
        let values = try Evaluator(builder.graph, feeds)
        let (a, b) = (values.number(product), values.number(again))
        if !isClose(a, b, 1e-10) {
          findings.append("\(title): the gradient is not linear in the output's: \(a) is not \(b)")
        }
      }
      return findings
    }
  }

  /// The tangents of the outputs along one random direction, by `jvp` or from the gradient, against central differences.
  package func tangentFindings() -> [String] {
    let variables = inputs.filter(\.dtype.isFloating)
    let targets = outputs.filter(\.dtype.isFloating)
    guard !variables.isEmpty, !targets.isEmpty else { return [] }
    return attempt("tangent") {
      var tangents: [Value] = []
      var directions: [String: Tensor] = [:]
      for variable in variables {
        let direction = Tensor.random(variable.type, "\(title) \(variable.id) tangent")
        directions[builder.graph.title(of: variable.id)] = direction
        tangents.append(try literal(direction))
      }
      let pushed = try builder.pushforward(of: targets, along: variables, tangents)
      let values = try Evaluator(builder.graph, feeds)
      let up = try Evaluator(builder.graph, moved(directions, Self.step))
      let down = try Evaluator(builder.graph, moved(directions, -Self.step))
      var findings: [String] = []
      for (target, tangent) in zip(targets, pushed) {
        let numeric = zip(up.numbers(target), down.numbers(target)).map { ($0 - $1) / (2 * Self.step) }
        let analytic = tangent.map { values.numbers($0) } ?? numeric.map { _ in 0 }
        for (a, b) in zip(analytic, numeric) where !isClose(a, b, 2e-6) {
          findings.append("\(title): the tangent is \(a), differences say \(b)")
          break
        }
      }
      return findings
    }
  }

  private static var step: Double { 1e-5 }

  private func attempt(_ what: String, _ body: () throws -> [String]) -> [String] {
    do {
      return try body()
    } catch let fault as GradientFault {
      return ["\(title): \(fault.diagnostic(at: nil).message)"]
    } catch {
      let message = (error as? OperationError)?.message ?? "\(error)"
      return ["\(title): the \(what) fails: \(message)"]
    }
  }

  private func literal(_ tensor: Tensor) throws(OperationError) -> Value {
    try builder.one("literal", [], ["values": .tensor(tensor)])
  }

  /// The sum of the floating outputs' elements, else the first output's, each times a fixed random number.
  private func weighted(_ name: String) throws(OperationError) -> Value {
    var sum: Value?
    let floating = outputs.filter(\.dtype.isFloating)
    for (index, output) in (floating.isEmpty ? Array(outputs.prefix(1)) : floating).enumerated() {
      let numbers = output.dtype == .f64 ? output : output.cast(to: .f64)
      let weights = try literal(.random(numbers.type, index == 0 ? name : "\(name)\(index)"))
      let part = (numbers * weights).summed(over: .all)
      sum = sum.map { $0 + part } ?? part
    }
    try builder.throwFailure()
    guard let sum else { throw OperationError(.wrongArity, "there are no outputs") }
    return sum
  }

  /// Holds the derivative along one random direction against central differences, then goes on with that derivative.
  private func differences(_ scalar: Value, left: Int, order: Int) throws -> [String] {
    guard left > 0 else { return [] }
    let variables = inputs.filter(\.dtype.isFloating)
    let gradients = try builder.gradients(of: scalar, wrt: variables)
    var slope = scalar.zeros
    var directions: [String: Tensor] = [:]
    for (variable, gradient) in zip(variables, gradients) {
      let name = builder.graph.title(of: variable.id)
      let direction = Tensor.random(variable.type, "\(title) \(name) \(left)")
      directions[name] = direction
      guard let gradient else { continue }
      guard gradient.type == variable.type else {
        return ["\(title): the gradient of a \(variable.type) is a \(gradient.type)"]
      }
      slope = slope + (gradient * (try literal(direction))).summed(over: .all)
    }
    let analytic = try Evaluator(builder.graph, feeds).number(slope)
    let up = try Evaluator(builder.graph, moved(directions, Self.step)).number(scalar)
    let down = try Evaluator(builder.graph, moved(directions, -Self.step)).number(scalar)
    let numeric = (up - down) / (2 * Self.step)
    guard isClose(analytic, numeric, 2e-6) else {
      return ["\(title): the gradient of order \(order - left + 1) is \(analytic), differences say \(numeric)"]
    }
    return try differences(slope, left: left - 1, order: order)
  }

  private func moved(_ directions: [String: Tensor], _ step: Double) -> [String: Tensor] {
    var moved = feeds
    for (name, direction) in directions {
      guard let tensor = feeds[name] else { continue }
      let numbers = zip(tensor.doubles, direction.doubles).map { $0 + step * $1 }
      moved[name] = Tensor(numbers, direction.sizes, as: tensor.dtype)
    }
    return moved
  }
}

extension Evaluator {
  fileprivate func numbers(_ value: Value) -> [Double] { self[value.id]?.doubles ?? [] }
  fileprivate func number(_ value: Value) -> Double { numbers(value).first ?? .nan }
}

/// Whether two numbers agree, relative to the larger of them and 1; NaN agrees with NaN.
package func isClose(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
  if a == b { return true }
  return abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}

extension Tensor {
  /// Numbers between -1 and 1, the same for the same stream.
  package static func random(_ type: TensorType, _ stream: String) -> Tensor {
    let random = Philox(seed: 11, stream: stream)
    let sizes = type.shape.sizes ?? []
    return Tensor((0..<sizes.reduce(1, *)).map { 2 * random.uniform($0) - 1 }, sizes, as: type.dtype)
  }
}
