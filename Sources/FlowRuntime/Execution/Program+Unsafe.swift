import FlowGraph
import FlowTensor

/// A plan laid out for running: kernels, and the views that they are given, in one block each, in order of execution.
///
/// SAFETY: all memory is allocated by `init` and freed by `deinit`. Views hold addresses into the plan's memory, the store's
/// entries, fed tensors and the plan's constants; `attach` sets them before a run, and the session keeps these owners alive and
/// in place while it runs. Threads run steps at once only as far as the plan's schedule allows, so that no step writes what
/// another reads; each block has a workspace of its own. Boxes live as long as `kernels`.
final class Program: @unchecked Sendable {
  /// What a thread needs of one step.
  struct Step {
    let kernel: Unmanaged<KernelBox>
    let blocks: Int32
    let firstInput: Int32
    let inputCount: Int32
    let firstOutput: Int32
    let outputCount: Int32
  }

  let plan: Plan
  private let stepCount: Int
  /// What one thread does where nobody helps it.
  private let evaluation: StepCalls?
  private let commit: StepCalls?
  /// What is told of every block that runs, and the plan's number there.
  private let recording: (recorder: Recorder, plan: Int32)?
  /// How often each step ran, where somebody wants to know.
  private(set) var firings: UnsafeMutablePointer<Int>?

  /// The plan's schedules for several threads; each made by the first run that wants it.
  private lazy var evaluationTasks = TaskTable(plan, plan.phase(.evaluation).schedule)
  private lazy var commitTasks = TaskTable(plan, plan.phase(.commit).schedule)

  private let steps: UnsafeMutablePointer<Step>
  private let kernels: [KernelBox]
  private let inputs: UnsafeMutablePointer<TensorView>
  private let outputs: UnsafeMutablePointer<MutableTensorView>
  private let inputCount: Int
  private let outputCount: Int
  private let types: TypeTable
  /// The value of each output, in order.
  private let outputValues: [Int32]
  /// The step that reads each operand: operands do not lie in the order of steps, some of which the plan has put off.
  private let readers: [Int32]

  init(_ plan: Plan, _ executor: Executor) {
    self.plan = plan
    stepCount = plan.steps.count
    let recording = executor.recorder.map { (recorder: $0, plan: $0.register(plan)) }
    self.recording = recording
    let areApart = executor.options.checksNumerics || recording != nil
    let calls = { (phase: Plan.Phase) in
      executor.threads == 1 || phase.schedule.isSmall ? StepCalls(phase, plan, areApart: areApart) : nil
    }
    evaluation = calls(plan.phase(.evaluation))
    commit = calls(plan.phase(.commit))
    types = TypeTable(plan.types)
    inputCount = plan.operands.count
    outputValues = plan.steps.flatMap { Array($0.results) }
    outputCount = outputValues.count
    var readers = [Int32](repeating: 0, count: inputCount)
    for (index, step) in plan.steps.enumerated() {
      for position in step.operands { readers[Int(position)] = Int32(index) }
    }
    self.readers = readers
    steps = .allocate(capacity: max(stepCount, 1))
    inputs = .allocate(capacity: max(inputCount, 1))
    outputs = .allocate(capacity: max(outputCount, 1))
    if let (recorder, number) = recording {
      kernels = plan.steps.enumerated().map { index, step in
        let kernel = plan.kernels[Int(step.kernel)].kernel
        return KernelBox(RecordedKernel(kernel: kernel, recorder: recorder, plan: number, step: Int32(index)))
      }
    } else {
      kernels = plan.kernels.map { KernelBox($0.kernel) }
    }
    if executor.options.countsFirings {
      let counts = UnsafeMutablePointer<Int>.allocate(capacity: max(stepCount, 1))
      counts.initialize(repeating: 0, count: stepCount)
      firings = counts
    }
    layOut(isRecorded: recording != nil)
  }

  deinit {
    steps.deallocate()
    inputs.deallocate()
    outputs.deallocate()
    firings?.deallocate()
  }

  /// - Parameter isRecorded: whether each step has a kernel of its own.
  private func layOut(isRecorded: Bool) {
    var firstOutput: Int32 = 0
    for (index, step) in plan.steps.enumerated() {
      (steps + index).initialize(
        to: Step(
          kernel: .passUnretained(kernels[isRecorded ? index : Int(step.kernel)]),
          blocks: Int32(clamping: plan.kernels[Int(step.kernel)].blocks),
          firstInput: step.operands.lowerBound, inputCount: Int32(step.operands.count), firstOutput: firstOutput,
          outputCount: Int32(step.results.count)))
      firstOutput += Int32(step.results.count)
    }
  }

