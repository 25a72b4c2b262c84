import CVectorMath
package import FlowTensor

/// A tile program of few elements as calls: each function is one, and each result that is not kept has memory of its own.
///
/// SAFETY: addresses come from views whose types the program was made from; registers lie in the workspace, whose size is what
/// `workspaceBytes` says.
package struct TileCalls: Sendable {
  package let workspaceBytes: Int

  private let program: TileProgram
  /// Where the values of repeated inputs and of steps begin in the workspace; -1 for those that lie elsewhere.
  private let inputOffsets: [Int]
  private let stepOffsets: [Int]

  private static let mostElements = 512
  private static let mostBytes = 16 << 10

  /// nil where the program has many elements, or functions that have no call.
  package init?(_ program: TileProgram) {
    guard (1...Self.mostElements).contains(program.count), program.steps.allSatisfy(Self.isCallable) else { return nil }
    self.program = program
    var end = 0
    func room(_ dtype: DType) -> Int {
      defer { end += (program.count * dtype.byteCount + 63) / 64 * 64 }
      return end
    }
    inputOffsets = program.inputs.map { $0.isRepeated ? room($0.dtype) : -1 }
    let kept = Set(program.outputs.map(Int.init))
    stepOffsets = program.steps.indices.map { kept.contains($0) ? -1 : room(program.steps[$0].resultDType) }
    workspaceBytes = end
    guard end <= Self.mostBytes, program.inputs.allSatisfy(Self.isCallable) else { return nil }
  }

  private static func isCallable(_ step: TileProgram.Step) -> Bool {
    switch step.function {
    case .cast: step.operandDType == .bool && (step.resultDType == .f32 || step.resultDType == .f64)
    case .map(.where): true
    case .map(let opcode):
      (step.operandDType == .f32 || step.operandDType == .f64)
        && (opcode.operandCount == 1
          ? VectorLoops.unary(opcode, step.operandDType) != nil : VectorLoops.binary(opcode, step.operandDType) != nil)
    }
  }

  private static func isCallable(_ input: TileProgram.Input) -> Bool {
    if case .repeated(let plan) = input.access { plan.sizes.count == 2 } else { true }
  }
}

extension TileCalls: CallSource {
  package func append(
    to calls: inout CallList, _ inputs: TensorViews, into outputs: MutableTensorViews,
    workspace: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard let base = workspace.baseAddress, workspace.count >= workspaceBytes else { return false }
    let places = Places(
      inputs: program.inputs.indices.map { place(ofInput: $0, inputs, base) },
      steps: program.steps.indices.map { place(ofStep: $0, outputs, base) })
    for (index, input) in program.inputs.enumerated() {
      guard case .repeated(let plan) = input.access else { continue }
      let call = flow_call_repetition(
        inputs[index].address, plan.offset(ofRun: 1, 0), plan.runStep(0), base + inputOffsets[index], plan.sizes[0],
        plan.sizes[1], input.dtype.byteCount)
      guard calls.append(call) else { return false }
    }
    for (index, step) in program.steps.enumerated() {
      guard let call = self.call(step, places, into: places.steps[index].mutable), calls.append(call) else {
        return false
      }
    }
    return true
  }

  /// Where values lie.
  private struct Places {
    let inputs: [LoopOperand]
    let steps: [LoopOperand]

    subscript(reference: TileProgram.Reference) -> LoopOperand? {
      reference.input.map { inputs[$0] } ?? reference.step.map { steps[$0] }
    }
  }

  private func place(ofInput index: Int, _ inputs: TensorViews, _ base: UnsafeMutableRawPointer) -> LoopOperand {
    switch program.inputs[index].access {
    case .dense: LoopOperand(inputs[index].address)
    case .scalar: LoopOperand(inputs[index].address, step: program.count == 1 ? 1 : 0)
    case .repeated: LoopOperand(base + inputOffsets[index])
    }
  }

  private func place(ofStep index: Int, _ outputs: MutableTensorViews, _ base: UnsafeMutableRawPointer) -> LoopOperand {
    let output = program.outputs.firstIndex(of: Int32(index))
    return LoopOperand(output.map { outputs[$0].address } ?? base + stepOffsets[index])
  }

  private func call(
    _ step: TileProgram.Step, _ places: Places, into y: UnsafeMutableRawPointer
  ) -> FlowCall? {
    guard let first = places[step.first], let second = places[step.second], let third = places[step.third] else {
      return nil
    }
    let count = program.count
    switch step.function {
    case .cast:
      guard first.step == 1 else { return nil }
      return step.resultDType == .f32
        ? flow_call_numbers_f32(first.address, y.assumingMemoryBound(to: Float.self), count)
        : flow_call_numbers_f64(first.address, y.assumingMemoryBound(to: Double.self), count)
    case .map(.where):
      return flow_call_choice(
        first.address, first.step, second.address, second.step, third.address, third.step, y, count,
        step.resultDType.byteCount)
    case .map(let opcode):
      return FlowCall(opcode, step.operandDType, first, second, into: y, count)
    }
  }
}

extension FlowCall {
  /// A function of floating numbers; nil where it has no loop.
  init?(
    _ opcode: ElementwiseOpcode, _ dtype: DType, _ first: LoopOperand, _ second: LoopOperand,
    into y: UnsafeMutableRawPointer, _ count: Int
  ) {
    guard dtype == .f32 || dtype == .f64 else { return nil }
    if let loop = VectorLoops.binary(opcode, dtype) {
      self = flow_call_binary(loop, first.address, first.step, second.address, second.step, y, count)
    } else if let loop = VectorLoops.unary(opcode, dtype), first.step == 1 {
      self = flow_call_unary(loop, first.address, y, count)
    } else {
      return nil
    }
  }
}

extension LoopOperand {
  fileprivate var mutable: UnsafeMutableRawPointer { UnsafeMutableRawPointer(mutating: address) }
}
