import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

/// A row's operation on its operands, as a graph.
struct Subject {
  let builder: GraphBuilder
  var inputs: [Value] = []
  var outputs: [Value] = []
  var feeds: [String: Tensor] = ["@counter": Tensor([7, 0] as [Int64], [2])]

  init(_ row: OperationCase, _ dtype: DType, registry: Registry = .builtIn()) throws {
    builder = GraphBuilder(registry: registry)
    for (index, tensor) in row.tensors(dtype).enumerated() {
      inputs.append(builder.variable("x\(index)", .input, tensor.type))
      feeds["x\(index)"] = tensor
    }
    outputs = try builder.add(row.operation, inputs, row.attributes)
  }

  func operation() -> any FlowGraph.Operation {
    let graph = builder.graph
    return graph.operations[graph.node(of: outputs[0].id).operation!]
  }

  func operands() -> [Tensor] {
    builder.graph.operands(of: builder.graph.node(of: outputs[0].id)).map { feeds[builder.graph.title(of: $0)]! }
  }
}

/// Values.
extension Subject {
  /// The operation's results; nil, and an issue, where it fails.
  func run(_ row: OperationCase, _ dtype: DType, _ order: Evaluator.BlockOrder) -> [Tensor]? {
    do {
      return try Evaluator.run(operation(), operands(), order)
    } catch {
      Issue.record("\(row.testDescription) \(dtype): \(error.message)")
      return nil
    }
  }

  /// Holds the first output against what a naive computation makes of the row.
  func checkValue(_ row: OperationCase, _ dtype: DType) throws {
    guard let results = run(row, dtype, .forwards) else { return }
    #expect(results.map(\.type) == outputs.map(\.type), "\(row.testDescription) \(dtype)")
    guard let reference = row.reference else { return }
    let expected = reference(row.tensors(dtype))
    #expect(results[0].count == expected.count, "\(row.testDescription) \(dtype)")
    let tolerance = tolerance(of: results[0].dtype, from: dtype)
    for (number, wanted) in zip(results[0].doubles, expected) {
      #expect(isClose(number, wanted, tolerance), "\(row.testDescription) \(dtype): \(number), not \(wanted)")
    }
  }

  /// Of results of magnitude 1 or relative to larger ones: for storage types, half a unit in the last place.
  private func tolerance(of result: DType, from operands: DType) -> Double {
    switch result {
    case .f64: operands == .f64 ? 1e-12 : 3e-6
    case .f32: 3e-6
    case .f16: 0x1p-11 + 3e-6
    case .bf16: 0x1p-8 + 3e-6
    case .i64, .i32, .i16, .i8, .u8, .bool: 0
    }
  }
}

/// Gradients.
extension Subject {
  /// Holds the derivatives of a weighted sum of the output, to the row's order, against central differences.
  func checkGradients(_ row: OperationCase) throws {
    try check(try weighted("u"), order: row.order, row)
  }

  /// The sum of the first output's elements, each times a fixed random number.
  private func weighted(_ name: String) throws -> Value {
    let output = outputs[0]
    let numbers = output.dtype.isFloating ? output : output.cast(to: .f64)
    let weights = try builder.one("literal", [], ["values": .tensor(Tensor.random(numbers.type, name))])
    return (numbers * weights).summed(over: .all)
  }

  /// Holds the derivative along one random direction against central differences, then goes on with that derivative.
  private func check(_ scalar: Value, order: Int, _ row: OperationCase) throws {
    guard order > 0 else { return }
    let variables = inputs.filter(\.dtype.isFloating)
    let gradients = try builder.gradients(of: scalar, wrt: variables)
    var slope = builder.value(scalar.id).zeros
    var directions: [String: Tensor] = [:]
    for (variable, gradient) in zip(variables, gradients) {
      let name = builder.graph.title(of: variable.id)
      let direction = Tensor.random(variable.type, "\(row.testDescription) \(name) \(order)")
      directions[name] = direction
      #expect(gradient.map { $0.type == variable.type } ?? true)
      guard let gradient else { continue }
      let along = try builder.one("literal", [], ["values": .tensor(direction)])
      slope = slope + (gradient * along).summed(over: .all)
    }
    let analytic = try Evaluator(builder.graph, feeds)[slope.id]!.doubles[0]
    let step = 1e-5
    let up = try Evaluator(builder.graph, moved(directions, step))[scalar.id]!.doubles[0]
    let down = try Evaluator(builder.graph, moved(directions, -step))[scalar.id]!.doubles[0]
    let numeric = (up - down) / (2 * step)
    #expect(isClose(analytic, numeric, 2e-6), "order \(row.order - order + 1): \(analytic), differences say \(numeric)")
    try check(slope, order: order - 1, row)
  }

  private func moved(_ directions: [String: Tensor], _ step: Double) -> [String: Tensor] {
    feeds.merging(
      directions.map { name, direction in
        let numbers = zip(feeds[name]!.doubles, direction.doubles).map { $0 + step * $1 }
        return (name, Tensor(numbers, direction.sizes))
      }, uniquingKeysWith: { $1 })
  }
}

func isClose(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
  if a == b { return true }
  return abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}

extension Tensor {
  static func random(_ type: TensorType, _ stream: String) -> Tensor {
    let random = Philox(seed: 11, stream: stream)
    let sizes = type.shape.sizes ?? []
    return Tensor((0..<sizes.reduce(1, *)).map { 2 * random.uniform($0) - 1 }, sizes, as: type.dtype)
  }
}
