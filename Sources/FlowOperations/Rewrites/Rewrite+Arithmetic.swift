import FlowGraph
import FlowTensor

extension Rewrite {
  static var arithmetic: [Rewrite] { neutralElements + signs + powers }

  /// Numbers that change nothing.
  private static var neutralElements: [Rewrite] {
    [
      Rewrite("add-zero", "x + 0 = x") { (sum: Match<Add>) in
        sum.either { x, zero in zero.number == 0 ? x : nil }
      },
      Rewrite("sub-zero", "x - 0 = x") { (difference: Match<Subtract>) in
        difference[1].number == 0 ? difference[0] : nil
      },
      Rewrite("zero-sub", "0 - x = -x") { (difference: Match<Subtract>) in
        difference[0].number == 0 ? -difference[1] : nil
      },
      Rewrite("mul-one", "x * 1 = x") { (product: Match<Multiply>) in
        product.either { x, one in one.number == 1 ? x : nil }
      },
      Rewrite("mul-minus-one", "x * -1 = -x") { (product: Match<Multiply>) in
        product.either { x, one in one.number == -1 ? -x : nil }
      },
      Rewrite("mul-zero", "n * 0 = 0, of whole numbers") { (product: Match<Multiply>) in
        guard product.result.dtype.isInteger else { return nil }
        return product.either { _, zero in zero.number == 0 ? product.result.filled(with: 0) : nil }
      },
      Rewrite("div-one", "x / 1 = x") { (quotient: Match<Divide>) in
        quotient[1].number == 1 ? quotient[0] : nil
      },
      Rewrite("div-minus-one", "x / -1 = -x") { (quotient: Match<Divide>) in
        quotient[1].number == -1 ? -quotient[0] : nil
      },
      Rewrite("div-power-of-two", "x / 2ⁿ = x * 2⁻ⁿ") { (quotient: Match<Divide>) in
        guard let divisor = quotient[1].number, divisor.isModeratePowerOfTwo(for: quotient.result.dtype) else {
          return nil
        }
        return quotient[0] * quotient[0].constant(1 / divisor)
      },
      Rewrite("same-extreme", "maximum(x, x) = minimum(x, x) = x", at: [Maximum.self, Minimum.self]) { extreme in
        extreme[0] == extreme[1] ? extreme[0] : nil
      },
    ]
  }

  /// Negations, cancelled or moved to where they cost less and cancel more.
  private static var signs: [Rewrite] {
    [
      Rewrite("neg-neg", "-(-x) = x") { (outer: Match<Negate>) in outer[0].made(by: Negate.self)?[0] },
      Rewrite("neg-sub", "-(a - b) = b - a") { (negation: Match<Negate>) in
        guard negation[0].isReadOnce, let difference = negation[0].made(by: Subtract.self) else { return nil }
        return difference[1] - difference[0]
      },
      Rewrite("neg-constant", "-(x * c) = x * -c") { (negation: Match<Negate>) in
        guard negation[0].isReadOnce, let product = negation[0].made(by: Multiply.self) else { return nil }
        return product.either { x, factor in factor.number.flatMap { x * x.constant(-$0) } }
      },
      Rewrite("add-neg", "a + -b = a - b") { (sum: Match<Add>) in
        sum.either { a, negated in negated.made(by: Negate.self).flatMap { a - $0[0] } }
      },
      Rewrite("sub-neg", "a - -b = a + b") { (difference: Match<Subtract>) in
        difference[1].made(by: Negate.self).flatMap { difference[0] + $0[0] }
      },
      Rewrite("mul-neg-neg", "-a * -b = a * b") { (product: Match<Multiply>) in
        guard let a = product[0].made(by: Negate.self), let b = product[1].made(by: Negate.self) else { return nil }
        return a[0] * b[0]
      },
      Rewrite("mul-neg", "-a * b = -(a * b)") { (product: Match<Multiply>) in
        product.either { negated, b in
          guard negated.isReadOnce, negated.type == product.result.type, let a = negated.made(by: Negate.self)
          else { return nil }
          return b.number.map { a[0] * a[0].constant(-$0) } ?? -(a[0] * b)
        }
      },
      Rewrite("div-neg", "-a / b = a / -b = -(a / b)") { (quotient: Match<Divide>) in
        let type = quotient.result.type
        if quotient[0].isReadOnce, quotient[0].type == type, let a = quotient[0].made(by: Negate.self) {
          return -(a[0] / quotient[1])
        }
        guard quotient[1].isReadOnce, quotient[1].type == type, let b = quotient[1].made(by: Negate.self)
        else { return nil }
        return -(quotient[0] / b[0])
      },
      Rewrite("even", "f(-x) = f(x) for abs, square", at: [Absolute.self, Square.self]) { function in
        function[0].made(by: Negate.self).flatMap { $0[0].applying(function.operation) }
      },
    ]
  }

  /// Powers by multiplication.
  private static var powers: [Rewrite] {
    [
      Rewrite("pow-zero", "x ** 0 = 1") { (power: Match<Power>) in
        power[1].number == 0 ? power.result.filled(with: 1) : nil
      },
      Rewrite("pow-one", "x ** 1 = x") { (power: Match<Power>) in power[1].number == 1 ? power[0] : nil },
      Rewrite("pow-two", "x ** 2 = square(x)", .rounding(1)) { (power: Match<Power>) in
        power[1].number == 2 ? power[0].applying(Square()) : nil
      },
      Rewrite("pow-three", "x ** 3 = square(x) * x", .rounding(2)) { (power: Match<Power>) in
        power[1].number == 3 ? power[0].applying(Square()) * power[0] : nil
      },
      Rewrite("pow-minus-one", "x ** -1 = reciprocal(x)", .rounding(1)) { (power: Match<Power>) in
        power[1].number == -1 ? power[0].applying(Reciprocal()) : nil
      },
      Rewrite("mul-same", "x * x = square(x)") { (product: Match<Multiply>) in
        product[0] == product[1] ? product[0].applying(Square()) : nil
      },
    ]
  }
}
