import FlowGraph
import FlowOperations
import FlowTensor
import Testing

/// Whether the rule for many evaluations at once gives the right numbers is proved for every operation: see `checkBatches`.
@Suite struct `Many evaluations at once` {
  /// Without a rule, each evaluation would be a node of its own, of which there is no count yet.
  @Test(arguments: [TensorType(.i32, [3]), TensorType(.f64, [3, 5])])
  func `a cross entropy is one node for all`(target: TensorType) throws {
    let builder = GraphBuilder(registry: .builtIn())
    let logits = builder.variable("x", .input, TensorType(.f64, [3, 5]))
    let loss = logits.combined("softmax_cross_entropy", builder.variable("t", .input, target))
    let count = Dimension(symbol: "count")
    let seeds = builder.variable("seeds", .input, TensorType(.f64, Shape([count, 3, 5])))
    #expect(try builder.batched(loss, over: logits, seeds).shape == Shape([count]))
    let gradients = try builder.gradients(of: loss, wrt: [logits])
    let slope = try #require(gradients[0])
    #expect(try builder.batched(slope, over: logits, seeds).shape == Shape([count, 3, 5]))
  }
}
