import FlowGraph
import FlowTensor

extension Draft {
  /// Fails at the first node of which one result alone is larger than the machine's memory, before its kernel is made.
  func checkMemory() throws(PlanError) {
    for node in nodes {
      for type in outputTypes(of: node) {
        let bytes = type.byteCount ?? .max
        guard bytes > Machine.memoryByteCount else { continue }
        let message = "\(type) takes \(bytes) bytes; this machine has \(Machine.memoryByteCount)"
        throw .fault(fault(node, OperationError(.limit, message)))
      }
    }
  }
}

extension Plan {
  /// Fails where the values of one step together are larger than the machine's memory.
  func checkMemory() throws(PlanError) {
    guard statistics.totalBytes <= Machine.memoryByteCount else { throw .tooLarge }
  }
}
