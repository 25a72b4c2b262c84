import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting

/// A random graph over the operations of the proof tables: each row's operation, applied to what came before, brought into the
/// row's shapes and domains.
struct Composition {
  let builder: GraphBuilder
  private(set) var feeds: [String: Tensor] = ["@counter": Tensor([7, 0] as [Int64], [2])]
  /// What it is differentiated by.
  private(set) var variables: [Value] = []
  /// The result, a vector that depends on all operations.
  private(set) var output: Value
  private var pool: [Value] = []
  private var parts: [Value] = []
  private var choices: Choices

  /// - Parameter rows: their operations, in order.
  init(seed: Int, _ rows: [OperationCase]) throws {
    builder = GraphBuilder(registry: .builtIn())
    choices = Choices(seed: seed)
    output = try builder.fill(.whole(0), TensorType(.f64))
    for (index, sizes) in [[2, 3], [4]].enumerated() {
      let variable = input(Tensor.random(TensorType(.f64, Shape(sizes)), "\(seed) \(index)"))
      variables.append(variable)
      pool.append(variable)
    }
    for row in rows { try apply(row) }
    output = try builder.one("concat", try (parts + pool.suffix(2)).map { try fitted($0, [2]) }, ["axis": .whole(0)])
  }

  private mutating func apply(_ row: OperationCase) throws {
    var operands: [Value] = []
    for (index, operand) in row.operands.enumerated() { operands.append(try value(for: operand, index, row)) }
    for result in try builder.add(row.operation, operands, row.attributes) {
      guard result.type.byteCount != 0, result.type.byteCount ?? .max <= 4096 else { continue }
      let isSmooth = row.order > 0 && result.dtype == .f64
      let numbers = isSmooth ? result : try bounded(result.applying("stop_gradient").cast(to: .f64))
      pool.append(numbers)
      parts.append(numbers)
    }
  }

  /// Numbers of any size, as constants within -1...1; 0 for NaN and infinities.
  private func bounded(_ value: Value) throws -> Value {
    let finite = try builder.one("where", [value.applying("is_finite"), value, value.zeros])
    return finite.applying("tanh")
  }

  /// What a row's operand is here: where it can be differentiated by it, something that came before.
  private mutating func value(for operand: Operand, _ index: Int, _ row: OperationCase) throws -> Value {
    let numbers = operand.numbers(stream: "\(row.testDescription) \(index)")
    let dtype = operand.dtype ?? (row.dtypes.contains(.f64) ? .f64 : row.dtypes[0])
    let own = Tensor(numbers, operand.sizes, as: dtype)
    guard row.order > 0, dtype == .f64, own.count > 0, own.count <= 512 else { return input(own) }
    let near = pool[pool.count - 1 - choices.next(below: min(pool.count, 3))]
    let x = try fitted(near, operand.sizes).applying("tanh")
    switch operand.domain {
    case .any: return 2 * x
    case .positive: return 1.5 + x
    case .fraction: return 0.8 * x
    case .aboveOne: return 2.25 + x
    case .nonzero: return try constant(numbers.map { $0 < 0 ? -1 : 1 }, operand.sizes) * (1 + 0.5 * x)
    case .distinct: return try constant(numbers, operand.sizes) + 0.04 * x
    case .wholes, .values, .unusual: return input(own)
    }
  }

  /// A value in another shape, each element a mixture of its own.
  private mutating func fitted(_ value: Value, _ sizes: [Int]) throws -> Value {
    let (count, wanted) = (value.type.count, sizes.reduce(1, *))
    let flat = value.reshaped(to: [Dimension(count)])
    if count == wanted { return flat.reshaped(to: Shape(sizes)) }
    let weights = Tensor.random(
      TensorType(.f64, [Dimension(count), Dimension(wanted)]), "\(choices.next(below: 1 << 20))")
    let mixed = flat.combined("matmul", try builder.one("literal", [], ["values": .tensor(weights)]))
    return mixed.reshaped(to: Shape(sizes))
  }

  private func constant(_ numbers: [Double], _ sizes: [Int]) throws -> Value {
    try builder.one("literal", [], ["values": .tensor(Tensor(numbers, sizes))])
  }

  private mutating func input(_ tensor: Tensor) -> Value {
    let name = "x\(feeds.count)"
    feeds[name] = tensor
    return builder.variable(name, .input, tensor.type)
  }
}

extension TensorType {
  fileprivate var count: Int { shape.sizes?.reduce(1, *) ?? 0 }
}

/// Random choices, the same for the same seed.
struct Choices {
  private let random: Philox
  private var count = 0

  init(seed: Int) { random = Philox(seed: Int64(seed), stream: "choices") }

  mutating func next(below limit: Int) -> Int {
    count += 1
    return min(Int(random.uniform(count) * Double(limit)), limit - 1)
  }
}
