import FlowGraph
import FlowRuntime
import FlowTensor

/// Small operations in f64, for graphs that tests build. What an operation says of itself is not their subject.
protocol TestOperation: Operation {}

extension TestOperation {
  static var manual: Manual { Manual("for tests", shapes: "any", gradient: "none") }
}

/// Element-wise sum; shapes must be equal.
struct Add: TestOperation {
  static let name = "add"
  static let signature: Signature = "a, b -> c"

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard inputs[0].shape.equals(inputs[1].shape) != false else {
      throw .shapeMismatch("'add' takes equal shapes, not \(inputs[0].shape) and \(inputs[1].shape)")
    }
    return [inputs[0]]
  }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let (a, b, c) = (inputs[0].elements(Double.self), inputs[1].elements(Double.self), outputs[0].elements(Double.self))
    for index in c.indices { c[index] = a[index] + b[index] }
  }
}

/// Every element times a number, plus another.
struct Scale: TestOperation {
  static let name = "scale"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("by", \.factor, "the factor"), Attribute<Self>("plus", \.offset, "what is added"),
  ]
  var factor = 1.0
  var offset = 0.0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { inputs }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let (x, y) = (inputs[0].elements(Double.self), outputs[0].elements(Double.self))
    for index in y.indices { y[index] = x[index] * factor + offset }
  }
}

/// The sum of all elements, and their number.
struct SumAndCount: TestOperation {
  static let name = "sum_count"
  static let signature: Signature = "x -> sum, count"

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { [TensorType(.f64), TensorType(.f64)] }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let x = inputs[0].elements(Double.self)
    outputs[0].elements(Double.self)[0] = x.reduce(0, +)
    outputs[1].elements(Double.self)[0] = Double(x.count)
  }
}

/// Matrix product in blocks of one row each, through a workspace.
struct Product: TestOperation {
  static let name = "product"
  static let signature: Signature = "a, b -> c"

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard inputs[0].shape[1].equals(inputs[1].shape[0]) != false else {
      throw .shapeMismatch("'product' takes [n, k] and [k, m], not \(inputs[0].shape) and \(inputs[1].shape)")
    }
    return [TensorType(.f64, Shape([inputs[0].shape[0], inputs[1].shape[1]]))]
  }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {}

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    ProductKernel(blocks: inputs[0].shape[0].size ?? 0, inner: inputs[0].shape[1].size ?? 0)
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int { 20_000_000 }
}

struct ProductKernel: Kernel {
  let blocks: Int
  let inner: Int
  var workspaceBytes: Int { inner * 8 }

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    let (a, b, c) = (inputs[0].elements(Double.self), inputs[1].elements(Double.self), outputs[0].elements(Double.self))
    let row = workspace.bindMemory(to: Double.self)
    for index in 0..<inner { row[index] = a[block * inner + index] }
    let width = inner == 0 ? 0 : b.count / inner
    for column in 0..<width {
      var sum = 0.0
      for index in 0..<inner { sum += row[index] * b[index * width + column] }
      c[block * width + column] = sum
    }
  }
}

/// Fails where an element is negative.
struct RejectNegative: TestOperation {
  static let name = "reject_negative"
  static let signature: Signature = "x -> y"

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { inputs }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let (x, y) = (inputs[0].elements(Double.self), outputs[0].elements(Double.self))
    for index in y.indices {
      guard x[index] >= 0 else { throw .badValue("a negative element", help: "feed none") }
      y[index] = x[index]
    }
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int { 1_000_000 }
}

/// Random numbers in [0, 1), by the seed, the stream and the step.
struct Random: TestOperation {
  static let name = "random"
  static let signature: Signature = "(counter) -> y"
  static let attributes = [
    Attribute<Self>("shape", \.shape, "the sizes"), Attribute<Self>("stream", \.stream, hidden: true, "the stream"),
  ]
  var shape = Shape.scalar
  var stream = ""

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { [TensorType(.f64, shape)] }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let counter = inputs[0].elements(Int64.self)
    let numbers = Philox(seed: counter[0], stream: stream, step: counter[1])
    let y = outputs[0].elements(Double.self)
    for index in y.indices { y[index] = numbers.uniform(index) }
  }
}

