package import FlowGraph
package import FlowTensor

/// Runs a graph node by node, as plainly as can be: what tests hold the real executor's results, and the operations' own, against.
package struct Evaluator {
  /// In what order the blocks of a kernel run.
  package enum BlockOrder: Sendable, CaseIterable { case forwards, backwards }

  private var values: [ValueID: Tensor] = [:]
  private let order: BlockOrder

  /// Computes every value of a graph.
  ///
  /// - Parameter feeds: the variables' values by name.
  package init(_ graph: Graph, _ feeds: [String: Tensor], order: BlockOrder = .forwards) throws(OperationError) {
    self.order = order
    var sizes: [String: Int] = [:]
    for variable in graph.variables {
      guard let tensor = feeds[variable.name] else { continue }
      values[variable.value] = tensor
      for (dimension, size) in zip(variable.type.shape, tensor.sizes) {
        if let symbol = dimension.symbol { sizes[symbol] = size }
      }
    }
    for node in graph.nodes {
      guard let index = node.operation else { continue }
      try run(graph.operations[index], node, graph, &sizes)
    }
  }

  package subscript(value: ValueID) -> Tensor? { values[value] }

  private mutating func run(
    _ operation: some Operation, _ node: Graph.Node, _ graph: Graph, _ sizes: inout [String: Int]
  ) throws(OperationError) {
    var inputs: [Tensor] = []
    for operand in graph.operands(of: node) {
      guard let tensor = values[operand] else {
        throw .badValue("'\(graph.title(of: operand))' has no value to compute with")
      }
      inputs.append(tensor)
    }
    let known = sizes
    let bound = try operation.renamingDimensions { known[$0].map { Dimension($0) } }
    let outputs = try Self.run(bound, inputs, order)
    for (result, tensor) in zip(node.results, outputs) {
      values[ValueID(result)] = tensor
      for (dimension, size) in zip(graph.type(of: ValueID(result)).shape, tensor.sizes) {
        if let symbol = dimension.symbol { sizes[symbol] = size }
      }
    }
  }

  /// Runs one operation into memory between guard bytes, which must stay as they are.
  ///
  /// SAFETY: the outputs' views lie within blocks allocated here for the sizes that `infer` gave, and so do the sizes that
  /// they point to; all live until the results have been copied.
  package static func run(
    _ operation: some Operation, _ inputs: [Tensor], _ order: BlockOrder = .forwards
  ) throws(OperationError) -> [Tensor] {
    let types = inputs.map(\.type)
    return try run(try operation.prepare(types), inputs, try operation.infer(types), order)
  }

  /// Runs a kernel the same way.
  ///
  /// SAFETY: as above, for the sizes in `outputTypes`.
  package static func run(
    _ kernel: any Kernel, _ inputs: [Tensor], _ outputTypes: [TensorType], _ order: BlockOrder = .forwards
  ) throws(OperationError) -> [Tensor] {
    let memory = outputTypes.map { GuardedMemory($0, filledWith: order == .forwards ? 0xA5 : 0x5A) }
    defer { for block in memory { block.deallocate() } }
    let views = memory.map(\.view)
    let workspace = UnsafeMutableRawBufferPointer.allocate(byteCount: max(kernel.workspaceBytes, 1), alignment: 64)
    defer { workspace.deallocate() }
    try Tensor.withViews(of: inputs) { (inputs: TensorViews) throws(OperationError) in
      let outcome = views.withUnsafeBufferPointer { buffer -> Result<Void, OperationError> in
        let outputs = MutableTensorViews(buffer.baseAddress, count: buffer.count)
        do throws(OperationError) {
          for block in 0..<kernel.blocks {
            let index = order == .forwards ? block : kernel.blocks - 1 - block
            try kernel.run(block: index, inputs: inputs, outputs: outputs, workspace: workspace)
          }
          return .success(())
        } catch {
          return .failure(error)
        }
      }
      try outcome.get()
    }
    return try memory.map { block throws(OperationError) in
      guard block.isIntact else { throw .wroteOutside }
      return block.tensor
    }
  }
}

/// The memory of one output, with guard bytes on both sides and a pattern inside that a kernel must overwrite.
private struct GuardedMemory {
  private static let margin = 64

  private let pattern: UInt8
  private let type: TensorType
  private let sizes: UnsafeMutableBufferPointer<Int>
  private let bytes: UnsafeMutableRawBufferPointer
  private let byteCount: Int

  init(_ type: TensorType, filledWith pattern: UInt8) {
    self.pattern = pattern
    self.type = type
    let known = type.shape.sizes ?? []
    sizes = .allocate(capacity: max(known.count, 1))
    _ = sizes.initialize(from: known)
    byteCount = type.byteCount ?? 0
    bytes = .allocate(byteCount: byteCount + 2 * Self.margin, alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: pattern)
  }

  var view: MutableTensorView {
    MutableTensorView(
      address: bytes.baseAddress.unsafelyUnwrapped + Self.margin, dtype: type.dtype,
      sizes: UnsafePointer(sizes.baseAddress.unsafelyUnwrapped),
      rank: type.shape.rank, count: byteCount / type.dtype.byteCount)
  }

  var isIntact: Bool {
    bytes.prefix(Self.margin).allSatisfy { $0 == pattern }
      && bytes.suffix(Self.margin).allSatisfy { $0 == pattern }
  }

  var tensor: Tensor {
    Tensor(type.dtype, type.shape.sizes ?? []) { target in
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[Self.margin..<Self.margin + byteCount]))
    }
  }

  func deallocate() {
    sizes.deallocate()
    bytes.deallocate()
  }
}

extension OperationError {
  /// A kernel did not keep to the memory of its output.
  package static let wroteOutside = badValue("a kernel wrote outside of its output")
}
