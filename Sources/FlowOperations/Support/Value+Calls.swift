import FlowGraph
import FlowTensor

/// Operations that gradient rules call by name.
extension Value {
  func greater(than other: Value) -> Value { combined("greater", other) }
  func less(than other: Value) -> Value { combined("less", other) }
  func equal(to other: Value) -> Value { combined("equal", other) }

  /// This value's condition: `a` where it holds, else `b`.
  func selecting(_ a: Value, else b: Value) -> Value {
    builder.attempt(a) { () throws(OperationError) in try builder.one("where", [self, a, b]) }
  }

  func multiplied(by other: Value, transposeSelf: Bool = false, transposeOther: Bool = false) -> Value {
    combined(
      "matmul", other, ["transpose_a": .boolean(transposeSelf), "transpose_b": .boolean(transposeOther)])
  }

  /// Divides by a size that may not be known yet.
  func divided(by count: Dimension) -> Value { self / constant(.dimension(count)) }
}

extension Shape {
  /// Size 1 in place of each selected axis.
  func keeping(_ isReduced: [Bool]) -> Shape { Shape(zip(self, isReduced).map { $1 ? 1 : $0 }) }

  /// Without the selected axes.
  func dropping(_ isReduced: [Bool]) -> Shape { Shape(zip(self, isReduced).filter { !$1 }.map(\.0)) }
}
