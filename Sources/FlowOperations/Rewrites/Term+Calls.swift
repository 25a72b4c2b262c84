import FlowGraph

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

extension Match {
  /// What a law makes of the two operands of a commutative operation, in one order or the other.
  func either(_ law: (Term, Term) -> Term?) -> Term? { law(self[0], self[1]) ?? law(self[1], self[0]) }
}
