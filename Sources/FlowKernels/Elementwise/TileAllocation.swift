import CVectorMath
import FlowTensor

/// Where the values of a tile program lie while a tile is computed: numbered slots for inputs, outputs and registers.
///
/// A register is memory for one tile of a value that is not kept, used again once the value has been read for the last time.
struct TileAllocation: Sendable {
  /// One function, with the slots of its operands and its result.
  struct Call: Sendable {
    let function: TileProgram.Function
    let operandDType: DType
    let resultDType: DType
    let first: Int
    let second: Int
    let third: Int
    let result: Int
    /// The loop of a function of floating numbers.
    let unary: VectorLoops.Unary?
    let binary: VectorLoops.Binary?
  }

  enum Instruction: Sendable {
    case call(Call)
    /// These of `links`, on numbers of that dtype.
    case chain(Range<Int>, DType)
  }

  private(set) var instructions: [Instruction] = []
  /// The instructions of all chains.
  private(set) var links: [FlowChainInstruction] = []
  /// The bytes of an element of each register; the first ones hold the tiles of inputs that are repeated.
  private(set) var registerWidths: [Int] = []
  let inputCount: Int
  let outputCount: Int
  /// The register of each repeated input, as a slot; else the input's own slot.
  private(set) var inputSlots: [Int]

  var slotCount: Int { inputCount + outputCount + registerWidths.count }

  private let steps: [TileProgram.Step]
  /// The slot of each step's result, -1 for none yet.
  private var slots: [Int]
  /// Registers that nobody needs any more, by width.
  private var free: [Int: [Int]] = [:]

  init(_ program: TileProgram) {
    inputCount = program.inputs.count
    outputCount = program.outputs.count
    inputSlots = Array(0..<inputCount)
    steps = program.steps
    slots = Array(repeating: -1, count: steps.count)
    for (index, step) in program.outputs.enumerated() { slots[Int(step)] = inputCount + index }
    for (index, input) in program.inputs.enumerated() where input.isRepeated {
      inputSlots[index] = newRegister(input.dtype.byteCount)
    }
    let actions = TileActions(program).actions
    let lastReads = Self.lastReads(actions, program.steps)
    var start = 0
    for (index, action) in actions.enumerated() {
      let dying = Set(action.reads(program.steps).compactMap(\.step)).filter { lastReads[$0] == index }
        .map { slots[$0] }.filter(isRegister).sorted()
      switch action {
      case .step(let step):
        place(step, over: dying)
        call(step)
      case .link(let code, let operand):
        links.append(FlowChainInstruction(code: code, slot: Int32(operand.map(slot(of:)) ?? 0)))
      case .store(let step):
        place(step, over: [])
        links.append(FlowChainInstruction(code: FlowChainStore, slot: Int32(slots[step])))
      case .endOfChain(let dtype):
        instructions.append(.chain(start..<links.count, dtype))
        start = links.count
      }
      for register in dying where !isResult(register, of: action) {
        free[width(ofRegister: register), default: []].append(register)
      }
    }
  }

  private mutating func call(_ index: Int) {
    let step = steps[index]
    let opcode = step.operandDType == .f32 || step.operandDType == .f64 ? step.opcode : nil
    instructions.append(
      .call(
        Call(
          function: step.function, operandDType: step.operandDType, resultDType: step.resultDType,
          first: slot(of: step.first), second: slot(of: step.second), third: slot(of: step.third),
          result: slots[index], unary: opcode.flatMap { VectorLoops.unary($0, step.operandDType) },
          binary: opcode.flatMap { VectorLoops.binary($0, step.operandDType) })))
  }

  /// Gives a step's result a register, unless it is an output. One that is read for the last time meanwhile serves if the widths
  /// are the same: then each element is read before it is written.
  private mutating func place(_ step: Int, over dying: [Int]) {
    guard slots[step] < 0 else { return }
    let width = steps[step].resultDType.byteCount
    let inPlace = dying.first { self.width(ofRegister: $0) == width }
    slots[step] = inPlace ?? free[width]?.popLast() ?? newRegister(width)
  }

  private func slot(of reference: TileProgram.Reference) -> Int {
    if let input = reference.input { return inputSlots[input] }
    return reference.step.map { slots[$0] } ?? 0
  }

  private func isResult(_ slot: Int, of action: TileActions.Action) -> Bool {
    if case .step(let step) = action { slots[step] == slot } else { false }
  }

  private func isRegister(_ slot: Int) -> Bool { slot >= inputCount + outputCount }
  private func width(ofRegister slot: Int) -> Int { registerWidths[slot - inputCount - outputCount] }

  private mutating func newRegister(_ width: Int) -> Int {
    registerWidths.append(width)
    return slotCount - 1
  }

  /// The action that reads each step's result from memory last.
  private static func lastReads(_ actions: [TileActions.Action], _ steps: [TileProgram.Step]) -> [Int] {
    var reads = Array(repeating: -1, count: steps.count)
    for (index, action) in actions.enumerated() {
      for reference in action.reads(steps) { if let step = reference.step { reads[step] = index } }
    }
    return reads
  }
}

extension TileActions.Action {
  /// What is read from memory.
  fileprivate func reads(_ steps: [TileProgram.Step]) -> [TileProgram.Reference] {
    switch self {
    case .step(let step): steps[step].operands
    case .link(_, let operand): operand.map { [$0] } ?? []
    case .store, .endOfChain: []
    }
  }
}
