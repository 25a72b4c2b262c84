import CFlowPlugin
import FlowGraph
import FlowPlugin
import FlowTensor

/// A kernel that a plugin made ready.
///
/// SAFETY: `data` belongs to the plugin and is valid until `release`, which the last copy of this kernel calls; `run` may be
/// called on several threads, by the boundary's rules. Tensors lie on the stack for the time of a call.
final class PreparedPluginKernel: Kernel, @unchecked Sendable {
  let blocks: Int
  let workspaceBytes: Int
  private let record: flow_kernel
  private let place: PluginPlace

  init(_ record: flow_kernel, _ place: PluginPlace) throws(OperationError) {
    self.record = record
    self.place = place
    blocks = Int(record.blocks)
    workspaceBytes = Int(record.workspace_bytes)
    guard record.run != nil, record.blocks >= 1, record.blocks <= 1 << 20, record.workspace_bytes >= 0,
      record.workspace_bytes <= 1 << 40
    else {
      throw place.completed(
        OperationError(
          .pluginFailure,
          "its kernel has \(record.blocks) blocks and \(record.workspace_bytes) bytes of workspace"
            + (record.run == nil ? ", and nothing to run" : "")))
    }
  }

  deinit { record.release?(record.data) }

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    guard let run = record.run else { return }
    let call = CallContext()
    let groups = (inputs, inputs.slice(0, 0), inputs.slice(0, 0))
    let outcome = KernelViews.withTensors(groups, outputs) { records, pointers in
      Result { () throws(OperationError) in
        let views = UnsafePointer(pointers)
        _ = try call.run(place) {
          run(
            record.data, $0, Int64(block), views, UInt64(inputs.count), views + inputs.count, UInt64(outputs.count),
            workspace.baseAddress)
        }
        try place.checkUnchanged(records, groups, outputs)
      }
    }
    try outcome.get()
  }
}

/// A plugin's `forward` as one block.
///
/// SAFETY: as above; attributes lie in memory that the kernel keeps.
final class ForwardPluginKernel: Kernel, @unchecked Sendable {
  private let table: PluginTable
  private let memory = CallMemory()
  private let attributes: UnsafePointer<UnsafePointer<flow_value>?>

  init(_ operation: PluginOperation) {
    table = operation.table
    attributes = memory.values(operation.values)
  }

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    guard let forward = table.record.forward else { return }
    let call = CallContext()
    let groups = (inputs, inputs.slice(0, 0), inputs.slice(0, 0))
    let outcome = KernelViews.withTensors(groups, outputs) { records, pointers in
      Result { () throws(OperationError) in
        let views = UnsafePointer(pointers)
        _ = try call.run(table.place) {
          forward(
            table.record.context, $0, attributes, views, UInt64(inputs.count), views + inputs.count,
            UInt64(outputs.count))
        }
        try table.place.checkUnchanged(records, groups, outputs)
      }
    }
    try outcome.get()
  }
}

extension PluginPlace {
  /// After a call: the tensors that the plugin was given are what they were.
  func checkUnchanged(
    _ records: UnsafeMutableBufferPointer<flow_tensor>, _ groups: (TensorViews, TensorViews, TensorViews),
    _ outputs: MutableTensorViews
  ) throws(OperationError) {
    let first = records.count - outputs.count
    for index in 0..<outputs.count where !records[first + index].matches(flow_tensor(outputs[index])) {
      throw completed(OperationError(.pluginFailure, "it changed the type or the place of its output \(index)"))
    }
  }
}

extension flow_tensor {
  @inline(__always)
  fileprivate func matches(_ other: flow_tensor) -> Bool {
    data == other.data && sizes == other.sizes && rank == other.rank && dtype == other.dtype && count == other.count
  }
}
