import FlowDiagnostics
import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

/// The cube of each element, with a gradient that is a kernel.
private struct Cube: NumericBackward {
  static let name = "cube"
  static let signature: Signature = "x -> y"
  static let attributes = [Attribute<Self>("scale", \.scale, "what the cube is multiplied by")]
  static let manual = Manual("scale · x³.", shapes: "x [...] → y [...]", gradient: "numeric")

  var scale = 1.0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { inputs }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let (x, y) = (inputs[0].elements(Double.self), outputs[0].elements(Double.self))
    for i in x.indices { y[i] = scale * x[i] * x[i] * x[i] }
  }

  func backward(
    _ inputs: TensorViews, _ outputs: TensorViews, _ gradients: TensorViews, into inputGradients: MutableTensorViews
  ) throws(OperationError) {
    let (x, g) = (inputs[0].elements(Double.self), gradients[0].elements(Double.self))
    let result = inputGradients[0].elements(Double.self)
    for i in x.indices { result[i] = 3 * scale * x[i] * x[i] * g[i] }
  }
}

/// Both halves of a product rule: two outputs, either of which may be used.
private struct SumAndProduct: FlowGraph.Operation {
  static let name = "sum_and_product"
  static let signature: Signature = "a, b -> sum, product"
  static let manual = Manual("a + b and a · b.", shapes: "a, b → sum, product", gradient: "of both")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { inputs }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let (a, b) = (inputs[0].elements(Double.self)[0], inputs[1].elements(Double.self)[0])
    outputs[0].elements(Double.self)[0] = a + b
    outputs[1].elements(Double.self)[0] = a * b
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [
      .value(gradients[0] + gradients[1] * call.inputs[1]), .value(gradients[0] + gradients[1] * call.inputs[0]),
    ]
  }
}

/// An operation that says nothing of gradients.
private struct Opaque: FlowGraph.Operation {
  static let name = "opaque"
  static let signature: Signature = "x -> y"
  static let manual = Manual("x.", shapes: "x [...] → y [...]", gradient: "not defined")
  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { inputs }
  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {}
}

@Suite struct `An operation of one's own` {
  private let builder: GraphBuilder
  private let x: Value

  init() throws {
    var registry = Registry.builtIn()
    try registry.register(Cube.self, family: "test")
    try registry.register(SumAndProduct.self, family: "test")
    try registry.register(Opaque.self, family: "test")
    builder = GraphBuilder(registry: registry)
    x = builder.variable("x", .input, TensorType(.f64))
  }

  @Test func `may have a numeric gradient, which knows its attributes`() throws {
    let y = try builder.one("cube", [x], ["scale": .real(2)]) * x
    let gradient = try #require(try builder.gradients(of: y, wrt: [x])[0])
    let values = try Evaluator(builder.graph, ["x": Tensor(scalar: 3.0)])
    #expect(values[y.id]?.doubles == [162])
    #expect(values[gradient.id]?.doubles == [216])
  }

  @Test func `with a numeric gradient says so when it is differentiated twice`() throws {
    let first = try #require(try builder.gradients(of: builder.one("cube", [x]), wrt: [x])[0])
    let fault = #expect(throws: GradientFault.self) { try builder.gradients(of: first, wrt: [x]) }
    #expect(
      fault?.diagnostic(at: nil).message
        == "the gradient is undefined: cube_backward -> cube_backward (has no gradient: its gradient is a number, "
        + "not a graph: first order only) -> x")
  }

  @Test(arguments: [(true, false, 1.0), (false, true, 4), (true, true, 5)])
  func `may have two outputs, either of which is used`(sum: Bool, product: Bool, slope: Double) throws {
    let b = builder.variable("b", .input, TensorType(.f64))
    let outputs = try builder.add("sum_and_product", [x, b])
    var loss = x.zeros
    if sum { loss = loss + outputs[0] }
    if product { loss = loss + outputs[1] }
    let gradient = try #require(try builder.gradients(of: loss, wrt: [x])[0])
    let values = try Evaluator(builder.graph, ["x": Tensor(scalar: 3.0), "b": Tensor(scalar: 4.0)])
    #expect(values[gradient.id]?.doubles == [slope])
  }

  @Test func `without a gradient is named where one is needed`() throws {
    let y = try builder.one("opaque", [x])
    let fault = #expect(throws: GradientFault.self) { try builder.gradients(of: y, wrt: [x]) }
    #expect(fault?.diagnostic(at: nil).id == "no-gradient")
    #expect(fault?.diagnostic(at: nil).message == "'opaque' defines no gradient")
  }

  @Test func `cannot take a name that is taken`() throws {
    var registry = builder.registry
    let error = #expect(throws: Registry.DuplicateName.self) { try registry.register(Cube.self, family: "again") }
    #expect(error?.name == "cube")
  }
}
