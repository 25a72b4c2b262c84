import CFlowPlugin
import FlowGraph
import FlowPlugin
import FlowTensor
import FlowTraining

/// The table of functions that every plugin receives.
///
/// SAFETY: the table is allocated once and lives as long as the process; nobody writes it. Its functions get the address of a
/// `CallContext` that is alive while the plugin's function runs, and copy what they are given.
struct HostFunctions: @unchecked Sendable {
  static let shared = HostFunctions()

  let table: UnsafePointer<flow_host>

  private init() {
    let memory = CallMemory()
    let record = UnsafeMutablePointer<flow_host>.allocate(capacity: 1)
    record.initialize(
      to: flow_host(
        struct_size: size(of: flow_host.self), abi: UInt32(FLOW_PLUGIN_ABI), reserved: 0,
        version: memory.text(engineVersion), add_operation: addOperation, add_reader: addReader, fail: failCall,
        output: addOutput, dimension: makeDimension, combine: combineDimensions, add: addNode, type: typeOfNode,
        gradient: addGradient, entry: addEntry))
    table = UnsafePointer(record)
    _ = Unmanaged.passRetained(memory)
  }
}

private let addOperation: @convention(c) (OpaquePointer?, UnsafePointer<flow_operation>?) -> Int32 = {
  registration, operation in
  Registration.of(registration)?.add(operation) ?? Int32(FLOW_FAILED)
}

private let addReader: @convention(c) (OpaquePointer?, UnsafePointer<flow_reader>?) -> Int32 = { registration, reader in
  Registration.of(registration)?.add(reader) ?? Int32(FLOW_FAILED)
}

