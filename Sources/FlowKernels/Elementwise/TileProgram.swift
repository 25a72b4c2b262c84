package import FlowTensor

/// Element-wise functions of equally many elements, one after another: what a tile kernel computes in one pass over memory.
package struct TileProgram: Hashable, Sendable {
  /// What a function reads: an input, or the result of an earlier function.
  package struct Reference: Hashable, Sendable {
    private let code: Int32

    package static func input(_ index: Int) -> Reference { Reference(code: Int32(-1 - index)) }
    package static func step(_ index: Int) -> Reference { Reference(code: Int32(index)) }

    package var input: Int? { code < 0 ? Int(-1 - code) : nil }
    package var step: Int? { code >= 0 ? Int(code) : nil }
  }

  package enum Function: Hashable, Sendable {
    case map(ElementwiseOpcode)
    case cast
  }

  /// One function of each element.
  package struct Step: Hashable, Sendable {
    let function: Function
    /// Of the operands; of `where`, of those that it chooses from.
    let operandDType: DType
    let resultDType: DType
    let first: Reference
    let second: Reference
    let third: Reference

    /// - Precondition: one to three operands; of several, `dtype` is the last one's.
    package init(_ function: Function, _ operands: [Reference], _ dtype: DType, into result: DType) {
      self.function = function
      operandDType = dtype
      resultDType = result
      first = operands[0]
      second = operands.count > 1 ? operands[1] : first
      third = operands.count > 2 ? operands[2] : second
    }
  }

  /// A tensor that is read, and how its elements meet those of the results.
  package struct Input: Hashable, Sendable {
    enum Access: Hashable, Sendable {
      /// One element for each.
      case dense
      /// One element for all.
      case scalar
      case repeated(BroadcastPlan)
    }

    let dtype: DType
    let access: Access

    /// A tensor of `sizes` that is broadcast to `shape`.
    package init(_ dtype: DType, _ sizes: [Int], into shape: [Int]) {
      self.dtype = dtype
      let plan = BroadcastPlan([sizes], into: shape)
      if plan.sizes.count > 1 {
        access = .repeated(plan)
      } else {
        access = plan.runStep(0) == 1 ? .dense : .scalar
      }
    }

    package var isRepeated: Bool { if case .repeated = access { true } else { false } }
  }

  /// The elements of each result.
  package let count: Int
  package private(set) var inputs: [Input] = []
  package private(set) var steps: [Step] = []
  /// The steps whose results are kept, in the order of the outputs.
  package private(set) var outputs: [Int32] = []

  package init(count: Int) { self.count = count }

  package mutating func add(_ input: Input) -> Reference {
    inputs.append(input)
    return .input(inputs.count - 1)
  }

  package mutating func add(_ step: Step) -> Reference {
    steps.append(step)
    return .step(steps.count - 1)
  }

  /// Whether an output may lie in an input's place: whatever reads the input comes before the output is written, and each
  /// element where it lies.
  package func mayOverwrite(input: Int, output: Int) -> Bool {
    let writer = Int(outputs[output])
    let isAlike = inputs[input].dtype.byteCount == steps[writer].resultDType.byteCount
    guard isAlike, inputs[input].access == .dense || count == 1 else { return false }
    return !steps[(writer + 1)...].contains { step in
      [step.first, step.second, step.third].contains { $0.input == input }
    }
  }

  package mutating func keep(_ step: Int) { outputs.append(Int32(step)) }
}
