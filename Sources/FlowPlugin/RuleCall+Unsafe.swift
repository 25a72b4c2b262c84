import CFlowPlugin
import FlowGraph
import FlowTensor

/// A rule's call: values here stand for nodes of the host's graph, and adding a node adds it there.
///
/// SAFETY: the host and the call are valid until the plugin's function returns, for the time of which this object lives.
final class RuleCall {
  private(set) var call: Call
  private let host: flow_host
  private let handle: OpaquePointer?
  /// The host's number of each value here.
  private let nodes: Nodes

  /// Shared with the builder's closure.
  private final class Nodes {
    var all: [flow_node] = []
  }

  init(
    _ host: UnsafePointer<flow_host>, _ handle: OpaquePointer?, _ inputs: UnsafeBufferPointer<flow_node>,
    _ outputs: UnsafeBufferPointer<flow_node>
  ) throws(OperationError) {
    self.host = host.pointee
    self.handle = handle
    let nodes = Nodes()
    self.nodes = nodes
    let forward = Self.forwarding(host.pointee, handle, nodes)
    call = Call(inputs: [], outputs: [], builder: GraphBuilder(forwardingTo: forward))
    call = Call(inputs: try mirrors(inputs), outputs: try mirrors(outputs), builder: call.builder)
  }

  /// Values that stand for nodes of the host.
  func mirrors(_ nodes: UnsafeBufferPointer<flow_node>) throws(OperationError) -> [Value] {
    var values: [Value] = []
    for node in nodes {
      values.append(call.builder.mirror(try Self.type(of: node, host, handle)))
      self.nodes.all.append(node)
    }
    return values
  }

  /// Hands a rule's results to the host.
  func give(_ gradients: [Gradient]) throws(OperationError) -> Int32 {
    try call.builder.throwFailure()
    for gradient in gradients {
      let status: Int32? =
        switch gradient {
        case .value(let value): host.gradient?(handle, Int32(FLOW_GRADIENT_VALUE), nodes.all[value.id.int], nil)
        case .zero: host.gradient?(handle, Int32(FLOW_GRADIENT_ZERO), 0, nil)
        case .undefined(let reason): host.gradient?(handle, Int32(FLOW_GRADIENT_UNDEFINED), 0, reason)
        }
      guard status == Int32(FLOW_OK) else { throw .saidByHost }
    }
    return Int32(FLOW_OK)
  }

  private static func type(
    of node: flow_node, _ host: flow_host, _ handle: OpaquePointer?
  ) throws(OperationError) -> TensorType {
    do {
      return try Boundary.type(host.type?(handle, node))
    } catch {
      throw OperationError(.pluginFailure, error.message)
    }
  }

  private static func forwarding(
    _ host: flow_host, _ handle: OpaquePointer?, _ nodes: Nodes
  ) -> GraphBuilder.Forwarding {
    { (name, inputs, attributes) throws(OperationError) in
      let memory = CallMemory()
      let sorted = attributes.sorted { $0.key < $1.key }
      let operands = inputs.map { nodes.all[$0.int] }
      var capacity = 8
      while true {
        var results = [flow_node](repeating: 0, count: capacity)
        let count =
          host.add?(
            handle, name, operands, UInt64(operands.count), memory.texts(sorted.map(\.key)),
            memory.values(sorted.map(\.value)), UInt64(sorted.count), &results, UInt64(capacity)) ?? -1
        guard count >= 0 else { throw .saidByHost }
        guard count <= capacity else {
          capacity = Int(count)
          continue
        }
        let added = results.prefix(Int(count))
        nodes.all += added
        return try added.map { node throws(OperationError) in try type(of: node, host, handle) }
      }
    }
  }
}
