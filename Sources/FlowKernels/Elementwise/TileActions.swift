import CVectorMath
import FlowTensor

/// What is done with a tile, one thing after another: functions by themselves, and chains of cheap ones.
///
/// Cheap functions of floating numbers that follow one another are a chain: a few numbers at a time go through all of them in
/// two accumulators, and only what is read later than these can keep is written to memory.
struct TileActions: Sendable {
  enum Action: Sendable {
    /// A step, from memory to memory.
    case step(Int)
    /// An instruction of a chain; where it reads memory, what.
    case link(FlowChainCode, reads: TileProgram.Reference?)
    /// An instruction of a chain that writes the first accumulator, the value of a step, to memory.
    case store(Int)
    case endOfChain(DType)
  }

  private(set) var actions: [Action] = []

  private let steps: [TileProgram.Step]
  private let isOutput: [Bool]
  /// The last step that reads each step's result.
  private let lastReaders: [Int]
  private var isStored: [Bool]
  /// What the accumulators hold.
  private var a: TileProgram.Reference?
  private var b: TileProgram.Reference?
  /// The end of the chain that is written.
  private var end = 0

  /// Each step is at most eight instructions.
  private static let longest = Int(FlowChainLongest) / 8

  init(_ program: TileProgram) {
    steps = program.steps
    var isOutput = Array(repeating: false, count: steps.count)
    for step in program.outputs { isOutput[Int(step)] = true }
    self.isOutput = isOutput
    isStored = Array(repeating: false, count: steps.count)
    var readers = Array(repeating: -1, count: steps.count)
    for (index, step) in steps.enumerated() {
      for reference in step.operands { if let operand = reference.step { readers[operand] = index } }
    }
    lastReaders = readers
    var start = 0
    while start < steps.count {
      let length = chainLength(from: start)
      if length > 1 { chain(start..<start + length) } else { single(start) }
      start += max(length, 1)
    }
  }

  private func chainLength(from start: Int) -> Int {
    let chain = steps[start...].prefix(Self.longest).prefix { step in
      step.isChainable && step.operandDType == steps[start].operandDType
    }
    return chain.count
  }

  private mutating func single(_ step: Int) {
    actions.append(.step(step))
    isStored[step] = true
  }

  // MARK: Chains

  private mutating func chain(_ range: Range<Int>) {
    (a, b, end) = (nil, nil, range.upperBound)
    for index in range {
      let step = steps[index]
      if let code = FlowChainCode(unary: step.opcode) {
        bring(step.first, before: index)
        keepAccumulator(after: index)
        actions.append(.link(code, reads: nil))
      } else if let codes = BinaryCodes(step.opcode) {
        two(step.first, step.second, codes, index)
      }
      a = .step(index)
      if isOutput[index] || lastReaders[index] >= end { store(index) }
    }
    actions.append(.endOfChain(steps[range.lowerBound].operandDType))
  }

  private mutating func two(
    _ x: TileProgram.Reference, _ y: TileProgram.Reference, _ codes: BinaryCodes, _ index: Int
  ) {
    // One of both is brought to A: the one that is there, else the one that memory lacks.
    let isReversed = a != x && (a == y || (b == y && b != x))
    let (first, second) = isReversed ? (y, x) : (x, y)
    bring(first, before: index)
    if second == first, b != second { copy(index) }
    keepAccumulator(after: index)
    if b == second {
      actions.append(.link(isReversed ? codes.fromB : codes.withB, reads: nil))
    } else {
      actions.append(.link(isReversed ? codes.from : codes.with, reads: second))
    }
  }

  /// Has a value in A.
  private mutating func bring(_ value: TileProgram.Reference, before index: Int) {
    if a == value { return }
    if b == value {
      actions.append(.link(FlowChainSwap, reads: nil))
      swap(&a, &b)
    } else if isNeeded(a, from: index), !isNeeded(b, from: index) {
      actions.append(.link(FlowChainPush, reads: value))
      (b, a) = (a, value)
    } else {
      if isNeeded(a, from: index), let step = a?.step { store(step) }
      actions.append(.link(FlowChainLoad, reads: value))
      a = value
    }
  }

