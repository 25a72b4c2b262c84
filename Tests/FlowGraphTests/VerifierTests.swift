import FlowOperations
import FlowTensor
import Testing

@testable import FlowGraph

@Suite struct `The verifier` {
  private func graph() throws -> Graph {
    let builder = GraphBuilder(registry: .builtIn())
    let x = builder.variable("x", .input, TensorType(.f64, [2, 3]))
    let loss = (x * x + x).summed(over: .all)
    builder.output("loss", loss)
    _ = try builder.gradients(of: loss, wrt: [x])
    return builder.graph
  }

  @Test func `accepts what the builder and the gradients make`() throws {
    try graph().verify()
  }

  @Test func `finds a value read before it is computed`() throws {
    var graph = try graph()
    let last = ValueID(graph.valueCount - 1)
    graph.operands[0] = last
    #expect(throws: GraphDefect.self) { try graph.verify() }
  }

  @Test func `finds a type that the shape rule does not give`() throws {
    var graph = try graph()
    graph.types[Int(graph.typeIndices[1])] = TensorType(.f64, [7])
    #expect(throws: GraphDefect.self) { try graph.verify() }
  }

  @Test func `finds an output without a value`() throws {
    var graph = try graph()
    graph.outputs.append(Graph.Output(name: "nothing", value: ValueID(graph.valueCount)))
    #expect(throws: GraphDefect.self) { try graph.verify() }
  }
}
