import FlowGraph
import FlowKernels
import FlowTensor

/// A kernel whose work may also be done by a few calls.
struct CallableKernel: Kernel, CallSource {
  private let kernel: any Kernel
  private let source: any CallSource

  init(_ kernel: any Kernel, _ source: any CallSource) {
    self.kernel = kernel
    self.source = source
  }

  var blocks: Int { kernel.blocks }
  var workspaceBytes: Int { kernel.workspaceBytes }

  func mayOverwrite(input: Int, output: Int) -> Bool { kernel.mayOverwrite(input: input, output: output) }

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    try kernel.run(block: block, inputs: inputs, outputs: outputs, workspace: workspace)
  }

  func append(
    to calls: inout CallList, _ inputs: TensorViews, into outputs: MutableTensorViews,
    workspace: UnsafeMutableRawBufferPointer
  ) -> Bool {
    source.append(to: &calls, inputs, into: outputs, workspace: workspace)
  }
}
