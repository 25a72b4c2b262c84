import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

@Suite struct `Operations that change the gradient` {
  @Test(
    arguments: [
      ("gradient_scale", ["by": 0.25], [0.25, -0.5, 0.75]), ("gradient_clip", ["limit": 1.5], [1, -1.5, 1.5]),
      ("gradient_reverse", [:], [-1, 2, -3]), ("stop_gradient", [:], [0, 0, 0]),
    ] as [(String, [String: Double], [Double])])
  func `give their operand back and what they declare of the gradient`(
    name: String, settings: [String: Double], expected: [Double]
  ) throws {
    let builder = GraphBuilder(registry: .builtIn())
    let x = builder.variable("x", .input, TensorType(.f64, [3]))
    let y = try builder.one(name, [x], settings.mapValues { .real($0) })
    let seed = try builder.one(
      "literal", [], ["values": .list([.real(1), .real(-2), .real(3)]), "dtype": .dtype(.f64)])
    let gradient = try builder.gradients(of: (y * seed).summed(over: .all), wrt: [x])[0] ?? x.zeros
    let values = try Evaluator(builder.graph, ["x": Tensor([5.0, 6, 7], [3])])
    #expect(values[y.id]?.doubles == [5, 6, 7])
    #expect(values[gradient.id]?.doubles == expected)
    let operation = try #require(Registry.builtIn()[name]).operation()
    #expect(type(of: operation).gradientIsNotDerivative)
  }
}
