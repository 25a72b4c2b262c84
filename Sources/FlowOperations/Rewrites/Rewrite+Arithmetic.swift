import FlowGraph

extension Rewrite {
  /// Neutral elements and signs.
  static var arithmetic: [Rewrite] {
    [
      Rewrite("add-zero", "x + 0 = x") { (sum: Match<Add>) in
        sum.either { x, zero in zero.number == 0 ? x : nil }
      },
      Rewrite("sub-zero", "x - 0 = x") { (difference: Match<Subtract>) in
        difference[1].number == 0 ? difference[0] : nil
      },
      Rewrite("mul-one", "x * 1 = x") { (product: Match<Multiply>) in
        product.either { x, one in one.number == 1 ? x : nil }
      },
      Rewrite("div-one", "x / 1 = x") { (quotient: Match<Divide>) in
        quotient[1].number == 1 ? quotient[0] : nil
      },
      Rewrite("neg-neg", "-(-x) = x") { (outer: Match<Negate>) in outer[0].made(by: Negate.self)?[0] },
      Rewrite("add-neg", "a + -b = a - b") { (sum: Match<Add>) in
        sum.either { a, negated in negated.made(by: Negate.self).flatMap { a - $0[0] } }
      },
      Rewrite("sub-neg", "a - -b = a + b") { (difference: Match<Subtract>) in
        difference[1].made(by: Negate.self).flatMap { difference[0] + $0[0] }
      },
    ]
  }
}
