import FlowGraph
import FlowTensor

extension BatchedCall {
  /// The result of an operation whose operands broadcast, element by element.
  func addingElementwise(_ operation: some Operation) throws(OperationError) -> [BatchedValue] {
    let rank = call.outputs[0].shape.rank
    return try adding(operation, operands.indices.map { aligned($0, rank: rank) })
  }
}

extension Axes {
  /// The axes of a tensor of this rank once another has come in front.
  func behindBatch(rank: Int) -> Axes {
    switch self {
    case .all: .list(Array(1..<rank + 1))
    case .one(let axis): .one(axis.behindBatch)
    case .list(let axes): .list(axes.map(\.behindBatch))
    }
  }
}
