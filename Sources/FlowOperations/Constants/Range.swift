import FlowGraph
import FlowKernels
import FlowTensor

/// Evenly spaced numbers.
struct ArrayRange: PreparedOperation {
  static let name = "arange"
  static let signature: Signature = "-> y"
  static let attributes = [
    Attribute<Self>("start", \.start, required: true, "the first number"),
    Attribute<Self>("stop", \.stop, required: true, "the bound, which is not reached"),
    Attribute<Self>("step", \.step, "the distance"),
    Attribute<Self>("dtype", \.dtype, "the dtype of the result"),
  ]
  static let manual = Manual(
    "The numbers start, start + step, ... before stop.", shapes: "→ y [n]", gradient: "none: it has no operands")

  var start = Scalar.whole(0)
  var stop = Scalar.whole(0)
  var step = Scalar.whole(1)
  var dtype = DType.i32

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard dtype != .bool else { throw .badAttribute("dtype", "arange: counts in numbers, not bool") }
    return [TensorType(dtype, [try count()])]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let blocks = Blocks(of: try infer(inputs)[0].knownSizes()[0])
    if let start = start.wholeSize, let step = step.wholeSize {
      return BlockKernel(blocks) { range, _, outputs in
        for index in range { outputs[0].fill(index..<index + 1, withWhole: start &+ index &* step) }
      }
    }
    let (start, step) = (start.number ?? 0, step.number ?? 1)
    return BlockKernel(blocks) { range, _, outputs in outputs[0].write(range) { start + Double($0) * step } }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] { [] }

  private func count() throws(OperationError) -> Dimension {
    if let first = start.number, let last = stop.number, let distance = step.number {
      guard distance != 0, distance.isFinite else { throw .badAttribute("step", "arange: a step is not 0") }
      let count = max(((last - first) / distance).rounded(.up), 0)
      guard let size = Int(exactly: count) else { throw .sizeOverflow }
      return Dimension(size)
    }
    guard step.number == 1, let first = start.dimension, let last = stop.dimension else { return .unknown }
    // A difference may be negative, which leaves nothing; a named size alone is not.
    return first.size == 0 && last.symbol != nil ? last : .unknown
  }
}

extension Scalar {
  fileprivate var dimension: Dimension? {
    switch self {
    case .whole(let whole): Dimension(whole)
    case .dimension(let dimension): dimension
    case .real, .boolean: nil
    }
  }

  fileprivate var wholeSize: Int? { dimension?.size }

  fileprivate var number: Double? {
    switch self {
    case .real(let real): real
    case .boolean(let flag): flag ? 1 : 0
    case .whole, .dimension: wholeSize.map { Double($0) }
    }
  }
}
