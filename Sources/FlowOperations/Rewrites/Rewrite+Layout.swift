import FlowGraph
import FlowTensor

extension Rewrite {
  /// What moves elements and computes nothing.
  static var layout: [Rewrite] { reshapes + transposes + broadcasts + fills }

  private static var reshapes: [Rewrite] {
    [
      Rewrite(
        "as-reshape", "flatten, squeeze, unsqueeze and match_shape are reshapes",
        at: [Flatten.self, Squeeze.self, Unsqueeze.self, MatchShape.self]
      ) { $0[0].reshaped(as: $0.result) },
      Rewrite("reshape-nothing", "reshape(x, shape(x)) = x") { (reshape: Match<Reshape>) in reshape[0] },
      Rewrite("reshape-reshape", "reshape(reshape(x)) is one reshape") { (outer: Match<Reshape>) in
        outer[0].made(by: Reshape.self).flatMap { $0[0].reshaped(as: outer.result) }
      },
    ]
  }

  private static var transposes: [Rewrite] {
    [
      Rewrite("transpose-nothing", "transpose(x, axes: [0, 1, ...]) = x") { (transpose: Match<Transpose>) in
        transpose.order == Array(transpose[0].shape.indices) ? transpose[0] : nil
      },
      Rewrite("transpose-transpose", "transpose(transpose(x)) is one transposition") { (outer: Match<Transpose>) in
        guard let inner = outer[0].made(by: Transpose.self) else { return nil }
        let order = inner.order
        return inner[0].applying(Transpose(axes: outer.order.map { order[$0] }))
      },
      Rewrite("transpose-ones", "transpose(x) is a reshape where only axes of size 1 move") {
        (transpose: Match<Transpose>) in
        let shape = transpose[0].shape
        let moved = transpose.order.filter { shape[$0].size != 1 }
        return moved == moved.sorted() ? transpose[0].reshaped(as: transpose.result) : nil
      },
      Rewrite("matmul-transpose", "matmul(xᵀ, y) = matmul(x, y, transpose_a: true), and so for y", .rounding(4)) {
        (product: Match<MatrixMultiply>) in
        var operation = product.operation
        let (a, b) = (product[0].swappingLastAxes, product[1].swappingLastAxes)
        guard a != nil || b != nil, product[0].shape.rank > 1, product[1].shape.rank > 1 else { return nil }
        if a != nil { operation.transposeA.toggle() }
        if b != nil { operation.transposeB.toggle() }
        return (a ?? product[0]).applying(operation, b ?? product[1])
      },
      Rewrite("transpose-matmul", "matmul(x, y)ᵀ = matmul(yᵀ, xᵀ)", .rounding(4)) { (transpose: Match<Transpose>) in
        guard transpose.swapsLastAxes, transpose[0].isReadOnce,
          let product = transpose[0].made(by: MatrixMultiply.self), product[0].shape.rank > 1,
          product[1].shape.rank > 1
        else { return nil }
        var operation = MatrixMultiply()
        operation.transposeA = !product.operation.transposeB
        operation.transposeB = !product.operation.transposeA
        return product[1].applying(operation, product[0])
      },
    ]
  }

  private static var broadcasts: [Rewrite] {
    [
      Rewrite(
        "repeat-nothing", "broadcast_to and sum_to to the shape that is there change nothing",
        at: [BroadcastTo.self, SumTo.self]
      ) { $0[0] },
      Rewrite("broadcast-broadcast", "broadcast_to(broadcast_to(x)) is one repetition") { (outer: Match<BroadcastTo>) in
        outer[0].made(by: BroadcastTo.self).flatMap { $0[0].broadcast(as: outer.result) }
      },
      Rewrite("broadcast-ones", "broadcast_to is a reshape where it adds axes of size 1 only") {
        (broadcast: Match<BroadcastTo>) in
        broadcast[0].count == broadcast.result.count ? broadcast[0].reshaped(as: broadcast.result) : nil
      },
      Rewrite(
        "broadcast-late", "f(broadcast_to(x), y) = broadcast_to(f(x, y)), for each element-wise f", at: elementwise
      ) { function in
        function.applying { $0.made(by: BroadcastTo.self)?[0] }
      },
    ]
  }

  private static var fills: [Rewrite] {
    [
      Rewrite(
        "fill-moved", "what moves the elements of a fill is a fill",
        at: [
          Reshape.self, Transpose.self, BroadcastTo.self, Flip.self, Slice.self, Roll.self, Tile.self,
          RepeatElements.self,
        ]
      ) { movement in
        movement[0].number.flatMap { movement.result.filled(with: $0) }
      },
      Rewrite("fill-late", "f(fill, y) = f(one number, y), for each element-wise f", at: elementwise) { function in
        function.applying { operand in
          guard operand.shape.rank > 0, let number = operand.number else { return nil }
          return operand.constant(number)
        }
      },
      Rewrite("concat-fills", "concat of fills with one number is a fill", at: [Concatenate.self, Stack.self]) {
        joined in
        guard joined.count > 0, let number = joined[0].number,
          (1..<joined.count).allSatisfy({ joined[$0].number == number })
        else { return nil }
        return joined.result.filled(with: number)
      },
    ]
  }

  /// Each operation that goes element by element.
  static var elementwise: [any FlowGraph.Operation.Type] {
    [Where.self] + Registry.builtInTypes.filter { $0 is any Elementwise.Type }
  }
}

extension Match<Transpose> {
  /// For each axis of the result, the operand's.
  fileprivate var order: [Int] {
    let rank = self[0].shape.rank
    return operation.axes?.map { $0 < 0 ? $0 + rank : $0 } ?? (0..<rank).reversed()
  }

  /// Whether the last two axes change places, and no others.
  fileprivate var swapsLastAxes: Bool {
    let rank = self[0].shape.rank
    return rank > 1 && order == Array(0..<rank - 2) + [rank - 1, rank - 2]
  }
}

extension Match<any FlowGraph.Operation> {
  /// The operation on other operands, repeated to the result's shape where need be; nil where no operand has another.
  fileprivate func applying(to other: (Term) -> Term?) -> Term? {
    let others = (0..<count).map { other(self[$0]) }
    guard others.contains(where: { $0 != nil }) else { return nil }
    let operands = zip(0..<count, others).map { $1 ?? self[$0] }
    guard let value = applying(operation, to: operands) else { return nil }
    return value.type == result.type ? value : value.broadcast(as: result)
  }
}

extension Term {
  /// What this value is with its last two axes swapped, where that is at hand.
  fileprivate var swappingLastAxes: Term? {
    made(by: Transpose.self).flatMap { $0.swapsLastAxes ? $0[0] : nil }
  }
}
