import FlowGraph
import FlowRuntime
import FlowTensor

/// One operation for itself, as functions to compare: its own, with the reverse and the forward rule, and its gradient's, with
/// the second derivative. Serves all edges with this operation and these types.
struct EdgeRules {
  /// A rule that no number could be had from.
  enum Fault: Error {
    case fails(String)
    case undefined(String)
  }

  let first: CheckedFunction
  /// nil where it was not asked for, or where the gradient is zero.
  private(set) var second: CheckedFunction?
  /// Why there is no second derivative.
  private(set) var secondFault: Fault?
  let precision: LinePrecision

  private let builder: GraphBuilder
  private var parts = CheckedFunction.Parts()
  /// The operands in f64, or whole numbers.
  private var variables: [Value] = []

  init(
    _ edge: DoubleGraph.Edge, types: [TensorType], order: Int, registry: Registry, executor: Executor
  ) throws(Fault) {
    builder = GraphBuilder(registry: registry)
    precision = edge.native == nil ? .double : .single
    do {
      try Self.build(edge, types, builder, &variables, &parts)
    } catch {
      throw Self.fault(error)
    }
    first = CheckedFunction(parts, builder, executor: executor)
    guard order > 1 else { return }
    do {
      let parts = try secondParts()
      second = parts.outputs.isEmpty ? nil : CheckedFunction(parts, builder, executor: executor)
    } catch {
      secondFault = Self.fault(error)
    }
  }

  /// The numbers of an edge as the functions take them, the weights of the gradient included.
  func point(_ operands: [Tensor], weights: [[Double]]) -> [Int: Tensor] {
    var point = Dictionary(uniqueKeysWithValues: operands.enumerated().map { ($0, $1) })
    for (index, (numbers, output)) in zip(weights, parts.outputs).enumerated() {
      point[operands.count + index] = Tensor(numbers, output.shape.sizes ?? [])
    }
    return point
  }

  /// How many numbers each result has.
  var resultCounts: [Int] { parts.outputs.map { ($0.shape.sizes ?? []).reduce(1, *) } }

  private static func build(
    _ edge: DoubleGraph.Edge, _ types: [TensorType], _ builder: GraphBuilder, _ variables: inout [Value],
    _ parts: inout CheckedFunction.Parts
  ) throws {
    for (index, type) in types.enumerated() { variables.append(builder.variable("x\(index)", .input, type)) }
    let taken = zip(variables, edge.native ?? types.map(\.dtype)).map { $0.cast(to: $1) }
    let results = try builder.add(edge.operation, taken)
    let call = Call(inputs: taken, outputs: results, builder: builder)
    var seeds: [Value] = []
    for result in results {
      guard result.dtype.isFloating else {
        seeds.append(result.zeros)
        continue
      }
      let output = result.cast(to: .f64)
      let weight = builder.variable("u\(parts.outputs.count)", .input, output.type)
      parts.outputs.append(output)
      parts.weights.append(weight)
      seeds.append(weight.cast(to: result.dtype))
    }
    let titles = inputTitles(edge.operation, types.count)
    let rule = try builder.rule(edge.operation, call, seeds)
    for index in types.indices where edge.isActive[index] {
      parts.inputs.append((variables[index], titles[index]))
      switch rule[index] {
      case .value(let value): parts.gradients.append(value.cast(to: .f64))
      case .zero: parts.gradients.append(nil)
      case .undefined(let reason): throw Fault.undefined(reason)
      }
    }
    try addForwardRule(edge, call, variables, &parts)
    try builder.throwFailure()
  }

  private static func addForwardRule(
    _ edge: DoubleGraph.Edge, _ call: Call, _ variables: [Value], _ parts: inout CheckedFunction.Parts
  ) throws {
    var directions: [Value] = []
    let tangents = zip(zip(call.inputs, variables), edge.isActive).enumerated().map { index, pair -> Value in
      guard pair.1 else { return pair.0.0.zeros }
      let direction = call.builder.variable("v\(index)", .input, pair.0.1.type)
      directions.append(direction)
      return direction.cast(to: pair.0.0.dtype)
    }
    guard let results = try call.builder.forwardRule(edge.operation, call, tangents) else { return }
    parts.directions = directions
    for (result, output) in zip(results, call.outputs) where output.dtype.isFloating {
      switch result {
      case .value(let value): parts.tangents.append(value.broadcast(to: output.shape).cast(to: .f64))
      case .zero: parts.tangents.append(nil)
      case .undefined(let reason): throw Fault.undefined(reason)
      }
    }
  }

  /// The gradients as a function of the operands and of the weights.
  private func secondParts() throws -> CheckedFunction.Parts {
    var second = CheckedFunction.Parts()
    second.inputs = parts.inputs + parts.weights.enumerated().map { ($1, "the gradient of result \($0)") }
    second.outputs = parts.gradients.compactMap { $0 }
    second.gradients = Array(repeating: nil, count: second.inputs.count)
    for (index, output) in second.outputs.enumerated() {
      let weight = builder.variable("w\(index)", .input, output.type)
      second.weights.append(weight)
      let contributions = try builder.pullback(of: output, by: weight, wrt: second.inputs.map(\.value))
      second.gradients = zip(second.gradients, contributions).map { sum, part in
        sum.flatMap { sum in part.map { sum + $0 } ?? sum } ?? part
      }
    }
    try builder.throwFailure()
    return second
  }

  /// What an operation calls its inputs; those of a variadic one are numbered.
  private static func inputTitles(_ operation: any Operation, _ count: Int) -> [String] {
    let inputs = operation.ownSignature.inputs
    return (0..<count).map { index in
      guard let input = index < inputs.count ? inputs[index] : inputs.last else { return "\(index)" }
      return input.isVariadic ? "\(input.name)[\(index - inputs.count + 1)]" : input.name
    }
  }

  private static func fault(_ error: any Error) -> Fault {
    switch error {
    case let fault as Fault: fault
    case let error as OperationError: .fails(error.message)
    case let fault as GradientFault:
      if case .undefined(let steps) = fault {
        .undefined(steps.lazy.compactMap(\.reason).first ?? "undefined")
      } else {
        .fails(fault.diagnostic(at: nil).message)
      }
    default: .fails("\(error)")
    }
  }
}
