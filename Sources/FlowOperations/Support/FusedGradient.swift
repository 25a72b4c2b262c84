import FlowGraph

/// Gradients of operations that compute in one kernel what could be written as graph: of higher order by that graph.
extension Operation {
  /// What `seeds` of the targets say of each variable. Variables are copies, which nothing before them reads.
  static func pullback(
    of targets: [Value], by seeds: [Value], wrt variables: [Value]
  ) throws(OperationError) -> [Value] {
    var sums = [Value?](repeating: nil, count: variables.count)
    for (target, seed) in zip(targets, seeds) {
      let parts: [Value?]
      do throws(GradientFault) {
        parts = try target.builder.pullback(of: target, by: seed, wrt: variables)
      } catch {
        guard case .failed(_, let cause, _) = error else { preconditionFailure("\(name): \(error)") }
        throw cause
      }
      for (index, part) in parts.enumerated() {
        guard let part else { continue }
        sums[index] = sums[index].map { $0 + part } ?? part
      }
    }
    return zip(sums, variables).map { $0 ?? $1.zeros }
  }
}

extension Value {
  /// The same numbers as a value of its own.
  var copied: Value { applying("reshape", ["shape": shape.attributeValue]) }
}
