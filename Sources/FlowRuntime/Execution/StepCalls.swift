import FlowKernels
import FlowTensor

/// Steps of a program as one thread runs them, in order: as calls where kernels have them, else by their kernels.
///
/// Used by the session's thread.
final class StepCalls {
  typealias Views = (inputs: TensorViews, outputs: MutableTensorViews)

  /// Steps one after another that run in the same way.
  struct Stretch {
    let steps: Range<Int>
    /// Empty where their kernels run.
    let calls: Range<Int>
  }

  let steps: Range<Int>
  private(set) var stretches: [Stretch] = []

  /// The kernels that may have calls, each at its place in the plan.
  private let sources: [(any CallSource)?]
  /// The kernel of each step.
  private let kernels: [Int32]
  /// Whether each step is a stretch by itself, as it must be where something is done between them.
  private let areApart: Bool
  private var list = CallList()
  /// The first call of each step.
  private var firstCalls: [Int32] = []

  init(_ phase: Plan.Phase, _ plan: Plan, areApart: Bool) {
    steps = phase.steps
    self.areApart = areApart
    sources = plan.kernels.map { $0.kernel as? any CallSource }
    kernels = plan.steps[steps].map(\.kernel)
  }

  func run(_ stretch: Stretch) { list.run(stretch.calls) }

  /// Makes all calls anew.
  func layOut(_ views: (Int) -> Views, _ workspace: UnsafeMutableRawBufferPointer) {
    (list, stretches, firstCalls) = (CallList(), [], [])
    for step in steps {
      let first = list.count
      firstCalls.append(Int32(first))
      append(step, views(step), workspace, to: &list)
      extend(by: step, first..<list.count)
    }
  }

  /// Makes one step's calls anew, whose views have moved.
  func layOut(_ step: Int, _ views: Views, _ workspace: UnsafeMutableRawBufferPointer) {
    guard steps.contains(step) else { return }
    var calls = CallList()
    append(step, views, workspace, to: &calls)
    list.replace(from: Int(firstCalls[step - steps.lowerBound]), with: calls)
  }

  private func append(
    _ step: Int, _ views: Views, _ workspace: UnsafeMutableRawBufferPointer, to calls: inout CallList
  ) {
    guard let source = sources[Int(kernels[step - steps.lowerBound])] else { return }
    let first = calls.count
    if !source.append(to: &calls, views.inputs, into: views.outputs, workspace: workspace) {
      calls.removeLast(calls.count - first)
    }
  }

  private func extend(by step: Int, _ calls: Range<Int>) {
    guard !areApart, let last = stretches.last, last.calls.isEmpty == calls.isEmpty else {
      stretches.append(Stretch(steps: step..<step + 1, calls: calls))
      return
    }
    stretches[stretches.count - 1] = Stretch(
      steps: last.steps.lowerBound..<step + 1, calls: last.calls.lowerBound..<calls.upperBound)
  }
}