  /// Makes all views anew, and the calls of what one thread runs.
  ///
  /// - Parameters:
  ///   - workspace: that of the session's thread.
  ///   - address: where a value lies now.
  func attach(_ workspace: UnsafeMutableRawBufferPointer, _ address: (Int32) -> UnsafeMutableRawPointer) {
    for (position, value) in plan.operands.enumerated() {
      (inputs + position).initialize(to: types.view(plan.typeIndex(of: value), UnsafeRawPointer(address(value))))
    }
    for (position, value) in outputValues.enumerated() {
      (outputs + position).initialize(to: types.mutableView(plan.typeIndex(of: value), address(value)))
    }
    for calls in [evaluation, commit] { calls?.layOut(views, workspace) }
  }

  /// Makes the view of one operand anew, and the calls of the step that reads it.
  func attach(_ position: Int32, to address: UnsafeRawPointer, _ workspace: UnsafeMutableRawBufferPointer) {
    inputs[Int(position)] = types.view(plan.typeIndex(of: plan.operands[Int(position)]), address)
    let step = Int(readers[Int(position)])
    evaluation?.layOut(step, views(of: step), workspace)
    commit?.layOut(step, views(of: step), workspace)
  }

  private func views(of step: Int) -> StepCalls.Views {
    let record = steps[step]
    return (
      TensorViews(inputs + Int(record.firstInput), count: Int(record.inputCount)),
      MutableTensorViews(outputs + Int(record.firstOutput), count: Int(record.outputCount))
    )
  }

  /// The steps of a moment as one thread runs them; nil where they are enough work for several.
  func calls(_ moment: Plan.Moment) -> StepCalls? {
    switch moment {
    case .evaluation: evaluation
    case .commit: commit
    }
  }

  func tasks(_ moment: Plan.Moment) -> TaskTable {
    switch moment {
    case .evaluation: evaluationTasks
    case .commit: commitTasks
    }
  }

  @inline(__always)
  func blocks(of step: Int) -> Int { Int(steps[step].blocks) }

  /// Runs one block of a step.
  @inline(__always)
  func run(_ step: Int, block: Int, workspace: UnsafeMutableRawBufferPointer) throws(OperationError) {
    let views = views(of: step)
    // What is called back keeps no type of error; a result does.
    let outcome = steps[step].kernel._withUnsafeGuaranteedRef { box in
      Result { () throws(OperationError) in
        try box.kernel.run(block: block, inputs: views.inputs, outputs: views.outputs, workspace: workspace)
      }
    }
    try outcome.get()
  }

  /// Runs a stretch that is calls.
  @inline(__always)
  func run(_ stretch: StepCalls.Stretch, of calls: StepCalls) {
    guard let (recorder, number) = recording else { return calls.run(stretch) }
    let start = ContinuousClock.now
    calls.run(stretch)
    recorder.record(number, Int32(stretch.steps.lowerBound), since: start)
  }

  /// Runs all blocks of a step on this thread.
  @inline(__always)
  func run(_ step: Int, workspace: UnsafeMutableRawBufferPointer) throws(OperationError) {
    for block in 0..<blocks(of: step) { try run(step, block: block, workspace: workspace) }
  }

  /// The outputs of a step, for checks.
  func outputs(of step: Int) -> MutableTensorViews { views(of: step).outputs }

  /// Counts a step that has run; no two threads run the same one.
  @inline(__always)
  func countFiring(_ step: Int) {
    if let firings { firings[step] += 1 }
  }
}

/// A kernel at an address of its own, from which it can be called without a copy.
final class KernelBox: Sendable {
  let kernel: any Kernel

  init(_ kernel: any Kernel) { self.kernel = kernel }
}

/// The sizes of a plan's types, in memory that does not move.
///
/// SAFETY: written by `init` only, freed with the object, which the program that hands out views keeps.
private final class TypeTable: Sendable {
  private struct Row: Sendable {
    let dtype: DType
    let firstSize: Int
    let rank: Int
    let count: Int
  }

  private let rows: [Row]
  private let memory: OwnedMemory

  init(_ types: [TensorType]) {
    var rows: [Row] = []
    var all: [Int] = []
    for type in types {
      let sizes = type.shape.sizes ?? []
      rows.append(
        Row(
          dtype: type.dtype, firstSize: all.count, rank: sizes.count,
          count: type.byteCount.map { $0 / type.dtype.byteCount } ?? 0))
      all += sizes
    }
    self.rows = rows
    memory = OwnedMemory(byteCount: all.count * MemoryLayout<Int>.stride)
    all.withUnsafeBytes { memory.bytes.copyMemory(from: $0) }
  }

  func view(_ index: Int, _ address: UnsafeRawPointer) -> TensorView {
    let row = rows[index]
    return TensorView(
      address: address, dtype: row.dtype, sizes: sizes(row), rank: row.rank, count: row.count)
  }

  func mutableView(_ index: Int, _ address: UnsafeMutableRawPointer) -> MutableTensorView {
    let row = rows[index]
    return MutableTensorView(
      address: address, dtype: row.dtype, sizes: sizes(row), rank: row.rank, count: row.count)
  }

  private func sizes(_ row: Row) -> UnsafePointer<Int> {
    UnsafePointer(memory.address.assumingMemoryBound(to: Int.self)) + row.firstSize
  }
}
