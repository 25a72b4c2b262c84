import CVectorMath
package import FlowTensor

/// Functions of few numbers, one after another, with the addresses that they are called with: what kernels are in a plan that one
/// thread runs again and again.
///
/// SAFETY: addresses are those of views and a workspace that whoever makes the list keeps where they are, or writes anew with
/// `replace` before the next run; they are used by `run` only, on one thread at a time.
package struct CallList: @unchecked Sendable {
  private var calls: [FlowCall] = []

  package init() {}

  package var count: Int { calls.count }

  /// Adds a call; false, and nothing added, where there is none of these sizes.
  mutating func append(_ call: FlowCall) -> Bool {
    guard call.run != nil else { return false }
    calls.append(call)
    return true
  }

  package mutating func removeLast(_ count: Int) { calls.removeLast(count) }

  /// Writes other calls over as many of these.
  package mutating func replace(from start: Int, with others: CallList) {
    calls.replaceSubrange(start..<start + others.count, with: others.calls)
  }

  package func run(_ range: Range<Int>) {
    calls[range].withUnsafeBufferPointer { flow_run_calls($0.baseAddress, $0.count) }
  }
}

/// Work that is a few calls where it is small.
package protocol CallSource: Sendable {
  /// Adds what all blocks do; false, and perhaps some of it added, where it has to be run in another way.
  ///
  /// How many calls are added depends on the work alone, not on addresses.
  func append(
    to calls: inout CallList, _ inputs: TensorViews, into outputs: MutableTensorViews,
    workspace: UnsafeMutableRawBufferPointer
  ) -> Bool
}
