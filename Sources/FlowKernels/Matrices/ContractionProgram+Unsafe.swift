package import FlowTensor

/// Sums of products of several tensors, two at a time: what each step makes is an operand of a later one, the last step's is
/// the result.
///
/// SAFETY: the workspace holds, one behind the other, what every step but the last makes and one step's own workspace.
package struct ContractionProgram: Sendable {
  package enum Work: Sendable {
    case pair(PairContraction)
    case sums(SumOfProducts)
  }

  package struct Step: Sendable {
    let work: Work
    /// Tensors given, and behind them what the steps before made.
    let operands: [Int]
    /// How many numbers it makes.
    let count: Int

    package init(_ work: Work, of operands: [Int], count: Int) {
      self.work = work
      self.operands = operands
      self.count = count
    }
  }

  private let steps: [Step]
  private let dtype: DType
  /// Where each step but the last writes, in the workspace.
  private let places: [Int]
  private let ownStart: Int
  package let workspaceBytes: Int

  /// - Precondition: there is a step.
  package init(_ steps: [Step], _ dtype: DType) {
    self.steps = steps
    self.dtype = dtype
    var places: [Int] = []
    var end = 0
    for step in steps.dropLast() {
      places.append(end)
      end += (step.count * dtype.byteCount + 63) / 64 * 64
    }
    self.places = places
    ownStart = end
    workspaceBytes = end + (steps.map { $0.work.workspaceBytes(dtype) }.max() ?? 0)
  }

  /// A single step is cut into blocks; several run one after the other.
  package var blocks: Int { steps.count == 1 ? steps[0].work.blocks : 1 }

  package func run(
    block: Int, _ inputs: TensorViews, into output: MutableTensorView, workspace: UnsafeMutableRawBufferPointer
  ) {
    let base = workspace.baseAddress
    let own = base.map { $0 + ownStart }
    for (number, step) in steps.enumerated() {
      let target = number == steps.count - 1 ? output.address : (base ?? output.address) + places[number]
      withUnsafeTemporaryAllocation(of: UnsafeRawPointer.self, capacity: max(step.operands.count, 1)) { operands in
        for (index, operand) in step.operands.enumerated() {
          let address =
            operand < inputs.count
            ? inputs[operand].address : UnsafeRawPointer((base ?? output.address) + places[operand - inputs.count])
          operands.initializeElement(at: index, to: address)
        }
        let blocks = steps.count == 1 ? block..<block + 1 : 0..<step.work.blocks
        for block in blocks { step.work.run(block: block, dtype, UnsafeBufferPointer(operands), target, own) }
      }
    }
  }
}

extension ContractionProgram.Work {
  fileprivate var blocks: Int {
    switch self {
    case .pair(let pair): pair.blocks
    case .sums(let sums): sums.blocks.count
    }
  }

  fileprivate func workspaceBytes(_ dtype: DType) -> Int {
    switch self {
    case .pair(let pair): pair.workspaceBytes(dtype)
    case .sums: 0
    }
  }

  fileprivate func run(
    block: Int, _ dtype: DType, _ operands: UnsafeBufferPointer<UnsafeRawPointer>, _ target: UnsafeMutableRawPointer,
    _ workspace: UnsafeMutableRawPointer?
  ) {
    switch self {
    case .pair(let pair):
      guard let workspace else { preconditionFailure("a contraction without its workspace") }
      pair.run(block: block, dtype, operands[0], operands[1], into: target, workspace: workspace)
    case .sums(let sums): sums.run(block: block, dtype, operands, into: target)
    }
  }
}
