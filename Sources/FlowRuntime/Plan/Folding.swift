import FlowGraph
import FlowTensor

extension Draft {
  /// The draft in which values that depend on no variable are computed already, as far as they are small.
  ///
  /// What fails is left to fail when it runs, with its place.
  func folded() -> Draft {
    var result = self
    var budget = Folding.totalBytes - constants.reduce(0) { $0 + $1.byteCount }
    var isKept = Array(repeating: true, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      guard let inputs = result.constantInputs(of: node), let outputs = foldable(node, &budget),
        let kernel = try? result.kernel(of: node).kernel,
        let values = try? kernel.evaluate(inputs, outputs)
      else { continue }
      isKept[index] = false
      for (value, tensor) in zip(node.results, values) {
        result.constantIndices[value] = Int32(result.constants.count)
        result.constants.append(tensor)
      }
    }
    result.statistics.folded += isKept.count { !$0 }
    return result.keeping(isKept).withoutUnreadConstants()
  }

  /// The draft without constants that only folded nodes read.
  private func withoutUnreadConstants() -> Draft {
    guard !constants.isEmpty else { return self }
    var result = self
    result.constants = []
    result.constantIndices = Array(repeating: -1, count: constantIndices.count)
    for value in operands + roots {
      let index = Int(constantIndices[Int(value)])
      guard index >= 0, result.constantIndices[Int(value)] < 0 else { continue }
      result.constantIndices[Int(value)] = Int32(result.constants.count)
      result.constants.append(constants[index])
    }
    return result
  }

  private func constantInputs(of node: Node) -> [Tensor]? {
    var inputs: [Tensor] = []
    for operand in operands[node.operands] {
      let index = Int(constantIndices[Int(operand)])
      guard index >= 0 else { return nil }
      inputs.append(constants[index])
    }
    return inputs
  }

  private func foldable(_ node: Node, _ budget: inout Int) -> [TensorType]? {
    let outputs = outputTypes(of: node)
    var bytes = 0
    for output in outputs {
      guard let size = output.byteCount, size <= Folding.valueBytes else { return nil }
      bytes += size
    }
    guard bytes <= budget else { return nil }
    budget -= bytes
    return outputs
  }
}

/// How much memory may go into values that are computed once and kept.
private enum Folding {
  static let valueBytes = 256 << 10
  static let totalBytes = 16 << 20
}
