import CFlowPlugin
import FlowGraph
import FlowPlugin

/// What a plugin registers while it is entered.
///
/// SAFETY: the plugin receives the object's address, unretained, for the time of its `enter` alone. Records are read at once, and
/// no further than they say they go.
final class Registration {
  let origin: PluginOrigin
  private(set) var operations: [PluginTable] = []
  private(set) var readers: [PluginFormat] = []
  /// Why something was refused.
  private(set) var refusal: String?

  init(origin: PluginOrigin) { self.origin = origin }

  static func of(_ pointer: OpaquePointer?) -> Registration? {
    pointer.map { Unmanaged<Registration>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
  }

  var pointer: OpaquePointer { OpaquePointer(Unmanaged.passUnretained(self).toOpaque()) }

  func add(_ operation: UnsafePointer<flow_operation>?) -> Int32 {
    attempt {
      let table = try PluginTable(try Boundary.record(operation, "flow_operation", flow_operation()), origin: origin)
      guard !operations.contains(where: { $0.name == table.name }) else {
        throw BoundaryFault("it registers operation '\(table.name)' twice")
      }
      operations.append(table)
    }
  }

  func add(_ reader: UnsafePointer<flow_reader>?) -> Int32 {
    attempt {
      let format = try PluginFormat(try Boundary.record(reader, "flow_reader", flow_reader()), origin: origin)
      guard !readers.contains(where: { $0.name == format.name }) else {
        throw BoundaryFault("it registers reader '\(format.name)' twice")
      }
      readers.append(format)
    }
  }

  private func attempt(_ body: () throws -> Void) -> Int32 {
    do {
      try body()
      return Int32(FLOW_OK)
    } catch {
      if refusal == nil { refusal = (error as? BoundaryFault)?.message ?? "\(error)" }
      return Int32(FLOW_FAILED)
    }
  }
}
