import FlowGraph
import FlowKernels
import FlowTensor

/// Evenly spaced numbers from one bound to the other.
struct LinearSpace: PreparedOperation {
  static let name = "linspace"
  static let signature: Signature = "-> y"
  static let attributes = [
    Attribute<Self>("start", \.start, required: true, "the first number"),
    Attribute<Self>("stop", \.stop, required: true, "the last number"),
    Attribute<Self>("count", \.count, required: true, "how many numbers"),
    Attribute<Self>("dtype", \.dtype, "the dtype of the result"),
  ]
  static let manual = Manual(
    "Evenly spaced numbers from start to stop, both included.", shapes: "→ y [count]",
    gradient: "none: it has no operands")

  var start = 0.0
  var stop = 0.0
  var count: Dimension = 0
  var dtype = DType.f32

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard dtype.isFloating else {
      throw .badAttribute("dtype", "linspace: gives floating numbers, not \(dtype.rawValue)", help: "use arange")
    }
    return [TensorType(dtype, try Self.checked([count], "count"))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let size = try infer(inputs)[0].knownSizes()[0]
    let (start, stop) = (start, stop)
    let last = max(size - 1, 1)
    return BlockKernel(Blocks(of: size)) { range, _, outputs in
      outputs[0].write(range) { index in
        let share = Double(index) / Double(last)
        return start * (1 - share) + stop * share
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] { [] }
}
