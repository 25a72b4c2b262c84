import CFlowPlugin
import FlowGraph
import FlowPlugin
import FlowTensor

/// The node that runs a plugin's numeric backward pass.
///
/// Its inputs are the operation's inputs, outputs and output gradients; its outputs the input gradients.
struct PluginBackward: Operation {
  static let name = "plugin_backward"
  static let signature: Signature = "operands... -> gradients..."
  static let manual = Manual("The numeric gradient of a plugin.", shapes: "its own", gradient: "none")

  private let table: PluginTable
  private let care: PluginCare
  /// How many operands are the operation's inputs, and then its attributes.
  private(set) var values: [AttributeValue]

  var traits: OperationTraits<PluginBackward>? { table.backwardTraits }

  /// - Precondition: never called; a plugin's operations are made from its table.
  init() { preconditionFailure("an operation of a plugin is made by its plugin") }

  init(_ forward: PluginOperation, inputCount: Int) {
    table = forward.table
    care = forward.care
    values = [.whole(inputCount)] + forward.values
  }

  static func traits(
    _ name: String, _ manual: Manual, _ attributes: [(description: AttributeDescription, standard: AttributeValue)],
    _ origin: PluginOrigin
  ) -> OperationTraits<PluginBackward> {
    let inputs = AttributeDescription(
      name: "inputs", expectation: "a whole number", isRequired: true, isHidden: false,
      help: "how many of the operands are the operation's inputs")
    return OperationTraits(
      name: "\(name)_backward", signature: signature, attributes: [(inputs, .whole(0))] + attributes,
      manual: Manual(
        "The numeric gradient of '\(name)'.", shapes: "inputs, outputs, gradients → a gradient for each input",
        gradient: "none: a numeric gradient cannot be differentiated again"),
      gradientIsNotDerivative: false, cutsGradient: false, plugin: origin.name, version: origin.version,
      values: \PluginBackward.values,
      accepts: { $0 > 0 || $1.kind == .whole })
  }

  private var inputCount: Int {
    guard case .whole(let count)? = values.first else { return 0 }
    return count
  }

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard inputCount >= 0, inputCount <= inputs.count, (inputs.count - inputCount).isMultiple(of: 2) else {
      throw OperationError(
        .wrongArity, "'\(table.name)_backward' needs the inputs, outputs and gradients of '\(table.name)'")
    }
    return Array(inputs[..<inputCount])
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try care.kernel(BackwardPluginKernel(operation: self), inputs, try infer(inputs), table.place)
  }

  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    guard let backward = table.record.backward else { return }
    let outputCount = (inputs.count - inputCount) / 2
    let call = CallContext()
    let attributes = call.memory.values(Array(values.dropFirst()))
    let groups = (
      inputs.slice(0, inputCount), inputs.slice(inputCount, outputCount),
      inputs.slice(inputCount + outputCount, outputCount)
    )
    let counts = (inputCount, outputCount)
    let outcome = KernelViews.withTensors(groups, outputs) { records, pointers in
      Result { () throws(OperationError) in
        let views = UnsafePointer(pointers)
        _ = try call.run(table.place) {
          backward(
            table.record.context, $0, attributes, views, UInt64(counts.0), views + counts.0, UInt64(counts.1),
            views + counts.0 + counts.1, views + counts.0 + 2 * counts.1)
        }
        try table.place.checkUnchanged(records, groups, outputs)
      }
    }
    try outcome.get()
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    call.inputs.map { _ in .undefined("its gradient is a number, not a graph: first order only") }
  }
}

private struct BackwardPluginKernel: Kernel {
  let operation: PluginBackward

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    try operation.forward(inputs, into: outputs)
  }
}
