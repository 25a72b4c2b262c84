import FlowTensor

/// Where the values of a tile program lie while a tile is computed: numbered slots for inputs, outputs and registers.
///
/// A register is memory for one tile of a value that is not kept, used again once the value has been read for the last time.
struct TileAllocation: Sendable {
  /// One function, with the slots of its operands and its result.
  struct Instruction: Sendable {
    let function: TileProgram.Function
    let operandDType: DType
    let resultDType: DType
    let first: Int
    let second: Int
    let third: Int
    let result: Int
  }

  private(set) var instructions: [Instruction] = []
  /// The bytes of an element of each register; the first ones hold the tiles of inputs that are repeated.
  private(set) var registerWidths: [Int] = []
  let inputCount: Int
  let outputCount: Int
  /// The register of each repeated input, as a slot; else the input's own slot.
  private(set) var inputSlots: [Int]

  var slotCount: Int { inputCount + outputCount + registerWidths.count }

  init(_ program: TileProgram) {
    inputCount = program.inputs.count
    outputCount = program.outputs.count
    inputSlots = Array(0..<inputCount)
    for (index, input) in program.inputs.enumerated() where input.isRepeated {
      inputSlots[index] = newRegister(input.dtype.byteCount)
    }
    var slots = Array(repeating: -1, count: program.steps.count)
    for (index, step) in program.outputs.enumerated() { slots[Int(step)] = inputCount + index }
    let lastUses = Self.lastUses(program)
    var free: [Int: [Int]] = [:]
    for (index, step) in program.steps.enumerated() {
      let operands = [step.first, step.second, step.third].map { slot(of: $0, slots) }
      let dying = Self.dying(step, index, lastUses).map { slots[$0] }.filter { isRegister($0) }
      let width = step.resultDType.byteCount
      if slots[index] < 0 {
        // In place only where the widths are the same: then each element is read before it is written.
        let inPlace = dying.first { self.width(ofRegister: $0) == width }
        slots[index] = inPlace ?? free[width]?.popLast() ?? newRegister(width)
      }
      for register in dying where register != slots[index] {
        free[self.width(ofRegister: register), default: []].append(register)
      }
      instructions.append(
        Instruction(
          function: step.function, operandDType: step.operandDType, resultDType: step.resultDType, first: operands[0],
          second: operands[1], third: operands[2], result: slots[index]))
    }
  }

  private func slot(of reference: TileProgram.Reference, _ slots: [Int]) -> Int {
    if let input = reference.input { return inputSlots[input] }
    return reference.step.map { slots[$0] } ?? 0
  }

  private func isRegister(_ slot: Int) -> Bool { slot >= inputCount + outputCount }
  private func width(ofRegister slot: Int) -> Int { registerWidths[slot - inputCount - outputCount] }

  private mutating func newRegister(_ width: Int) -> Int {
    registerWidths.append(width)
    return slotCount - 1
  }

  /// The step that reads each result last.
  private static func lastUses(_ program: TileProgram) -> [Int] {
    var uses = Array(repeating: -1, count: program.steps.count)
    for (index, step) in program.steps.enumerated() {
      for reference in [step.first, step.second, step.third] {
        if let operand = reference.step { uses[operand] = index }
      }
    }
    return uses
  }

  /// The results that a step is the last to read, each once.
  private static func dying(_ step: TileProgram.Step, _ index: Int, _ lastUses: [Int]) -> [Int] {
    var dying: [Int] = []
    for reference in [step.first, step.second, step.third] {
      if let operand = reference.step, lastUses[operand] == index, !dying.contains(operand) { dying.append(operand) }
    }
    return dying
  }
}