/// A tensor filled with one number.
struct Fill: TestOperation {
  static let name = "fill"
  static let signature: Signature = "-> y"
  static let attributes = [
    Attribute<Self>("value", \.value, "the number"), Attribute<Self>("shape", \.shape, "the sizes"),
    Attribute<Self>("dtype", \.dtype, "the element type"),
  ]
  var value = Scalar.whole(0)
  var shape = Shape.scalar
  var dtype = DType.f64

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { [TensorType(dtype, shape)] }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let number: Double =
      switch value {
      case .whole(let whole): Double(whole)
      case .real(let real): real
      case .dimension, .boolean: .nan
      }
    outputs[0].elements(Double.self).update(repeating: number)
  }
}

/// The first elements up to the given number, or all: a result whose size no shape rule can express.
struct Head: TestOperation {
  static let name = "head"
  static let signature: Signature = "x -> y"
  static let attributes = [Attribute<Self>("count", \.count, "how many at most")]
  var count = 1

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let size = inputs[0].shape[0].size.map { Dimension(min($0, count)) } ?? .unknown
    return [TensorType(.f64, Shape([size]))]
  }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let (x, y) = (inputs[0].elements(Double.self), outputs[0].elements(Double.self))
    for index in y.indices { y[index] = x[index] }
  }
}

extension Registry {
  static func forTests() throws -> Registry {
    var registry = Registry()
    try registry.register(Add.self, family: "test")
    try registry.register(Scale.self, family: "test")
    try registry.register(SumAndCount.self, family: "test")
    try registry.register(Product.self, family: "test")
    try registry.register(RejectNegative.self, family: "test")
    try registry.register(Random.self, family: "test")
    try registry.register(Fill.self, family: "test")
    try registry.register(Head.self, family: "test")
    try registry.register(Blend.self, family: "test")
    return registry
  }
}

/// A graph builder over the test operations, with the few calls that tests make.
struct Sketch {
  let builder: GraphBuilder

  init() throws { self.init(try .forTests()) }

  init(_ registry: Registry) { builder = GraphBuilder(registry: registry) }

  var graph: Graph { builder.graph }

  func input(_ name: String, _ shape: Shape = [2], initial: Value? = nil) -> Value {
    builder.variable(name, .input, TensorType(.f64, shape), initial: initial)
  }

  func parameter(_ name: String, _ shape: Shape = [2], initial: Value? = nil) -> Value {
    builder.variable(name, .parameter, TensorType(.f64, shape), initial: initial)
  }

  func add(_ a: Value, _ b: Value) throws -> Value { try builder.one("add", [a, b]) }

  func scale(_ x: Value, by factor: Double = 1, plus offset: Double = 0) throws -> Value {
    try builder.one("scale", [x], ["by": .real(factor), "plus": .real(offset)])
  }

  func product(_ a: Value, _ b: Value) throws -> Value { try builder.one("product", [a, b]) }

  func fill(_ number: Double, _ shape: Shape = [2]) throws -> Value {
    try builder.fill(.real(number), TensorType(.f64, shape))
  }

  func random(_ shape: Shape = [2]) throws -> Value {
    try builder.one("random", [], ["shape": shape.attributeValue])
  }

  /// Evaluates values once.
  func run(
    _ values: [Value], _ feeds: [(Value, Tensor)] = [], executor: Executor = Executor(threads: 1)
  ) throws -> [Tensor] {
    let session = Session(graph, fetching: values.map(\.id), executor: executor)
    for (value, tensor) in feeds { session.feed(try index(of: value), tensor) }
    try session.evaluate()
    return values.indices.compactMap { session.tensor($0) }
  }

  func index(of value: Value) throws -> Int {
    guard let index = graph.variables.firstIndex(where: { $0.value == value.id }) else { throw NotAVariable() }
    return index
  }
}

struct NotAVariable: Error {}
