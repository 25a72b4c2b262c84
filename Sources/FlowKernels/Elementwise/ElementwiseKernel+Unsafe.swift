import CVectorMath
package import FlowTensor

/// An element-wise function of whole tensors, broadcast as NumPy does, for fixed shapes.
///
/// SAFETY: addresses come from views, whose counts match the plan's shapes; each run stays within them, for the plan was
/// made from the same shapes.
package struct ElementwiseKernel: Sendable {
  private let opcode: ElementwiseOpcode
  private let plan: BroadcastPlan
  package let blocks: Blocks

  package init(_ opcode: ElementwiseOpcode, _ operands: [[Int]], into output: [Int]) {
    self.opcode = opcode
    plan = BroadcastPlan(operands, into: output)
    blocks = Blocks(of: plan.count)
  }

  package func run(block: Int, _ inputs: TensorViews, into output: MutableTensorView) throws(KernelFault) {
    let range = blocks[block]
    var start = range.lowerBound
    while start < range.upperBound {
      let (run, column) = start.quotientAndRemainder(dividingBy: plan.runLength)
      let length = min(plan.runLength - column, range.upperBound - start)
      let result = output.address + start * output.dtype.byteCount
      switch opcode.operandCount {
      case 1:
        ElementwiseLoops.unary(opcode, inputs[0].dtype, operand(0, inputs, run, column), result, length)
      case 2:
        try ElementwiseLoops.binary(
          opcode, inputs[0].dtype, operand(0, inputs, run, column), operand(1, inputs, run, column), result, length)
      default:
        ElementwiseLoops.ternary(
          inputs[1].dtype, operand(0, inputs, run, column), operand(1, inputs, run, column),
          operand(2, inputs, run, column), result, length)
      }
      start += length
    }
  }

  private func operand(_ index: Int, _ inputs: TensorViews, _ run: Int, _ column: Int) -> LoopOperand {
    let step = plan.runStep(index)
    let offset = plan.offset(ofRun: run, index) + column * step
    return LoopOperand(inputs[index].address + offset * inputs[index].dtype.byteCount, step: step)
  }
}

extension ElementwiseKernel: CallSource {
  package func append(
    to calls: inout CallList, _ inputs: TensorViews, into outputs: MutableTensorViews,
    workspace: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard blocks.count == 1, plan.sizes.count == 1, plan.count > 0, opcode.operandCount < 3 else { return false }
    func operand(_ index: Int) -> LoopOperand {
      LoopOperand(inputs[index].address, step: plan.count == 1 ? 1 : plan.runStep(index))
    }
    let (first, last) = (operand(0), operand(plan.operandCount - 1))
    return FlowCall(opcode, inputs[0].dtype, first, last, into: outputs[0].address, plan.count).map {
      calls.append($0)
    } ?? false
  }
}
