import FlowGraph
import FlowKernels
import FlowTensor

/// Several element-wise nodes as one: what fusion makes, known to no registry.
struct FusedOperation: Operation {
  static let name = "fused"
  static let signature: Signature = "xs... -> ys..."
  static let manual = Manual(
    "Element-wise functions in one pass.", shapes: "xs broadcast → ys", gradient: "none: it is made after gradients")

  var program = TileProgram(count: 0)
  var outputs: [TensorType] = []

  init() {}

  init(_ program: TileProgram, _ outputs: [TensorType]) {
    self.program = program
    self.outputs = outputs
  }

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { outputs }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    preconditionFailure("a fused node runs by its kernel")
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel { FusedKernel(program) }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    let (product, overflow) = program.count.multipliedReportingOverflow(by: program.steps.count)
    return overflow ? .max : product
  }
}

/// A tile kernel as the runtime runs kernels.
struct FusedKernel: Kernel, CallSource {
  private let tiles: TileKernel
  private let calls: TileCalls?
  let blocks: Int
  let workspaceBytes: Int

  init(_ program: TileProgram) {
    tiles = TileKernel(program)
    calls = TileCalls(program)
    blocks = tiles.blocks.count
    workspaceBytes = max(tiles.workspaceBytes, calls?.workspaceBytes ?? 0)
  }

  func mayOverwrite(input: Int, output: Int) -> Bool { tiles.mayOverwrite(input: input, output: output) }

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    do throws(KernelFault) {
      try tiles.run(block: block, inputs, into: outputs, workspace: workspace)
    } catch {
      preconditionFailure("a function that may fail was fused")
    }
  }

  func append(
    to calls: inout CallList, _ inputs: TensorViews, into outputs: MutableTensorViews,
    workspace: UnsafeMutableRawBufferPointer
  ) -> Bool {
    self.calls?.append(to: &calls, inputs, into: outputs, workspace: workspace) ?? false
  }
}
