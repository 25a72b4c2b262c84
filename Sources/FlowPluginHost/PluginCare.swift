import FlowGraph
import FlowTensor

/// How careful the host is with a plugin's kernels.
package struct PluginCare: Hashable, Sendable {
  /// Whether each run is watched; see `WatchedPluginKernel`.
  package var isWatched: Bool
  /// Whether kernels run in a process of their own.
  package var isIsolated: Bool
  /// How many seconds one run may take there.
  package var patience: Double

  package init(isWatched: Bool = false, isIsolated: Bool = false, patience: Double = 60) {
    self.isWatched = isWatched
    self.isIsolated = isIsolated
    self.patience = patience
  }

  /// The kernel as it is to run.
  func kernel(
    _ kernel: any Kernel, _ inputs: [TensorType], _ outputs: [TensorType], _ place: PluginPlace
  ) throws(OperationError) -> any Kernel {
    var kernel = kernel
    if isIsolated { kernel = try IsolatedPluginKernel(kernel, inputs, outputs, place, patience: patience) }
    return isWatched ? WatchedPluginKernel(kernel: kernel, outputs: outputs, place: place) : kernel
  }
}
