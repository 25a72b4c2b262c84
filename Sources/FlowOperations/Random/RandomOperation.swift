import FlowGraph
import FlowKernels
import FlowTensor

/// An operation that gives random numbers: a pure function of the seed and step that the engine supplies, and its stream.
protocol RandomOperation: PreparedOperation {
  var shape: Shape { get set }
  var dtype: DType { get set }
  var stream: String { get set }
  var draw: Int { get set }
  /// Throws where an attribute makes no sense.
  func check() throws(OperationError)
}

extension RandomOperation {
  static var signature: Signature { "(counter) -> y" }

  /// The attributes that every random operation ends with.
  static var randomAttributes: [Attribute<Self>] {
    [
      Attribute("shape", \.shape, "the sizes of the result"),
      Attribute("dtype", \.dtype, "the dtype of the result"),
      Attribute("stream", \.stream, "what the numbers are for: others are independent; given by the engine"),
      Attribute("draw", \.draw, "which of several times the same numbers are drawn; given by the engine"),
    ]
  }

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard inputs.first == TensorType(.i64, [2]) else {
      throw .shapeMismatch("\(Self.name): the counter is i64[2], not \(inputs.first.map { "\($0)" } ?? "nothing")")
    }
    try check()
    return [TensorType(dtype, try Self.checked(shape))]
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] { [.zero] }

  func expectFloatingResult() throws(OperationError) {
    guard dtype.isFloating else {
      throw .badAttribute("dtype", "\(Self.name): gives floating numbers, not \(dtype.rawValue)")
    }
  }

  /// A kernel that writes a range with the random numbers of this stream.
  func drawing(
    _ inputs: [TensorType], _ write: @escaping @Sendable (Range<Int>, Philox, MutableTensorView) -> Void
  ) throws(OperationError) -> any Kernel {
    let stream = stream
    return BlockKernel(Blocks(of: try infer(inputs)[0].knownSizes().reduce(1, *), each: 8192)) {
      range, inputs, outputs in
      write(range, Philox(counter: inputs[0], stream: stream), outputs[0])
    }
  }

  func drawing(_ inputs: [TensorType], _ distribution: Distribution) throws(OperationError) -> any Kernel {
    try drawing(inputs) { range, random, output in RandomKernels.fill(range, distribution, random, into: output) }
  }
}

extension Philox {
  /// - Parameter counter: the seed and the step.
  init(counter: TensorView, stream: String) {
    self.init(seed: Int64(counter.whole(0)), stream: stream, step: Int64(counter.whole(1)))
  }
}

let drawn = "→ y [shape]"
let notDrawn = "none: random numbers are constants"
