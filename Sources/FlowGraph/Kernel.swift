public import FlowTensor

/// An operation made ready for fixed types: what runs in the steady state.
///
/// A kernel may be run on several threads at once, each with a block and a workspace of its own.
public protocol Kernel: Sendable {
  /// How many parts the work has; they depend on shapes alone, so that the bits do not depend on the number of threads.
  var blocks: Int { get }
  /// The bytes that one running block needs for itself.
  var workspaceBytes: Int { get }

  /// Whether an output may lie where an input of as many bytes does: each element of the input is read, by the same block,
  /// before or when that of the output is written.
  func mayOverwrite(input: Int, output: Int) -> Bool

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError)
}

extension Kernel {
  public var blocks: Int { 1 }
  public var workspaceBytes: Int { 0 }
  public func mayOverwrite(input: Int, output: Int) -> Bool { false }
}

/// The whole operation as one block.
struct ForwardKernel<Body: Operation>: Kernel {
  let operation: Body

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    try operation.forward(inputs, into: outputs)
  }
}
