public import FlowGraph
import FlowProofs
public import FlowTensor

extension Operation {
  /// What the operation's kernel computes, for tests.
  ///
  /// - Fails: where the inputs do not fit, the kernel fails, or writes outside of its outputs.
  public func results(_ inputs: [Tensor]) throws(OperationError) -> [Tensor] { try Evaluator.run(self, inputs) }
}