  /// Saves what A holds, which step `index` overwrites, if a later step reads it.
  private mutating func keepAccumulator(after index: Int) {
    guard a != b, isNeeded(a, from: index + 1), let step = a?.step else { return }
    if isNeeded(b, from: index) { store(step) } else { copy(index) }
  }

  /// Has in B what A holds.
  private mutating func copy(_ index: Int) {
    if isNeeded(b, from: index), let step = b?.step {
      actions.append(.link(FlowChainSwap, reads: nil))
      store(step)
      actions.append(.link(FlowChainSwap, reads: nil))
    }
    actions.append(.link(FlowChainCopy, reads: nil))
    b = a
  }

  /// Whether a value is read from step `index` on, and is nowhere in memory.
  private func isNeeded(_ value: TileProgram.Reference?, from index: Int) -> Bool {
    guard let step = value?.step else { return false }
    return !isStored[step] && lastReaders[step] >= index
  }

  private mutating func store(_ step: Int) {
    guard !isStored[step] else { return }
    actions.append(.store(step))
    isStored[step] = true
  }
}

extension TileProgram.Step {
  var operands: [TileProgram.Reference] { [first, second, third] }

  var opcode: ElementwiseOpcode? { if case .map(let opcode) = function { opcode } else { nil } }

  fileprivate var isChainable: Bool {
    guard operandDType == .f32 || operandDType == .f64, resultDType == operandDType else { return false }
    return FlowChainCode(unary: opcode) != nil || BinaryCodes(opcode) != nil
  }
}

extension FlowChainCode {
  fileprivate init?(unary opcode: ElementwiseOpcode?) {
    switch opcode {
    case .neg: self = FlowChainNegate
    case .abs: self = FlowChainAbsolute
    case .square: self = FlowChainSquare
    case .sqrt: self = FlowChainRoot
    case .reciprocal: self = FlowChainReciprocal
    case .rsqrt: self = FlowChainReciprocalRoot
    case .relu: self = FlowChainPositive
    default: return nil
    }
  }
}

/// The instructions of a function of two operands: of A and a slot or B, and the other way round.
private struct BinaryCodes {
  let (with, from, withB, fromB): (FlowChainCode, FlowChainCode, FlowChainCode, FlowChainCode)

  private static let table: [ElementwiseOpcode: BinaryCodes] = [
    .add: BinaryCodes(FlowChainAdd, FlowChainAddFrom, FlowChainAddB, FlowChainAddFromB),
    .sub: BinaryCodes(FlowChainSubtract, FlowChainSubtractFrom, FlowChainSubtractB, FlowChainSubtractFromB),
    .mul: BinaryCodes(FlowChainMultiply, FlowChainMultiplyFrom, FlowChainMultiplyB, FlowChainMultiplyFromB),
    .div: BinaryCodes(FlowChainDivide, FlowChainDivideFrom, FlowChainDivideB, FlowChainDivideFromB),
    .maximum: BinaryCodes(FlowChainMaximum, FlowChainMaximumFrom, FlowChainMaximumB, FlowChainMaximumFromB),
    .minimum: BinaryCodes(FlowChainMinimum, FlowChainMinimumFrom, FlowChainMinimumB, FlowChainMinimumFromB),
  ]

  private init(_ with: FlowChainCode, _ from: FlowChainCode, _ withB: FlowChainCode, _ fromB: FlowChainCode) {
    (self.with, self.from, self.withB, self.fromB) = (with, from, withB, fromB)
  }

  init?(_ opcode: ElementwiseOpcode?) {
    guard let opcode, let codes = Self.table[opcode] else { return nil }
    self = codes
  }
}
