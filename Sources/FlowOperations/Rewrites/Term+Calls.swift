import FlowGraph
import FlowTensor

/// Operations in laws. What a shape rule refuses is nil, and so is all that is made of it.
extension Term? {
  static func + (a: Term?, b: Term?) -> Term? { apply(Add(), a, b) }
  static func - (a: Term?, b: Term?) -> Term? { apply(Subtract(), a, b) }
  static func * (a: Term?, b: Term?) -> Term? { apply(Multiply(), a, b) }
  static func / (a: Term?, b: Term?) -> Term? { apply(Divide(), a, b) }
  static prefix func - (x: Term?) -> Term? { x?.applying(Negate()) }

  private static func apply(_ operation: any FlowGraph.Operation, _ a: Term?, _ b: Term?) -> Term? {
    guard let a, let b else { return nil }
    return a.applying(operation, b)
  }
}

extension Term {
  /// How many elements there are.
  var count: Int { shape.dimensions.reduce(1) { $0 * ($1.size ?? 0) } }

  /// A number as a scalar of this value's dtype.
  func constant(_ number: Double) -> Term? { adding(Fill(number, TensorType(dtype))) }

  /// A number in every element of this value's type.
  func filled(with number: Double) -> Term? { adding(Fill(number, type)) }

  func reshaped(as other: Term) -> Term? { applying(Reshape(shape: other.shape)) }

  func broadcast(as other: Term) -> Term? { applying(BroadcastTo(shape: other.shape)) }
}

extension Fill {
  init(_ number: Double, _ type: TensorType) {
    let isWhole = !type.dtype.isFloating
    self.init(
      value: type.dtype == .bool ? .boolean(number != 0) : isWhole ? .whole(Int(number)) : .real(number),
      shape: type.shape, dtype: type.dtype)
  }
}

extension Match {
  /// What a law makes of the two operands of a commutative operation, in one order or the other.
  func either(_ law: (Term, Term) -> Term?) -> Term? { law(self[0], self[1]) ?? law(self[1], self[0]) }
}
