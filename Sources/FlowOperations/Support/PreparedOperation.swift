public import FlowGraph
import FlowKernels
public import FlowTensor

/// An operation whose work is a prepared kernel, on which running it unprepared stands.
///
/// A type that conforms writes `prepare`.
public protocol PreparedOperation: Operation {}

extension PreparedOperation {
  public func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let kernel = try prepare((0..<inputs.count).map { inputs[$0].type })
    let workspace = UnsafeMutableRawBufferPointer.allocate(byteCount: kernel.workspaceBytes, alignment: 64)
    defer { workspace.deallocate() }
    for block in 0..<kernel.blocks {
      try kernel.run(block: block, inputs: inputs, outputs: outputs, workspace: workspace)
    }
  }
}

/// An operation that gives its first input's elements as they are, in their order.
protocol SameElements: PreparedOperation {}

extension SameElements {
  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    _ = try infer(inputs)
    return try BlockKernel.copying(inputs[0])
  }

  func aliasOffsets(_ inputs: [TensorType]) -> [Int]? { [0] }
}

/// A kernel that is a function of the block.
struct BlockKernel: Kernel {
  typealias Body = @Sendable (Int, TensorViews, MutableTensorViews) throws(OperationError) -> Void

  let blocks: Int
  let body: Body

  init(blocks: Int = 1, _ body: @escaping Body) {
    self.blocks = blocks
    self.body = body
  }

  /// Over ranges of elements.
  init(_ ranges: Blocks, _ body: @escaping @Sendable (Range<Int>, TensorViews, MutableTensorViews) -> Void) {
    self.init(blocks: ranges.count) { block, inputs, outputs in body(ranges[block], inputs, outputs) }
  }

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    try body(block, inputs, outputs)
  }
}

extension BlockKernel {
  /// Copies the first input's elements as they are.
  static func copying(_ type: TensorType) throws(OperationError) -> BlockKernel {
    BlockKernel(Blocks(of: try type.knownSizes().reduce(1, *))) { range, inputs, outputs in
      StridedCopy.copy(range, inputs[0], into: outputs[0])
    }
  }

  /// Reads the first input's elements through a layout.
  static func gathering(_ layout: StridedLayout) -> BlockKernel {
    BlockKernel(blocks: layout.blocks.count) { block, inputs, outputs in
      StridedCopy.gather(block: block, layout, inputs[0], into: outputs[0])
    }
  }
}

extension TensorView {
  fileprivate var type: TensorType { TensorType(dtype, Shape(Array(dimensions))) }
}

extension TensorType {
  /// The sizes, which are known when an operation is made ready.
  func knownSizes() throws(OperationError) -> [Int] {
    guard let sizes = shape.sizes else { throw .shapeMismatch("the size of \(self) is not known yet") }
    return sizes
  }
}
