import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

@Suite struct `Derivatives of derivatives` {
  @Test func `third order of x * x * x * sin(x), as computed by an independent engine`() throws {
    let builder = GraphBuilder(registry: .builtIn())
    let x = builder.variable("x", .input, TensorType(.f64))
    let y = x * x * x * x.applying("sin")
    let first = try #require(try builder.gradients(of: y, wrt: [x])[0])
    let second = try #require(try builder.gradients(of: first, wrt: [x])[0])
    let third = try #require(try builder.gradients(of: second, wrt: [x])[0])
    let values = try Evaluator(builder.graph, ["x": Tensor(scalar: 1.3)])
    let expected = [2.1169373333615735, 5.472934926553387, 8.111254635145848, -3.2025932243652235]
    for (value, number) in zip([y, first, second, third], expected) {
      let computed = try #require(values[value.id]?.doubles.first)
      #expect(abs(computed - number) < 1e-12 * max(1, abs(number)))
    }
  }
}
