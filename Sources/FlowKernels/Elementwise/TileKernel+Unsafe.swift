import CVectorMath
package import FlowTensor

/// A tile program made ready: a few hundred elements at a time go through all of its functions while they lie in the
/// first-level cache.
///
/// SAFETY: addresses come from views whose types the program was made from, so that dense tensors hold `count` elements and
/// repeated ones what their plans read; a tile lies within its block, and the block within `count`. Slots and registers lie
/// in the workspace, whose layout and size are fixed here; each running block has its own.
package struct TileKernel: Sendable {
  /// Where a value's tile begins, and its step: 1, or 0 for one element that is repeated.
  private typealias Slot = FlowSlot

  package let blocks: Blocks
  package let workspaceBytes: Int

  private let program: TileProgram
  private let allocation: TileAllocation
  private let tileLength: Int
  /// Where each register begins in the workspace.
  private let registerOffsets: [Int]
  /// Tiles end where such a run of a repeated input does; the number of elements where there is none.
  private let runLength: Int
  private let denseInputs: [Int]
  private let repeatedInputs: [(input: Int, plan: BroadcastPlan, slot: Int)]
  /// Whether tiles are so long that every repeated input is the same in all tiles of a block.
  private let isPeriodic: Bool

  private static let longestTile = 512
  private static let registerBytes = 16 << 10
  /// Shorter runs are copied into a register, several at a time.
  private static let shortestRun = 128

  package init(_ program: TileProgram) {
    self.program = program
    allocation = TileAllocation(program)
    let width = allocation.registerWidths.reduce(0, +)
    let longest = width * Self.longestTile > Self.registerBytes ? Self.longestTile / 2 : Self.longestTile
    let period = Self.period(program)
    isPeriodic = period.map { $0 <= longest } ?? false
    tileLength = isPeriodic ? longest / (period ?? 1) * (period ?? 1) : longest
    var end = (allocation.slotCount * MemoryLayout<Slot>.stride + 63) / 64 * 64
    var offsets: [Int] = []
    for width in allocation.registerWidths {
      offsets.append(end)
      end += width * tileLength
    }
    registerOffsets = offsets
    workspaceBytes = end
    blocks = Blocks(of: program.count, each: Self.blockLength(program.steps.count))
    denseInputs = program.inputs.indices.filter { program.inputs[$0].access == .dense && program.count > 1 }
    var repeated: [(Int, BroadcastPlan, Int)] = []
    for (index, input) in program.inputs.enumerated() {
      if case .repeated(let plan) = input.access { repeated.append((index, plan, allocation.inputSlots[index])) }
    }
    repeatedInputs = repeated
    let runs = isPeriodic ? [] : repeated.map(\.1.runLength).filter { $0 >= Self.shortestRun }
    runLength = runs.min() ?? max(program.count, 1)
  }

  /// The length after which all repeated inputs are repeated.
  private static func period(_ program: TileProgram) -> Int? {
    var period: Int?
    for case .repeated(let plan) in program.inputs.map(\.access) {
      guard let next = plan.period(of: 0), period == nil || period == next else { return nil }
      period = next
    }
    return period
  }

  package func mayOverwrite(input: Int, output: Int) -> Bool { program.mayOverwrite(input: input, output: output) }

  /// Blocks take about the same time, however many functions there are.
  private static func blockLength(_ steps: Int) -> Int { steps <= 8 ? 32_768 : steps <= 24 ? 16_384 : 8_192 }

  package func run(
    block: Int, _ inputs: TensorViews, into outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(KernelFault) {
    guard let base = workspace.baseAddress else { return }
    let slots = base.bindMemory(to: Slot.self, capacity: allocation.slotCount)
    place(inputs, outputs, base, slots)
    let range = blocks[block]
    if isPeriodic { repeatInputs(range.lowerBound, tileLength, inputs, base, slots) }
    var start = range.lowerBound
    while start < range.upperBound {
      let length = min(tileLength, runLength - start % runLength, range.upperBound - start)
      move(to: start, length, inputs, outputs, base, slots)
      for instruction in allocation.instructions { try run(instruction, slots, length) }
      start += length
    }
  }

  /// Sets what is the same for every tile.
  private func place(
    _ inputs: TensorViews, _ outputs: MutableTensorViews, _ base: UnsafeMutableRawPointer,
    _ slots: UnsafeMutablePointer<Slot>
  ) {
    for index in 0..<inputs.count {
      slots[index] = Slot(address: UnsafeMutableRawPointer(mutating: inputs[index].address), step: 0)
    }
    let step = program.count == 1 ? 0 : 1
    for index in 0..<outputs.count {
      slots[allocation.inputCount + index] = Slot(address: outputs[index].address, step: step)
    }
    let first = allocation.inputCount + allocation.outputCount
    for (register, offset) in registerOffsets.enumerated() {
      slots[first + register] = Slot(address: base + offset, step: step)
    }
  }

  /// Points the slots at another tile.
  private func move(
    to start: Int, _ length: Int, _ inputs: TensorViews, _ outputs: MutableTensorViews,
    _ base: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<Slot>
  ) {
    for index in denseInputs {
      let address = inputs[index].address + start * inputs[index].dtype.byteCount
      slots[index] = Slot(address: UnsafeMutableRawPointer(mutating: address), step: 1)
    }
    for index in 0..<outputs.count {
      slots[allocation.inputCount + index].address =
        outputs[index].address + start * outputs[index].dtype.byteCount
    }
    if !isPeriodic { repeatInputs(start, length, inputs, base, slots) }
  }

  private func repeatInputs(
    _ start: Int, _ length: Int, _ inputs: TensorViews, _ base: UnsafeMutableRawPointer,
    _ slots: UnsafeMutablePointer<Slot>
  ) {
    for (input, plan, slot) in repeatedInputs {
      let register = base + registerOffsets[slot - allocation.inputCount - allocation.outputCount]
      slots[slot] = Self.tile(of: inputs[input], plan, start, length, register)
    }
  }

  /// A tile of a repeated input: where it lies in the input, if that is in one run, else gathered in a register.
  private static func tile(
    of input: TensorView, _ plan: BroadcastPlan, _ start: Int, _ length: Int, _ register: UnsafeMutableRawPointer
  ) -> Slot {
    var (run, column) = start.quotientAndRemainder(dividingBy: plan.runLength)
    let (step, width) = (plan.runStep(0), input.dtype.byteCount)
    if column + length <= plan.runLength {
      let address = input.address + (plan.offset(ofRun: run, 0) + column * step) * width
      return Slot(address: UnsafeMutableRawPointer(mutating: address), step: step)
    }
    var done = 0
    while done < length {
      let count = min(length - done, plan.runLength - column)
      let source = input.address + (plan.offset(ofRun: run, 0) + column * step) * width
      let target = register + done * width
      switch width {
      case 8: fill(UInt64.self, target, source, step, count)
      case 4: fill(UInt32.self, target, source, step, count)
      case 2: fill(UInt16.self, target, source, step, count)
      default: fill(UInt8.self, target, source, step, count)
      }
      (done, run, column) = (done + count, run + 1, 0)
    }
    return Slot(address: register, step: 1)
  }

  @inline(__always)
  private static func fill<Element>(
    _ type: Element.Type, _ target: UnsafeMutableRawPointer, _ source: UnsafeRawPointer, _ step: Int, _ count: Int
  ) {
    let (x, y) = (source.assumingMemoryBound(to: Element.self), target.assumingMemoryBound(to: Element.self))
    for i in 0..<count { y[i] = x[i * step] }
  }

  @inline(__always)
  private func run(
    _ instruction: TileAllocation.Instruction, _ slots: UnsafeMutablePointer<Slot>, _ length: Int
  ) throws(KernelFault) {
    switch instruction {
    case .call(let call): try Self.run(call, slots, length)
    case .chain(let range, let dtype):
      allocation.links.withUnsafeBufferPointer { links in
        guard let first = links.baseAddress.map({ $0 + range.lowerBound }) else { return }
        if dtype == .f64 {
          flow_chain_f64(first, range.count, slots, length)
        } else {
          flow_chain_f32(first, range.count, slots, length)
        }
      }
    }
  }

  @inline(__always)
  private static func run(
    _ call: TileAllocation.Call, _ slots: UnsafeMutablePointer<Slot>, _ length: Int
  ) throws(KernelFault) {
    func operand(_ index: Int) -> LoopOperand { LoopOperand(slots[index].address, step: slots[index].step) }
    let result = slots[call.result].address
    if let loop = call.binary {
      let (first, second) = (slots[call.first], slots[call.second])
      return loop(first.address, first.step, second.address, second.step, result, length)
    }
    if let loop = call.unary, slots[call.first].step == 1 { return loop(slots[call.first].address, result, length) }
    switch call.function {
    case .cast:
      Cast.run(operand(call.first), call.operandDType, into: result, call.resultDType, length)
    case .map(let opcode):
      switch opcode.operandCount {
      case 1: ElementwiseLoops.unary(opcode, call.operandDType, operand(call.first), result, length)
      case 2:
        try ElementwiseLoops.binary(
          opcode, call.operandDType, operand(call.first), operand(call.second), result, length)
      default:
        ElementwiseLoops.ternary(
          call.operandDType, operand(call.first), operand(call.second),
          operand(call.third), result, length)
      }
    }
  }
}
