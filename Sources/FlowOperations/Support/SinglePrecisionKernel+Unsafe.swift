import FlowGraph
import FlowKernels
import FlowTensor

extension PreparedOperation {
  /// The kernel for these types, where f16 and bf16 are computed in single precision: inputs are converted, the kernel for f32
  /// runs, and each result is rounded once.
  static func singlePrecision(
    _ inputs: [TensorType], _ outputs: [TensorType],
    _ prepare: ([TensorType]) throws(OperationError) -> any Kernel
  ) throws(OperationError) -> any Kernel {
    guard (inputs + outputs).contains(where: \.dtype.isStorage) else { return try prepare(inputs) }
    let kernel = try prepare(inputs.map(\.widened))
    return try SinglePrecisionKernel(kernel, inputs, outputs)
  }
}

/// A kernel of f32 between conversions from and to f16 and bf16, as one block.
///
/// SAFETY: the workspace holds, one behind the other, a copy of each converted tensor and the inner kernel's own workspace;
/// offsets and bytes come from the types that views have when it runs. Views of the copies live for one run.
struct SinglePrecisionKernel: Kernel {
  private let inner: any Kernel
  /// Where each tensor's copy begins in the workspace; nil where it is not converted. Inputs first.
  private let copies: [Int?]
  private let innerStart: Int
  let workspaceBytes: Int

  init(_ inner: any Kernel, _ inputs: [TensorType], _ outputs: [TensorType]) throws(OperationError) {
    self.inner = inner
    var end = 0
    var copies: [Int?] = []
    for type in inputs + outputs {
      guard type.dtype.isStorage else {
        copies.append(nil)
        continue
      }
      copies.append(end)
      guard let bytes = type.widened.byteCount, bytes < Int.max / 64 else { throw .sizeOverflow }
      end += (bytes + 63) / 64 * 64
    }
    self.copies = copies
    innerStart = end
    workspaceBytes = end + inner.workspaceBytes
  }

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    guard let base = workspace.baseAddress else { return }
    let wideInputs = (0..<inputs.count).map { widened(inputs[$0], copies[$0].map { base + $0 }) }
    let wideOutputs = (0..<outputs.count).map { widened(outputs[$0], copies[inputs.count + $0].map { base + $0 }) }
    let rest = UnsafeMutableRawBufferPointer(rebasing: workspace[innerStart...])
    let outcome = wideInputs.withUnsafeBufferPointer { inputs in
      wideOutputs.withUnsafeBufferPointer { outputs in
        run(
          TensorViews(inputs.baseAddress, count: inputs.count),
          MutableTensorViews(outputs.baseAddress, count: outputs.count), rest)
      }
    }
    try outcome.get()
    for index in wideOutputs.indices where copies[inputs.count + index] != nil {
      Cast.run(0..<outputs[index].count, TensorView(wideOutputs[index]), into: outputs[index])
    }
  }

  private func run(
    _ inputs: TensorViews, _ outputs: MutableTensorViews, _ workspace: UnsafeMutableRawBufferPointer
  ) -> Result<Void, OperationError> {
    do throws(OperationError) {
      for block in 0..<inner.blocks {
        try inner.run(block: block, inputs: inputs, outputs: outputs, workspace: workspace)
      }
      return .success(())
    } catch {
      return .failure(error)
    }
  }

  private func widened(_ view: TensorView, _ copy: UnsafeMutableRawPointer?) -> TensorView {
    guard let copy else { return view }
    let wide = view.moved(to: copy)
    Cast.run(0..<view.count, view, into: wide)
    return TensorView(wide)
  }

  private func widened(_ view: MutableTensorView, _ copy: UnsafeMutableRawPointer?) -> MutableTensorView {
    copy.map { TensorView(view).moved(to: $0) } ?? view
  }
}

extension TensorView {
  fileprivate init(_ view: MutableTensorView) {
    self.init(
      address: UnsafeRawPointer(view.address), dtype: view.dtype, sizes: view.sizes, rank: view.rank, count: view.count)
  }

  /// Of the same sizes, in single precision at another address.
  fileprivate func moved(to address: UnsafeMutableRawPointer) -> MutableTensorView {
    MutableTensorView(address: address, dtype: .f32, sizes: sizes, rank: rank, count: count)
  }
}

extension DType {
  /// Whether numbers are stored in it, but not computed in.
  var isStorage: Bool { self == .f16 || self == .bf16 }
}

extension TensorType {
  /// In single precision, where it is a storage type's.
  var widened: TensorType { dtype.isStorage ? TensorType(.f32, shape) : self }
}
