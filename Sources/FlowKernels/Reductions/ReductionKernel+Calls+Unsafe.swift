import CVectorMath
package import FlowTensor

/// Sums and means of few numbers as calls, in the order in which `Reduce` adds.
///
/// SAFETY: as `ReductionKernel`.
extension ReductionKernel: CallSource {
  package func append(
    to calls: inout CallList, _ inputs: TensorViews, into outputs: MutableTensorViews,
    workspace: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard let sums else { return false }
    let (x, y) = (inputs[0].address, outputs[0].address)
    switch dtype {
    case .f64:
      return calls.append(
        flow_call_sums_f64(x.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self), sums))
    case .f32:
      return calls.append(
        flow_call_sums_f32(x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self), sums))
    case .f16, .bf16, .i64, .i32, .i16, .i8, .u8, .bool: return false
    }
  }

  /// nil where it is no sum, or not one of columns or rows.
  private var sums: FlowSums? {
    guard reduction == .sum || reduction == .wrappingSum || reduction == .mean, plan.reducedCount > 0,
      plan.kept.count <= 1, plan.reduced.count <= 1, plan.columns > 1 || plan.run.stride == 1
    else { return nil }
    return FlowSums(
      results: plan.resultCount, result_step: plan.kept.last?.stride ?? 1, length: plan.run.size,
      step: plan.run.stride, is_mean: reduction == .mean ? 1 : 0)
  }
}
