import FlowGraph
import FlowTensor

/// SAFETY: outputs and workspace are allocated here, outlive the run, and are seen by nobody else; inputs are immutable
/// tensors, alive while `withViews` runs. The bytes are copied into tensors before they are freed.
extension Kernel {
  /// Runs all blocks, one after another, into tensors of their own.
  ///
  /// - Parameter types: the outputs', all sizes known.
  func evaluate(_ inputs: [Tensor], _ types: [TensorType]) throws(OperationError) -> [Tensor] {
    let shapes = types.map { $0.shape.sizes ?? [] }
    let memories = types.map { OwnedMemory(byteCount: $0.byteCount ?? 0) }
    let sizes = shapes.flatMap { $0 } + [0]
    let workspace = OwnedMemory(byteCount: workspaceBytes)
    try sizes.withUnsafeBufferPointer { (sizes) throws(OperationError) in
      guard let base = sizes.baseAddress else { return }
      var offset = 0
      var views: [MutableTensorView] = []
      for ((type, shape), memory) in zip(zip(types, shapes), memories) {
        views.append(
          MutableTensorView(
            address: memory.address, dtype: type.dtype, sizes: base + offset, rank: shape.count,
            count: shape.reduce(1, *)))
        offset += shape.count
      }
      try run(inputs, views, workspace)
    }
    return zip(zip(types, shapes), memories).map { item, memory in
      Tensor(item.0.dtype, item.1) { $0.copyMemory(from: UnsafeRawBufferPointer(memory.bytes)) }
    }
  }

  private func run(
    _ inputs: [Tensor], _ outputs: [MutableTensorView], _ workspace: OwnedMemory
  ) throws(OperationError) {
    try Tensor.withViews(of: inputs) { (inputViews) throws(OperationError) in
      try outputs.withUnsafeBufferPointer { (buffer) throws(OperationError) in
        for block in 0..<max(blocks, 0) {
          try run(
            block: block, inputs: inputViews,
            outputs: MutableTensorViews(buffer.baseAddress, count: buffer.count), workspace: workspace.bytes)
        }
      }
    }
  }
}
