import FlowGraph
import FlowTensor
import Synchronization

/// What ran when, block by block: for profiles.
package final class Recorder: Sendable {
  /// One block of a step, in nanoseconds since the recorder was made.
  package struct Block: Sendable {
    /// An index into `plans`, and one into the plan's steps.
    package let (plan, step): (Int32, Int32)
    /// Counted as threads appear.
    package let thread: Int32
    package let (start, end): (Int64, Int64)
  }

  private struct Notes {
    var plans: [Plan] = []
    var blocks: [Block] = []
    var threads: [UInt: Int32] = [:]
  }

  private let notes = Mutex(Notes())
  private let made = ContinuousClock.now

  package init() {}

  /// The plans that were run.
  package var plans: [Plan] { notes.withLock { $0.plans } }
  /// In the order in which they ended.
  package var blocks: [Block] { notes.withLock { $0.blocks } }

  /// Forgets the blocks so far.
  package func restart() { notes.withLock { $0.blocks = [] } }

  func register(_ plan: Plan) -> Int32 {
    notes.withLock {
      $0.plans.append(plan)
      return Int32($0.plans.count - 1)
    }
  }

  func record(_ plan: Int32, _ step: Int32, since start: ContinuousClock.Instant) {
    let end = ContinuousClock.now
    let thread = SystemThread.number
    notes.withLock {
      let known = $0.threads[thread]
      let index = known ?? Int32($0.threads.count)
      if known == nil { $0.threads[thread] = index }
      $0.blocks.append(
        Block(
          plan: plan, step: step, thread: index, start: made.duration(to: start).nanoseconds,
          end: made.duration(to: end).nanoseconds))
    }
  }
}

/// A kernel that tells a recorder how long each of its blocks took.
struct RecordedKernel: Kernel {
  let kernel: any Kernel
  let recorder: Recorder
  let plan: Int32
  let step: Int32

  var blocks: Int { kernel.blocks }
  var workspaceBytes: Int { kernel.workspaceBytes }

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    let start = ContinuousClock.now
    try kernel.run(block: block, inputs: inputs, outputs: outputs, workspace: workspace)
    recorder.record(plan, step, since: start)
  }
}

extension Duration {
  fileprivate var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
