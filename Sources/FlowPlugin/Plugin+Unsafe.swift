import CFlowPlugin
public import FlowGraph

/// A library of operations that `flowrun` loads by name.
///
///     let plugin = Plugin("Swish", version: "1.0.0", [Swish.self])
///
///     @_cdecl("flow_plugin_query")
///     public func query() -> UnsafeRawPointer { plugin.query }
///
/// The library is called `libSwish.so`.
///
/// SAFETY: the record is allocated once, written by `init` alone, and lives as long as the process, as does the plugin, which
/// keeps itself alive; the host calls `enter` on one thread.
public final class Plugin: @unchecked Sendable {
  private let operations: [any Operation.Type]
  private let record: UnsafeMutablePointer<flow_plugin>
  private let memory = CallMemory()

  /// - Parameters:
  ///   - name: as a graph file asks for it, `plugin "Swish"`; the library is `libSwish.so`.
  ///   - version: for messages: "1.0.0".
  public init(_ name: String, version: String, _ operations: [any Operation.Type]) {
    self.operations = operations
    record = .allocate(capacity: 1)
    record.initialize(
      to: flow_plugin(
        struct_size: size(of: flow_plugin.self), magic: UInt64(FLOW_PLUGIN_MAGIC), abi: UInt32(FLOW_PLUGIN_ABI),
        reserved: 0, name: memory.text(name), version: memory.text(version), language: memory.text("Swift"),
        context: nil,
        enter: { context, host, registration in
          guard let context, let host else { return Int32(FLOW_FAILED) }
          let plugin = Unmanaged<Plugin>.fromOpaque(context).takeUnretainedValue()
          return plugin.enter(host, registration)
        }))
    record.pointee.context = Unmanaged.passRetained(self).toOpaque()
  }

  /// What `flow_plugin_query` returns.
  public var query: UnsafeRawPointer { UnsafeRawPointer(record) }

  private func enter(_ host: UnsafePointer<flow_host>, _ registration: OpaquePointer?) -> Int32 {
    for operation in operations {
      let table = OperationTable(operation, host)
      guard host.pointee.add_operation?(registration, table.kept()) == Int32(FLOW_OK) else { return Int32(FLOW_FAILED) }
    }
    return Int32(FLOW_OK)
  }
}
