import FlowGraph
import FlowTensor

extension Rewrite {
  /// What moves elements and computes nothing.
  static var layout: [Rewrite] {
    [
      Rewrite("transpose-nothing", "transpose(x, axes: [0, 1, ...]) = x") { (transpose: Match<Transpose>) in
        transpose.order == Array(transpose[0].shape.indices) ? transpose[0] : nil
      },
      Rewrite("transpose-transpose", "transpose(transpose(x)) is one transposition") { (outer: Match<Transpose>) in
        guard let inner = outer[0].made(by: Transpose.self) else { return nil }
        let order = inner.order
        return inner[0].applying(Transpose(axes: outer.order.map { order[$0] }))
      },
    ]
  }
}

extension Match<Transpose> {
  /// For each axis of the result, the operand's.
  var order: [Int] {
    let rank = self[0].shape.rank
    return operation.axes?.map { $0 < 0 ? $0 + rank : $0 } ?? (0..<rank).reversed()
  }
}
