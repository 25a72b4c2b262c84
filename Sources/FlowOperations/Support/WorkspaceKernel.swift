import FlowGraph
import FlowTensor

/// A kernel that is a function of the block and needs memory for itself.
struct WorkspaceKernel: Kernel {
  typealias Body = @Sendable (Int, TensorViews, MutableTensorViews, UnsafeMutableRawPointer) -> Void

  let blocks: Int
  let workspaceBytes: Int
  private let body: Body

  init(blocks: Int, workspaceBytes: Int, _ body: @escaping Body) {
    self.blocks = blocks
    self.workspaceBytes = max(1, workspaceBytes)
    self.body = body
  }

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    guard let address = workspace.baseAddress, workspace.count >= workspaceBytes else {
      preconditionFailure("a kernel without its workspace")
    }
    body(block, inputs, outputs, address)
  }
}
