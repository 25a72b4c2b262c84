import FlowGraph
import FlowKernels
import FlowTensor

/// Random whole numbers.
struct Integers: RandomOperation {
  static let name = "integers"
  static let attributes =
    [
      Attribute<Self>("low", \.low, required: true, "the least number"),
      Attribute<Self>("high", \.high, required: true, "the bound, which is not reached"),
    ] + randomAttributes
  static let manual = Manual(
    "Random whole numbers from low up to high, each as likely as any other.", shapes: drawn, gradient: notDrawn,
    source: philoxSource)

  var low = 0
  var high = 0
  var shape = Shape.scalar
  var dtype = DType.i32
  var stream = ""
  var draw = 0

  func check() throws(OperationError) {
    guard low < high else { throw .badAttribute("high", "integers: low is below high: \(low), \(high)") }
    for bound in [low, high - 1] {
      guard dtype == .i64 || Tensor([Double(bound)], [], as: dtype).doubles == [Double(bound)] else {
        throw .badAttribute("dtype", "integers: \(bound) does not fit in \(dtype.rawValue)")
      }
    }
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let (low, high) = (low, high)
    return try drawing(inputs) { range, random, output in
      RandomKernels.fillWholes(range, low: low, high: high, random, into: output)
    }
  }
}

/// The numbers from 0 up, shuffled.
struct Permutation: RandomOperation {
  static let name = "permutation"
  static let attributes = randomAttributes
  static let manual = Manual(
    "The whole numbers 0 ..< n in a random order.", shapes: "→ y [n]", gradient: notDrawn, source: philoxSource)

  var shape = Shape.scalar
  var dtype = DType.i32
  var stream = ""
  var draw = 0

  func check() throws(OperationError) {
    guard shape.rank == 1 else { throw .badAttribute("shape", "permutation: needs a shape [n], not \(shape)") }
    let last = Double(max(shape[0].size ?? 0, 1) - 1)
    guard dtype != .bool, Tensor([last], [], as: dtype).doubles == [last] else {
      throw .badAttribute("dtype", "permutation: \(shape[0]) positions do not fit in \(dtype.rawValue)")
    }
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let count = try infer(inputs)[0].knownSizes()[0]
    let stream = stream
    return BlockKernel { _, inputs, outputs in
      let order = Philox(counter: inputs[0], stream: stream).permutation(count)
      outputs[0].write(0..<count) { Double(order[$0]) }
    }
  }
}
