import CFlowPlugin
import FlowGraph
import FlowTensor

// The functions of a table, with the signatures of the boundary.
//
// SAFETY: pointers are valid for as many entries as are said beside them while a function runs, by the boundary's rules; what is
// kept of them is copied. A kernel's box is retained by `prepare` and released by `release` alone.

let inferFunction:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<UnsafePointer<flow_value>?>?,
    UnsafePointer<UnsafePointer<flow_type>?>?, UInt64
  ) -> Int32 = { context, call, attributes, inputs, inputCount in
    let table = OperationTable.of(context)
    return table.call(call) {
      let memory = CallMemory()
      for type in try table.operation(attributes).infer(try Boundary.types(inputs, inputCount)) {
        let status = table.host.pointee.output?(
          call, type.dtype.code, Int32(type.shape.rank), memory.dimensions(type.shape))
        guard status == Int32(FLOW_OK) else { throw OperationError.saidByHost }
      }
      return Int32(FLOW_OK)
    }
  }

let prepareFunction:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<UnsafePointer<flow_value>?>?,
    UnsafePointer<UnsafePointer<flow_type>?>?, UInt64, UnsafeMutablePointer<flow_kernel>?
  ) -> Int32 = { context, call, attributes, inputs, inputCount, target in
    let table = OperationTable.of(context)
    return table.call(call) {
      let kernel = try table.operation(attributes).prepare(try Boundary.types(inputs, inputCount))
      target?.pointee = flow_kernel(
        struct_size: size(of: flow_kernel.self), data: Unmanaged.passRetained(KernelBox(kernel, table.host)).toOpaque(),
        blocks: Int64(kernel.blocks), workspace_bytes: Int64(kernel.workspaceBytes), run: runFunction,
        release: { $0.map { Unmanaged<KernelBox>.fromOpaque($0).release() } })
      return Int32(FLOW_OK)
    }
  }

/// A kernel that the host holds.
private final class KernelBox {
  let kernel: any Kernel
  let host: UnsafePointer<flow_host>

  init(_ kernel: any Kernel, _ host: UnsafePointer<flow_host>) {
    self.kernel = kernel
    self.host = host
  }
}

private let runFunction:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, Int64, UnsafePointer<UnsafePointer<flow_tensor>?>?, UInt64,
    UnsafePointer<UnsafePointer<flow_tensor>?>?, UInt64, UnsafeMutableRawPointer?
  ) -> Int32 = { data, call, block, inputs, inputCount, outputs, outputCount, workspace in
    guard let data else { return Int32(FLOW_FAILED) }
    return Unmanaged<KernelBox>.fromOpaque(data)._withUnsafeGuaranteedRef { box in
      KernelViews.withViews(inputs, Int(inputCount)) { inputs in
        KernelViews.withMutableViews(outputs, Int(outputCount)) { outputs in
          do throws(OperationError) {
            let memory = UnsafeMutableRawBufferPointer(start: workspace, count: box.kernel.workspaceBytes)
            try box.kernel.run(block: Int(block), inputs: inputs, outputs: outputs, workspace: memory)
            return Int32(FLOW_OK)
          } catch {
            return box.host.pointee.report(error, to: call)
          }
        }
      }
    }
  }

let backwardFunction:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<UnsafePointer<flow_value>?>?,
    UnsafePointer<UnsafePointer<flow_tensor>?>?, UInt64, UnsafePointer<UnsafePointer<flow_tensor>?>?, UInt64,
    UnsafePointer<UnsafePointer<flow_tensor>?>?, UnsafePointer<UnsafePointer<flow_tensor>?>?
  ) -> Int32 = { context, call, attributes, inputs, inputCount, outputs, outputCount, gradients, targets in
    let table = OperationTable.of(context)
    return table.call(call) {
      guard let operation = try table.operation(attributes) as? any NumericBackward else {
        throw OperationError(.noGradient, "'\(table.type.name)' defines no gradient")
      }
      let outcome = KernelViews.withViews(inputs, Int(inputCount)) { inputs in
        KernelViews.withViews(outputs, Int(outputCount)) { outputs in
          KernelViews.withViews(gradients, Int(outputCount)) { gradients in
            KernelViews.withMutableViews(targets, Int(inputCount)) { targets in
              Result { () throws(OperationError) in try operation.backward(inputs, outputs, gradients, into: targets) }
            }
          }
        }
      }
      try outcome.get()
      return Int32(FLOW_OK)
    }
  }

let bpropFunction:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<UnsafePointer<flow_value>?>?, UnsafePointer<flow_node>?,
    UInt64,
    UnsafePointer<flow_node>?, UInt64, UnsafePointer<flow_node>?
  ) -> Int32 = { context, call, attributes, inputs, inputCount, outputs, outputCount, gradients in
    let (inputs, outputs) = (nodes(inputs, inputCount), nodes(outputs, outputCount))
    return applyRule(context, call, attributes, inputs, outputs, nodes(gradients, outputCount)) {
      operation, rule, given in
      try rule.give(try operation.bprop(rule.call, given))
    }
  }

let jvpFunction:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<UnsafePointer<flow_value>?>?, UnsafePointer<flow_node>?,
    UInt64,
    UnsafePointer<flow_node>?, UInt64, UnsafePointer<flow_node>?
  ) -> Int32 = { context, call, attributes, inputs, inputCount, outputs, outputCount, tangents in
    let (inputs, outputs) = (nodes(inputs, inputCount), nodes(outputs, outputCount))
    return applyRule(context, call, attributes, inputs, outputs, nodes(tangents, inputCount)) {
      operation, rule, given in
      guard let results = try operation.jvp(rule.call, given) else { return Int32(FLOW_DERIVE) }
      return try rule.give(results)
    }
  }

private typealias Nodes = UnsafeBufferPointer<flow_node>

private func nodes(_ first: UnsafePointer<flow_node>?, _ count: UInt64) -> Nodes {
  Nodes(start: first, count: Int(count))
}

/// Calls a rule that builds graph, with what the host gave for a node.
private func applyRule(
  _ context: UnsafeMutableRawPointer?, _ call: OpaquePointer?, _ attributes: UnsafePointer<UnsafePointer<flow_value>?>?,
  _ inputs: Nodes, _ outputs: Nodes, _ given: Nodes,
  _ rule: (any Operation, RuleCall, [Value]) throws -> Int32
) -> Int32 {
  let table = OperationTable.of(context)
  return table.call(call) {
    let operation = try table.operation(attributes)
    let made = try RuleCall(table.host, call, inputs, outputs)
    return try rule(operation, made, try made.mirrors(given))
  }
}

let flopsFunction:
  @convention(c) (
    UnsafeMutableRawPointer?, UnsafePointer<UnsafePointer<flow_value>?>?, UnsafePointer<UnsafePointer<flow_type>?>?,
    UInt64,
    UnsafePointer<UnsafePointer<flow_type>?>?, UInt64
  ) -> Int64 = { context, attributes, inputs, inputCount, outputs, outputCount in
    guard let operation = try? OperationTable.of(context).operation(attributes),
      let inputs = try? Boundary.types(inputs, inputCount), let outputs = try? Boundary.types(outputs, outputCount)
    else { return 0 }
    return Int64(operation.flops(inputs, outputs))
  }
