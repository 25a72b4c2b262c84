import FlowGraph
import FlowTensor

/// A plan laid out for running: kernels, and the views that they are given, in one block each, in order of execution.
///
/// SAFETY: all memory is allocated by `init` and freed by `deinit`. Views hold addresses into the plan's memory, the store's
/// entries, fed tensors and the plan's constants; `attach` sets them before a run, and the session keeps these owners alive and
/// in place while it runs. Threads run steps at once only as far as the plan's schedule allows, so that no step writes what
/// another reads; each block has a workspace of its own.
final class Program: @unchecked Sendable {
  /// What a thread needs of one step.
  struct Step {
    let kernel: Int32
    let blocks: Int32
    let firstInput: Int32
    let inputCount: Int32
    let firstOutput: Int32
    let outputCount: Int32
  }

  /// The steps of a moment, and whether they are little work.
  struct Phase {
    let steps: Range<Int>
    let isSmall: Bool

    init(_ phase: Plan.Phase) {
      steps = phase.steps
      isSmall = phase.schedule.isSmall
    }
  }

  let plan: Plan
  private let stepCount: Int
  private let evaluation: Phase
  private let commit: Phase
  /// How often each step ran, where somebody wants to know.
  private(set) var firings: UnsafeMutablePointer<Int>?

  /// The plan's schedules for several threads; each made by the first run that wants it.
  private lazy var evaluationTasks = TaskTable(plan, plan.phase(.evaluation).schedule)
  private lazy var commitTasks = TaskTable(plan, plan.phase(.commit).schedule)

  private let steps: UnsafeMutablePointer<Step>
  private let kernels: UnsafeMutablePointer<any Kernel>
  private let kernelCount: Int
  private let inputs: UnsafeMutablePointer<TensorView>
  private let outputs: UnsafeMutablePointer<MutableTensorView>
  private let inputCount: Int
  private let outputCount: Int
  private let types: TypeTable
  /// The value of each output, in order.
  private let outputValues: [Int32]

  /// - Parameter recorder: what is told of every block that runs.
  init(_ plan: Plan, countsFirings: Bool, recorder: Recorder? = nil) {
    self.plan = plan
    stepCount = plan.steps.count
    evaluation = Phase(plan.phase(.evaluation))
    commit = Phase(plan.phase(.commit))
    types = TypeTable(plan.types)
    inputCount = plan.operands.count
    outputValues = plan.steps.flatMap { Array($0.results) }
    outputCount = outputValues.count
    steps = .allocate(capacity: max(stepCount, 1))
    kernelCount = recorder == nil ? plan.kernels.count : plan.steps.count
    kernels = .allocate(capacity: max(kernelCount, 1))
    inputs = .allocate(capacity: max(inputCount, 1))
    outputs = .allocate(capacity: max(outputCount, 1))
    if let recorder {
      let number = recorder.register(plan)
      for (index, step) in plan.steps.enumerated() {
        let kernel = plan.kernels[Int(step.kernel)].kernel
        (kernels + index).initialize(
          to: RecordedKernel(kernel: kernel, recorder: recorder, plan: number, step: Int32(index)))
      }
    } else {
      for (index, prepared) in plan.kernels.enumerated() { (kernels + index).initialize(to: prepared.kernel) }
    }
    if countsFirings {
      let counts = UnsafeMutablePointer<Int>.allocate(capacity: max(stepCount, 1))
      counts.initialize(repeating: 0, count: stepCount)
      firings = counts
    }
    layOut(isRecorded: recorder != nil)
  }

  deinit {
    kernels.deinitialize(count: kernelCount)
    kernels.deallocate()
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
          kernel: isRecorded ? Int32(index) : step.kernel,
          blocks: Int32(clamping: plan.kernels[Int(step.kernel)].blocks),
          firstInput: step.operands.lowerBound, inputCount: Int32(step.operands.count), firstOutput: firstOutput,
          outputCount: Int32(step.results.count)))
      firstOutput += Int32(step.results.count)
    }
  }

  /// Makes all views anew.
  ///
  /// - Parameter address: where a value lies now.
  func attach(_ address: (Int32) -> UnsafeMutableRawPointer) {
    for (position, value) in plan.operands.enumerated() {
      (inputs + position).initialize(to: types.view(plan.typeIndex(of: value), UnsafeRawPointer(address(value))))
    }
    for (position, value) in outputValues.enumerated() {
      (outputs + position).initialize(to: types.mutableView(plan.typeIndex(of: value), address(value)))
    }
  }

  /// Makes the view of one operand anew.
  func attach(_ position: Int32, to address: UnsafeRawPointer) {
    inputs[Int(position)] = types.view(plan.typeIndex(of: plan.operands[Int(position)]), address)
  }

  func phase(_ moment: Plan.Moment) -> Phase {
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
    let record = steps[step]
    try kernels[Int(record.kernel)].run(
      block: block, inputs: TensorViews(inputs + Int(record.firstInput), count: Int(record.inputCount)),
      outputs: MutableTensorViews(outputs + Int(record.firstOutput), count: Int(record.outputCount)),
      workspace: workspace)
  }

  /// Runs all blocks of a step on this thread.
  @inline(__always)
  func run(_ step: Int, workspace: UnsafeMutableRawBufferPointer) throws(OperationError) {
    for block in 0..<blocks(of: step) { try run(step, block: block, workspace: workspace) }
  }

  /// The outputs of a step, for checks.
  func outputs(of step: Int) -> MutableTensorViews {
    MutableTensorViews(outputs + Int(steps[step].firstOutput), count: Int(steps[step].outputCount))
  }

  /// Counts a step that has run; no two threads run the same one.
  @inline(__always)
  func countFiring(_ step: Int) {
    if let firings { firings[step] += 1 }
  }
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
