package import FlowGraph
import FlowTensor

/// A kernel with what a plan must know of it.
package struct PreparedKernel: Sendable {
  package let kernel: any Kernel
  package let blocks: Int
  package let workspaceBytes: Int
  /// Arithmetic operations of all blocks.
  package let flops: Int
  /// Estimated nanoseconds of all blocks on one thread.
  package let cost: Int

  init(_ operation: any Operation, _ inputs: [TensorType], _ outputs: [TensorType]) throws(OperationError) {
    kernel = try operation.prepare(inputs)
    blocks = max(kernel.blocks, 0)
    workspaceBytes = max(kernel.workspaceBytes, 0)
    flops = max(operation.flops(inputs, outputs), 0)
    let bytes = (inputs + outputs).reduce(0) { $0 + Double($1.byteCount ?? 0) }
    cost = Cost.nanoseconds(flops: Double(flops), bytes: bytes)
  }
}

/// What running costs, roughly: good enough to tell cheap nodes from dear ones and to order what is ready.
enum Cost {
  /// From which cost on, in nanoseconds, a node is worth handing to another thread.
  static let dear = 1_000
  /// Below this, in nanoseconds, a step is not worth waking anybody.
  static let worthSharing = 20_000

  private static let overhead = 20.0
  private static let flopsPerNanosecond = 16.0
  private static let bytesPerNanosecond = 8.0
  private static let limit = 1e15

  static func nanoseconds(flops: Double, bytes: Double) -> Int {
    Int(min(overhead + flops / flopsPerNanosecond + bytes / bytesPerNanosecond, limit))
  }
}

/// The kernels of a draft: nodes with the same operation and types share one.
struct KernelSelection: Sendable {
  private(set) var kernels: [PreparedKernel] = []
  /// The index in `kernels` of each node.
  private(set) var indices: [Int32] = []

  /// Estimated nanoseconds in those of some nodes that are worth handing to another thread.
  func dearWork(of nodes: Range<Int>) -> Int {
    let costs = kernels.map { $0.cost >= Cost.dear ? $0.cost : 0 }
    return indices[nodes].reduce(0) { sum, index in
      let (total, overflow) = sum.addingReportingOverflow(costs[Int(index)])
      return overflow ? .max : total
    }
  }

  init(_ draft: Draft) throws(PlanError) {
    var table = SequenceTable()
    var key: [Int32] = []
    indices.reserveCapacity(draft.nodes.count)
    for node in draft.nodes {
      key.removeAll(keepingCapacity: true)
      key.append(node.operation)
      for position in node.operands { key.append(draft.typeIndices[Int(draft.operands[position])]) }
      let (index, isNew) = table.insert(key)
      if isNew { kernels.append(try draft.kernel(of: node)) }
      indices.append(Int32(index))
    }
  }
}

extension Draft {
  func outputTypes(of node: Node) -> [TensorType] { node.results.map { type(of: Int32($0)) } }

  /// The node's kernel, made ready for its types.
  func kernel(of node: Node) throws(PlanError) -> PreparedKernel {
    do throws(OperationError) {
      return try PreparedKernel(operations[Int(node.operation)], inputTypes(of: node), outputTypes(of: node))
    } catch {
      throw .fault(fault(node, error))
    }
  }
}
