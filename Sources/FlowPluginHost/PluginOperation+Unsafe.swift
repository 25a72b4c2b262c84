import CFlowPlugin
import FlowGraph
import FlowPlugin
import FlowTensor

/// An operation whose rules are a plugin's.
///
/// SAFETY: the table's functions get what the boundary promises: memory of the call, which outlives it, and a call that is alive.
struct PluginOperation: Operation {
  static let name = "plugin"
  static let signature: Signature = "inputs... -> outputs..."
  static let manual = Manual("An operation of a plugin.", shapes: "its own", gradient: "its own")

  let table: PluginTable
  var values: [AttributeValue]
  let care: PluginCare

  var traits: OperationTraits<PluginOperation>? { table.traits }

  /// - Precondition: never called; a plugin's operations are made from its table.
  init() { preconditionFailure("an operation of a plugin is made by its plugin") }

  init(_ table: PluginTable, care: PluginCare = PluginCare()) {
    self.table = table
    self.care = care
    values = table.traits.standardValues
  }

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard let infer = table.record.infer else { return [] }
    let call = CallContext()
    let (attributes, types) = (call.memory.values(values), call.memory.types(inputs))
    _ = try call.run(table.place) { infer(table.record.context, $0, attributes, types, UInt64(inputs.count)) }
    if let count = table.outputCount, call.outputs.count != count {
      throw table.place.completed(
        OperationError(
          .pluginFailure, "its shape rule gives \(call.outputs.count) outputs, its signature says \(count)"))
    }
    return call.outputs
  }

  /// - Precondition: never called; see `prepare`.
  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    throw table.place.completed(OperationError(.pluginFailure, "it runs through its kernel alone"))
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try care.kernel(try kernel(inputs), inputs, try infer(inputs), table.place)
  }

  private func kernel(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    guard let prepare = table.record.prepare else { return ForwardPluginKernel(self) }
    let call = CallContext()
    let (attributes, types) = (call.memory.values(values), call.memory.types(inputs))
    var record = flow_kernel()
    record.struct_size = size(of: flow_kernel.self)
    _ = try call.run(table.place) {
      prepare(table.record.context, $0, attributes, types, UInt64(inputs.count), &record)
    }
    return try PreparedPluginKernel(record, table.place)
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    guard let bprop = table.record.bprop else { return try numericGradient(call, gradients) }
    let context = CallContext(call.builder)
    let (inputs, outputs, given) = (call.inputs.nodes, call.outputs.nodes, gradients.nodes)
    let attributes = context.memory.values(values)
    _ = try context.run(table.place) {
      bprop(
        table.record.context, $0, attributes, inputs, UInt64(inputs.count), outputs, UInt64(outputs.count), given)
    }
    try checkCount(context.gradients, inputs.count, "gradients for its inputs")
    return context.gradients
  }

  func jvp(_ call: Call, _ tangents: [Value]) throws(OperationError) -> [Gradient]? {
    guard let jvp = table.record.jvp else { return nil }
    let context = CallContext(call.builder)
    let (inputs, outputs, given) = (call.inputs.nodes, call.outputs.nodes, tangents.nodes)
    let attributes = context.memory.values(values)
    let status = try context.run(table.place) {
      jvp(table.record.context, $0, attributes, inputs, UInt64(inputs.count), outputs, UInt64(outputs.count), given)
    }
    guard status != Int32(FLOW_DERIVE) else { return nil }
    try checkCount(context.gradients, outputs.count, "tangents for its outputs")
    return context.gradients
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    guard let flops = table.record.flops else { return Self.elementCount(outputs) }
    let memory = CallMemory()
    let count = flops(
      table.record.context, memory.values(values), memory.types(inputs), UInt64(inputs.count), memory.types(outputs),
      UInt64(outputs.count))
    return max(Int(count), 0)
  }

  private func numericGradient(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    guard table.backwardTraits != nil else {
      throw OperationError(.noGradient, "'\(table.name)' defines no gradient")
    }
    return try call.builder.add(
      PluginBackward(self, inputCount: call.inputs.count), call.inputs + call.outputs + gradients
    ).map(Gradient.value)
  }

  private func checkCount(_ gradients: [Gradient], _ count: Int, _ what: String) throws(OperationError) {
    guard gradients.count == count else {
      throw table.place.completed(
        OperationError(.pluginFailure, "it gives \(gradients.count) \(what), of which there are \(count)"))
    }
  }

  private static func elementCount(_ types: [TensorType]) -> Int {
    types.reduce(0) { $0 &+ ((try? $1.shape.elementCount().size) ?? 0) }
  }
}

extension [Value] {
  /// The numbers that the boundary has for them.
  fileprivate var nodes: [flow_node] { map { flow_node($0.id.int) } }
}
