import FlowGraph
import FlowProofs
import FlowTensor

/// A plugin's kernel that is run twice on copies of its inputs, into memory between guard bytes that begins with two patterns:
/// what it writes outside, leaves unwritten, does to its inputs, or does otherwise the second time, is an error.
///
/// SAFETY: inputs are read as far as their views say; results are copied into the outputs, whose sizes are those inferred.
struct WatchedPluginKernel: Kernel {
  let kernel: any Kernel
  let outputs: [TensorType]
  let place: PluginPlace

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    let copies = (0..<inputs.count).map { Self.copy(of: inputs[$0]) }
    let first = try results(copies, .forwards)
    for (index, copy) in copies.enumerated() where !Self.holds(inputs[index], copy) {
      throw fault("it changed its input \(index)")
    }
    guard try results(copies, .backwards) == first else {
      throw fault(
        "a second run gives other bits: it leaves part of its output unwritten, or depends on more than its inputs")
    }
    for (index, result) in first.enumerated() {
      result.withUnsafeBytes { bytes in
        guard let source = bytes.baseAddress else { return }
        outputs[index].address.copyMemory(from: source, byteCount: bytes.count)
      }
    }
  }

  private func results(_ inputs: [Tensor], _ order: Evaluator.BlockOrder) throws(OperationError) -> [Tensor] {
    do {
      return try Evaluator.run(kernel, inputs, outputs, order)
    } catch {
      throw error == .wroteOutside ? fault("it writes outside of its output") : error
    }
  }

  private func fault(_ message: String) -> OperationError {
    place.completed(OperationError(.pluginFailure, message))
  }

  private static func copy(of view: TensorView) -> Tensor {
    Tensor(view.dtype, Array(view.dimensions)) { target in
      target.copyMemory(from: UnsafeRawBufferPointer(start: view.address, count: target.count))
    }
  }

  private static func holds(_ view: TensorView, _ tensor: Tensor) -> Bool {
    tensor.withUnsafeBytes { UnsafeRawBufferPointer(start: view.address, count: $0.count).elementsEqual($0) }
  }
}
