import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

@Suite struct `Forward mode` {
  private let builder = GraphBuilder(registry: .builtIn())

  private func input(_ name: String, _ shape: Shape = .scalar) -> Value {
    builder.variable(name, .input, TensorType(.f64, shape))
  }

  @Test func `gives a product's derivative along a direction`() throws {
    let (x, y) = (input("x"), input("y"))
    let tangent = try #require(
      try builder.pushforward(of: [x * x * y], along: [x, y], [x.constant(1), x.constant(10)])[0])
    let values = try Evaluator(builder.graph, ["x": Tensor(scalar: 3.0), "y": Tensor(scalar: 5.0)])
    #expect(values[tangent.id]?.doubles == [2 * 3 * 5 + 9 * 10])
  }

  @Test func `is nil for what does not depend on the variables`() throws {
    let (x, y) = (input("x"), input("y"))
    let tangents = try builder.pushforward(of: [y * y, x], along: [x], [x.constant(1)])
    #expect(tangents[0] == nil)
    #expect(tangents[1] != nil)
  }

  @Test func `agrees with reverse mode through a network`() throws {
    let (x, w) = (input("x", [2, 3]), input("w", [3, 2]))
    let (direction, weight) = (input("v", [3, 2]), input("u", [2, 2]))
    let y = x.combined("matmul", w).applying("tanh").applying("softmax")
    let forward = try #require(try builder.pushforward(of: [y], along: [w], [direction])[0])
    let backward = try #require(try builder.pullback(of: y, by: weight, wrt: [w])[0])
    let left = (forward * weight).summed(over: .all)
    let right = (backward * direction).summed(over: .all)
    let values = try Evaluator(builder.graph, feeds(["x": [2, 3], "w": [3, 2], "v": [3, 2], "u": [2, 2]]))
    let (a, b) = try (#require(values[left.id]).doubles[0], #require(values[right.id]).doubles[0])
    #expect(abs(a - b) < 1e-14)
    #expect(abs(a) > 1e-6)
  }

  @Test func `over reverse mode gives the Hessian's product with a vector`() throws {
    let (x, v) = (input("x"), input("v"))
    let product = try #require(
      try builder.hessianProduct(of: x * x * x * x.applying("sin"), by: x, v))
    let values = try Evaluator(builder.graph, ["x": Tensor(scalar: 1.3), "v": Tensor(scalar: 2.0)])
    // The second derivative that samples/higher.flow gives.
    #expect(abs(try #require(values[product.id]).doubles[0] - 2 * 8.111254635145848) < 1e-12)
  }

  @Test func `treats the vector as a constant, even computed from the variable`() throws {
    let x = input("x")
    let product = try #require(try builder.hessianProduct(of: x * x * x, by: x, x * x))
    let values = try Evaluator(builder.graph, ["x": Tensor(scalar: 2.0)])
    #expect(values[product.id]?.doubles == [6 * 2 * 4])
  }

  @Test func `gives the Gauss-Newton product, which leaves the output's curvature out`() throws {
    let (x, v) = (input("x"), input("v"))
    let y = x * x
    let product = try #require(try builder.gaussNewtonProduct(of: y * y, through: y, by: x, v))
    let values = try Evaluator(builder.graph, ["x": Tensor(scalar: 3.0), "v": Tensor(scalar: 1.0)])
    // J = 2x, H = 2: 4x² · 2.
    #expect(values[product.id]?.doubles == [72])
  }

  @Test func `grows with the graph, not with its square`() throws {
    let x = input("x")
    var y = x
    for _ in 0..<20_000 { y = y.applying("tanh") }
    let forward = builder.graph.nodeCount
    _ = try builder.pushforward(of: [y], along: [x], [x.constant(1)])
    #expect(builder.graph.nodeCount < 12 * forward)
  }

  private func feeds(_ shapes: [String: [Int]]) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: shapes.map { name, sizes in
        let random = Philox(seed: 4, stream: name)
        return (name, Tensor((0..<sizes.reduce(1, *)).map { random.uniform($0) - 0.5 }, sizes))
      })
  }
}