private let failCall: @convention(c) (OpaquePointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Int32 = {
  call, reason, message, help in
  guard let call = CallContext.of(call) else { return Int32(FLOW_FAILED) }
  guard message != nil else {
    call.fault = call.hostFault
    return Int32(FLOW_FAILED)
  }
  let text = (try? Boundary.text(message, "a message")) ?? "its message is no text"
  let advice = help == nil ? nil : try? Boundary.text(help, "a help")
  call.fault = OperationError(.init(code: reason), text, help: advice)
  return Int32(FLOW_FAILED)
}

private let addOutput:
  @convention(c) (OpaquePointer?, Int32, Int32, UnsafePointer<UnsafePointer<flow_dimension>?>?) -> Int32 = {
    call, dtype, rank, dimensions in
    guard let call = CallContext.of(call) else { return Int32(FLOW_FAILED) }
    return call.serve {
      guard call.outputs.count < 1 << 16 else { throw BoundaryFault("its shape rule gives too many outputs") }
      call.outputs.append(TensorType(try Boundary.dtype(dtype), try Boundary.shape(dimensions, rank: rank)))
    }
  }

private let makeDimension: @convention(c) (OpaquePointer?, Int64) -> UnsafePointer<flow_dimension>? = { call, size in
  guard size >= 0, let call = CallContext.of(call) else { return nil }
  return call.memory.dimension(Dimension(Int(size)))
}

private let combineDimensions:
  @convention(c) (
    OpaquePointer?, CChar, UnsafePointer<flow_dimension>?, UnsafePointer<flow_dimension>?
  ) -> UnsafePointer<flow_dimension>? = { call, sign, a, b in
    guard let call = CallContext.of(call), let a = try? Boundary.dimension(a), let b = try? Boundary.dimension(b) else {
      return nil
    }
    let result: Dimension? =
      switch UnicodeScalar(UInt8(bitPattern: sign)) {
      case "+": try? a.adding(b)
      case "-": try? a.subtracting(b)
      case "*": try? a.multiplied(by: b)
      case "/": a.divided(by: b)
      default: nil
      }
    return result.map { call.memory.dimension($0) }
  }

private let addNode:
  @convention(c) (
    OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<flow_node>?, UInt64, UnsafePointer<UnsafePointer<CChar>?>?,
    UnsafePointer<UnsafePointer<flow_value>?>?, UInt64, UnsafeMutablePointer<flow_node>?, UInt64
  ) -> Int64 = { call, name, inputs, inputCount, names, attributes, attributeCount, outputs, capacity in
    guard let call = CallContext.of(call) else { return -1 }
    var results: [Value] = []
    let status = call.serve {
      guard let builder = call.builder else { throw BoundaryFault("nodes are added in 'bprop' and 'jvp' alone") }
      let operands = try Boundary.list(inputs, inputCount, limit: 1 << 20, "inputs of a node") {
        (node: flow_node) throws(BoundaryFault) in try builder.value(at: node)
      }
      let labels = try Boundary.list(names, attributeCount, limit: 4096, "attributes of a node") {
        (name: UnsafePointer<CChar>?) throws(BoundaryFault) in try Boundary.text(name, "an attribute's name")
      }
      let values = try Boundary.values(attributes, labels.count)
      let operation = try Boundary.text(name, "an operation's name")
      do throws(OperationError) {
        results = try builder.add(operation, operands, Dictionary(zip(labels, values)) { _, last in last })
      } catch {
        throw error.asRule
      }
    }
    guard status == Int32(FLOW_OK) else { return -1 }
    if let outputs {
      for (index, value) in results.prefix(Int(clamping: capacity)).enumerated() {
        outputs[index] = flow_node(value.id.int)
      }
    }
    return Int64(results.count)
  }

private let typeOfNode: @convention(c) (OpaquePointer?, flow_node) -> UnsafePointer<flow_type>? = { call, node in
  guard let call = CallContext.of(call), let value = try? call.builder?.value(at: node) else { return nil }
  return call.memory.type(value.type)
}

private let addGradient: @convention(c) (OpaquePointer?, Int32, flow_node, UnsafePointer<CChar>?) -> Int32 = {
  call, kind, node, reason in
  guard let call = CallContext.of(call) else { return Int32(FLOW_FAILED) }
  return call.serve {
    guard let builder = call.builder else { throw BoundaryFault("gradients are given in 'bprop' and 'jvp' alone") }
    switch Int(kind) {
    case FLOW_GRADIENT_VALUE: call.gradients.append(.value(try builder.value(at: node)))
    case FLOW_GRADIENT_ZERO: call.gradients.append(.zero)
    case FLOW_GRADIENT_UNDEFINED: call.gradients.append(.undefined(try Boundary.text(reason, "a reason")))
    default: throw BoundaryFault("\(kind) is no kind of gradient")
    }
  }
}

private let addEntry:
  @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32, Int32, UnsafePointer<Int64>?) -> Int32 =
    { call, name, dtype, rank, sizes in
      guard let call = CallContext.of(call) else { return Int32(FLOW_FAILED) }
      return call.serve {
        let known = try Boundary.list(sizes, UInt64(max(rank, 0)), limit: UInt64(FLOW_MAXIMUM_RANK), "axes of a tensor")
        {
          (size: Int64) throws(BoundaryFault) in
          guard size >= 0 else { throw BoundaryFault("a size is \(size)") }
          return Int(size)
        }
        let type = TensorType(try Boundary.dtype(dtype), Shape(known))
        call.entries.append((try Boundary.text(name, "a tensor's name"), type))
      }
    }

extension OperationError {
  /// As the failure of a rule that adds a node: what its author wrote wrong is the plugin's failure.
  fileprivate var asRule: OperationError {
    switch kind {
    case .unknownOperation, .wrongArity, .unknownAttribute, .missingAttribute, .badAttribute:
      OperationError(.pluginFailure, message, help: help)
    case .shapeMismatch, .dtypeMismatch, .indexOutOfRange, .sizeOverflow, .limit, .badValue, .noGradient,
      .pluginFailure:
      self
    }
  }
}

extension GraphBuilder {
  /// The value that a plugin means.
  fileprivate func value(at node: flow_node) throws(BoundaryFault) -> Value {
    guard node >= 0, node < graph.valueCount else { throw BoundaryFault("\(node) is no value of the graph") }
    return value(ValueID(Int(node)))
  }
}
