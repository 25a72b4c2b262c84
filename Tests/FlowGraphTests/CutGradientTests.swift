import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

@Suite struct `What an operation cuts off` {
  private let builder = GraphBuilder(registry: .builtIn())
  private let feeds = ["x": Tensor([3.0, 1, 2], [3]), "v": Tensor([1.0, 10, 100], [3])]

  private func value(of result: Value?) throws -> [Double] {
    let result = try #require(result)
    return try #require(try Evaluator(builder.graph, feeds)[result.id]).doubles
  }

  @Test func `counts as a constant where an index is needed`() throws {
    let x = builder.variable("x", .input, TensorType(.f64, [3]))
    let position = x.applying("argmax").applying("stop_gradient")
    let largest = try builder.one("gather", [x, position])
    let gradient = try builder.gradients(of: largest, wrt: [x])[0]
    #expect(try value(of: gradient) == [1, 0, 0])
  }

  @Test func `lets a sorted value have curvature, in both modes`() throws {
    let x = builder.variable("x", .input, TensorType(.f64, [3]))
    let v = builder.variable("v", .input, TensorType(.f64, [3]))
    let ranks = try builder.one("literal", [], ["values": .tensor(Tensor([1.0, 2, 3], [3]))])
    let sorted = x.applying("sort")
    let target = (sorted * sorted * ranks).summed(over: .all)
    let product = try builder.hessianProduct(of: target, by: x, v)
    #expect(try value(of: product) == [6, 20, 400])
    let gradient = try #require(try builder.gradients(of: target, wrt: [x])[0])
    let reversed = try builder.pullback(of: gradient, by: v, wrt: [x])[0]
    #expect(try value(of: reversed) == [6, 20, 400])
  }
}
