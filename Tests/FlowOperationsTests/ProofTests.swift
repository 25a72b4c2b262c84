import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

/// A row's operation on its operands, as a graph.
private struct Subject {
  let builder = GraphBuilder(registry: .builtIn())
  var inputs: [Value] = []
  var outputs: [Value] = []
  var feeds: [String: Tensor] = ["@counter": Tensor([7, 0] as [Int64], [2])]

  init(_ row: OperationCase, _ dtype: DType) throws {
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

@Suite struct `Every operation` {
  static let runs = OperationCase.all.flatMap { row in row.dtypes.map { (row, $0) } }

  @Test func `has rows in the proof tables`() {
    let proved = Set(OperationCase.all.map(\.operation))
    #expect(Registry.builtIn().names.filter { !proved.contains($0) } == [])
  }

  private func run(
    _ subject: Subject, _ row: OperationCase, _ dtype: DType, _ order: Evaluator.BlockOrder
  ) -> [Tensor]? {
    do {
      return try Evaluator.run(subject.operation(), subject.operands(), order)
    } catch {
      Issue.record("\(row.testDescription) \(dtype): \(error.message)")
      return nil
    }
  }

  @Test func `computes what a naive computation does, and stays within its output`() throws {
    for (row, dtype) in Self.runs {
      let subject = try Subject(row, dtype)
      guard let results = run(subject, row, dtype, .forwards) else { continue }
      #expect(results.map(\.type) == subject.outputs.map(\.type), "\(row.testDescription) \(dtype)")
      guard let reference = row.reference else { continue }
      let expected = reference(row.tensors(dtype))
      #expect(results[0].count == expected.count, "\(row.testDescription) \(dtype)")
      let tolerance = tolerance(of: results[0].dtype, from: dtype)
      for (number, wanted) in zip(results[0].doubles, expected) {
        #expect(isClose(number, wanted, tolerance), "\(row.testDescription) \(dtype): \(number), not \(wanted)")
      }
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

  @Test func `gives the same bits whatever order its blocks run in, and whatever lay in memory before`() throws {
    for (row, dtype) in Self.runs {
      let subject = try Subject(row, dtype)
      let forwards = run(subject, row, dtype, .forwards)
      let backwards = run(subject, row, dtype, .backwards)
      #expect(forwards == backwards, "\(row.testDescription) \(dtype)")
    }
  }

  @Test func `infers with names for sizes what it infers with the sizes`() throws {
    for (row, dtype) in Self.runs {
      let subject = try Subject(row, dtype)
      let operation = subject.operation()
      let types = subject.operands().map(\.type)
      let symbolic = try operation.infer(types.map { $0.named })
      let concrete = try operation.infer(types)
      for (a, b) in zip(symbolic, concrete) {
        #expect(a.dtype == b.dtype)
        #expect(a.shape.rank == b.shape.rank, "\(row.testDescription)")
        for (dimension, size) in zip(a.shape, b.shape) where dimension != .unknown {
          #expect(try dimension.substituting(TensorType.sizes) == size, "\(row.testDescription): \(a) for \(b)")
        }
      }
    }
  }

  @Test(arguments: OperationCase.all.filter { $0.order > 0 })
  func `has the gradient that finite differences have`(row: OperationCase) throws {
    let subject = try Subject(row, .f64)
    let scalar = try subject.weighted("u")
    try subject.check(scalar, order: row.order, row)
  }

  @Test(arguments: OperationCase.all.filter { $0.order > 0 })
  func `has a gradient that is linear in the output's`(row: OperationCase) throws {
    var subject = try Subject(row, .f64)
    let output = subject.outputs[0]
    guard output.dtype.isFloating else { return }
    let seed = subject.builder.variable("u", .input, output.type)
    subject.feeds["u"] = Tensor.random(output.type, "u")
    let variables = subject.inputs.filter(\.dtype.isFloating)
    let pulled = try subject.builder.pullback(of: output, by: seed, wrt: variables)
    for (variable, gradient) in zip(variables, pulled) {
      guard let gradient else { continue }
      let name = "v\(variable.id)"
      let direction = subject.builder.variable(name, .input, variable.type)
      subject.feeds[name] = Tensor.random(variable.type, name)
      // The gradient by the seed of ⟨v, Jᵀu⟩ is Jv, whose product with u is ⟨v, Jᵀu⟩ again where the rule is linear.
      let product = (gradient * direction).summed(over: .all)
      let pushed = try subject.builder.gradients(of: product, wrt: [seed])[0] ?? seed.zeros
      let again = (pushed * seed).summed(over: .all)
      let values = try Evaluator(subject.builder.graph, subject.feeds)
      let (a, b) = (values[product.id]!.doubles[0], values[again.id]!.doubles[0])
      #expect(isClose(a, b, 1e-10), "\(a) is not \(b)")
    }
  }
}

extension Subject {
  /// The sum of the first output's elements, each times a fixed random number.
  fileprivate func weighted(_ name: String) throws -> Value {
    let output = outputs[0]
    let numbers = output.dtype.isFloating ? output : output.cast(to: .f64)
    let weights = try builder.one("literal", [], ["values": .tensor(Tensor.random(numbers.type, name))])
    return (numbers * weights).summed(over: .all)
  }

  /// Holds the derivative along one random direction against central differences, then goes on with that derivative.
  fileprivate func check(_ scalar: Value, order: Int, _ row: OperationCase) throws {
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

extension TensorType {
  fileprivate static let sizes = Dictionary(uniqueKeysWithValues: (2..<4000).map { ("d\($0)", $0) })

  /// With a name for each size but 0 and 1.
  fileprivate var named: TensorType {
    guard self != TensorType(.i64, [2]) else { return self }
    return TensorType(
      dtype, Shape(shape.map { $0.size.map { $0 < 2 ? Dimension($0) : Dimension(symbol: "d\($0)") } ?? $0 }))
  }
}
