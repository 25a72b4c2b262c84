package import CFlowPlugin
import FlowGraph
package import FlowTensor

/// The views of a running kernel, on both sides of the boundary.
///
/// SAFETY: views are made on the stack for the time of one call, and point at memory that the caller keeps meanwhile. Sizes are
/// 64-bit whole numbers on both sides.
package enum KernelViews {
  /// Calls `body` with the boundary's tensors, inputs before outputs.
  @inline(__always)
  package static func withTensors<Result>(
    _ groups: (TensorViews, TensorViews, TensorViews), _ outputs: MutableTensorViews,
    _ body: (UnsafeMutableBufferPointer<flow_tensor>, UnsafeMutablePointer<UnsafePointer<flow_tensor>?>) -> Result
  ) -> Result {
    let inputCount = groups.0.count + groups.1.count + groups.2.count
    let count = inputCount + outputs.count
    return withUnsafeTemporaryAllocation(of: flow_tensor.self, capacity: max(count, 1)) { records in
      withUnsafeTemporaryAllocation(of: UnsafePointer<flow_tensor>?.self, capacity: max(count, 1)) { pointers in
        guard let base = records.baseAddress, let first = pointers.baseAddress else { preconditionFailure("no memory") }
        var next = 0
        func add(_ views: TensorViews) {
          for index in 0..<views.count {
            (base + next).initialize(to: flow_tensor(views[index]))
            (first + next).initialize(to: UnsafePointer(base + next))
            next += 1
          }
        }
        add(groups.0)
        add(groups.1)
        add(groups.2)
        for index in 0..<outputs.count {
          (base + next).initialize(to: flow_tensor(outputs[index]))
          (first + next).initialize(to: UnsafePointer(base + next))
          next += 1
        }
        return body(UnsafeMutableBufferPointer(rebasing: records[..<count]), first)
      }
    }
  }

  /// Calls `body` with views of the boundary's tensors.
  @inline(__always)
  package static func withViews<Result>(
    _ tensors: UnsafePointer<UnsafePointer<flow_tensor>?>?, _ count: Int, _ body: (TensorViews) -> Result
  ) -> Result {
    withViews(tensors, count) { record, dtype, data, sizes in
      TensorView(
        address: UnsafeRawPointer(data), dtype: dtype, sizes: sizes, rank: Int(record.rank), count: Int(record.count))
    } _: {
      body(TensorViews($0, count: count))
    }
  }

  /// Calls `body` with views that are to be written.
  @inline(__always)
  package static func withMutableViews<Result>(
    _ tensors: UnsafePointer<UnsafePointer<flow_tensor>?>?, _ count: Int, _ body: (MutableTensorViews) -> Result
  ) -> Result {
    withViews(tensors, count) { record, dtype, data, sizes in
      MutableTensorView(
        address: data, dtype: dtype, sizes: sizes, rank: Int(record.rank), count: Int(record.count))
    } _: {
      body(MutableTensorViews($0, count: count))
    }
  }

  @inline(__always)
  private static func withViews<View, Result>(
    _ tensors: UnsafePointer<UnsafePointer<flow_tensor>?>?, _ count: Int,
    _ view: (flow_tensor, DType, UnsafeMutableRawPointer, UnsafePointer<Int>) -> View,
    _ body: (UnsafeMutablePointer<View>?) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: View.self, capacity: max(count, 1)) { views in
      for index in 0..<count {
        guard let record = tensors?[index]?.pointee, let data = record.data, let sizes = record.sizes else {
          preconditionFailure("a tensor without an address")
        }
        let made = view(
          record, DType(code: record.dtype) ?? .u8, data, UnsafeRawPointer(sizes).assumingMemoryBound(to: Int.self))
        (views.baseAddress.unsafelyUnwrapped + index).initialize(to: made)
      }
      return body(views.baseAddress)
    }
  }
}

extension flow_tensor {
  @inline(__always)
  package init(_ view: TensorView) {
    self.init(
      struct_size: size(of: flow_tensor.self), dtype: view.dtype.code, rank: Int32(truncatingIfNeeded: view.rank),
      sizes: UnsafeRawPointer(view.sizes).assumingMemoryBound(to: Int64.self),
      count: UInt64(truncatingIfNeeded: view.count),
      data: UnsafeMutableRawPointer(mutating: view.address))
  }

  @inline(__always)
  package init(_ view: MutableTensorView) {
    self.init(
      struct_size: size(of: flow_tensor.self), dtype: view.dtype.code, rank: Int32(truncatingIfNeeded: view.rank),
      sizes: UnsafeRawPointer(view.sizes).assumingMemoryBound(to: Int64.self),
      count: UInt64(truncatingIfNeeded: view.count),
      data: view.address)
  }
}
