import CFlowGuard
import CFlowPlugin
import FlowGraph
import FlowPlugin
import FlowTensor

/// One call of a plugin's function: what the host's functions that it calls leave here.
///
/// SAFETY: the plugin receives the object's address, unretained; `run` keeps the object until the plugin's function has
/// returned, and a plugin may not use a call afterwards, by the boundary's rules. Used by one thread.
final class CallContext {
  let memory = CallMemory()
  /// Where the rule of a gradient adds its nodes.
  let builder: GraphBuilder?
  var outputs: [TensorType] = []
  var gradients: [Gradient] = []
  var entries: [(name: String, type: TensorType)] = []
  /// What `fail` was told.
  var fault: OperationError?
  /// What a function of the host said that the plugin called.
  var hostFault: OperationError?

  init(_ builder: GraphBuilder? = nil) { self.builder = builder }

  static func of(_ pointer: OpaquePointer?) -> CallContext? {
    pointer.map { Unmanaged<CallContext>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
  }

  /// Calls a function of a plugin; a trap in it is reported as one of `place`.
  ///
  /// - Returns: what the function returned, where that is success.
  func run(_ place: PluginPlace, _ body: (OpaquePointer) -> Int32) throws(OperationError) -> Int32 {
    let status = withExtendedLifetime(self) {
      let before = flow_guard_enter(place.text)
      defer { _ = flow_guard_enter(before) }
      return body(OpaquePointer(Unmanaged.passUnretained(self).toOpaque()))
    }
    switch Int(status) {
    case FLOW_OK, FLOW_DERIVE: return status
    case FLOW_FAILED: throw place.completed(fault ?? OperationError(.pluginFailure, "it failed without saying why"))
    default: throw place.completed(OperationError(.pluginFailure, "a function returned \(status), which means nothing"))
    }
  }

  /// Remembers why a function of the host refused what it was given.
  func refuse(_ error: OperationError) -> Int32 {
    hostFault = error
    return Int32(FLOW_FAILED)
  }

  /// Runs `body`; what it throws is remembered.
  func serve(_ body: () throws -> Void) -> Int32 {
    do {
      try body()
      return Int32(FLOW_OK)
    } catch let error as OperationError {
      return refuse(error)
    } catch {
      let text = (error as? BoundaryFault)?.message ?? "\(error)"
      return refuse(OperationError(.pluginFailure, text))
    }
  }
}

/// What a message calls the code of a plugin.
///
/// SAFETY: the text is allocated once and lives as long as the process, as a signal may ask for it at any time.
struct PluginPlace: @unchecked Sendable {
  /// "operation 'swish' of plugin Swish 1.0.0".
  let name: String
  let text: UnsafePointer<CChar>

  init(_ name: String) {
    self.name = name
    let bytes = name.utf8CString
    let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { (memory + index).initialize(to: byte) }
    text = UnsafePointer(memory)
  }

  /// An error that says whose failure it is, where it is the plugin's.
  func completed(_ error: OperationError) -> OperationError {
    guard error.kind == .pluginFailure else { return error }
    var completed = error
    completed.message = "\(name): \(error.message)"
    return completed
  }
}
