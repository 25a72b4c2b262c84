public import FlowTensor

/// An operation whose gradient is a kernel instead of a graph (symbol-to-number): first order only, and says so at second.
public protocol NumericBackward: Operation {
  /// Computes the gradients of the inputs.
  func backward(
    _ inputs: TensorViews, _ outputs: TensorViews, _ gradients: TensorViews, into inputGradients: MutableTensorViews
  ) throws(OperationError)
}

extension NumericBackward {
  public static var backwardOperation: (any Operation.Type)? { BackwardKernel<Self>.self }

  public func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let operands = call.inputs + call.outputs + gradients
    return try call.builder.add(BackwardKernel(of: self, inputCount: call.inputs.count), operands).map(Gradient.value)
  }
}

/// The node that runs a numeric backward pass.
///
/// Its inputs are the operation's inputs, outputs and output gradients; its outputs the input gradients.
struct BackwardKernel<Forward: NumericBackward>: Operation {
  static var name: String { Forward.name + "_backward" }
  static var signature: Signature { "operands... -> gradients..." }
  static var attributes: [Attribute<Self>] {
    [Attribute("inputs", \.inputCount, required: true, "how many of the operands are the operation's inputs")]
      + Forward.attributes.map { $0.lifted(to: \Self.forward) }
  }
  static var manual: Manual {
    Manual(
      "The numeric gradient of '\(Forward.name)'.", shapes: "inputs, outputs, gradients → a gradient for each input",
      gradient: "none: a numeric gradient cannot be differentiated again")
  }

  var forward: Forward
  var inputCount: Int

  init() { self.init(of: Forward(), inputCount: 0) }

  init(of forward: Forward, inputCount: Int) {
    self.forward = forward
    self.inputCount = inputCount
  }

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard inputCount >= 0, inputCount <= inputs.count, (inputs.count - inputCount).isMultiple(of: 2) else {
      throw OperationError(.wrongArity, "'\(Self.name)' needs the inputs, outputs and gradients of '\(Forward.name)'")
    }
    return Array(inputs[..<inputCount])
  }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    let outputCount = (inputs.count - inputCount) / 2
    try forward.backward(
      inputs.slice(0, inputCount), inputs.slice(inputCount, outputCount),
      inputs.slice(inputCount + outputCount, outputCount), into: outputs)
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    call.inputs.map { _ in .undefined("its gradient is a number, not a graph: first order only") }
  }
}

extension Attribute {
  /// The same attribute of an operation that holds this one's.
  func lifted<Outer>(to path: any WritableKeyPath<Outer, Owner> & Sendable) -> Attribute<Outer> {
    Attribute<Outer>(
      description: description, get: { get($0[keyPath: path]) }, set: { set(&$0[keyPath: path], $1) })
  }
}
