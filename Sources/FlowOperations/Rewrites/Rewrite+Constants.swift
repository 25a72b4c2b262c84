import FlowGraph
import FlowTensor

extension Rewrite {
  /// Constant factors and terms, brought together.
  static var constants: [Rewrite] { factors + terms + scaledSums }

  private static var factors: [Rewrite] {
    [
      Rewrite("mul-mul", "(x * c) * d = x * (cd)", .rounding(2)) { (product: Match<Multiply>) in
        product.either { inner, factor in
          factor.number.flatMap { d in inner.scaled.flatMap { $0.term.multiplied(by: $0.factor * d) } }
        }
      },
      Rewrite("div-constant", "(x * c) / d = x * (c / d)", .rounding(2)) { (quotient: Match<Divide>) in
        guard let divisor = quotient[1].number, let inner = quotient[0].scaled else { return nil }
        return inner.term.multiplied(by: inner.factor / divisor)
      },
      Rewrite("mul-small", "(x * c) * y = x * (y * c), y being smaller", .rounding(2)) { (product: Match<Multiply>) in
        product.either { large, small in
          guard small.count < large.count, large.isReadOnce, small.number == nil, let inner = large.scaled
          else { return nil }
          return inner.term * small.multiplied(by: inner.factor)
        }
      },
      Rewrite("mul-reciprocal", "x * reciprocal(y) = x / y", .rounding(1)) { (product: Match<Multiply>) in
        product.either { x, factor in
          guard factor.isReadOnce, factor.count == product.result.count else { return nil }
          return factor.made(by: Reciprocal.self).flatMap { x / $0[0] }
        }
      },
      Rewrite("one-div", "1 / x = reciprocal(x)") { (quotient: Match<Divide>) in
        quotient[0].number == 1 ? quotient[1].applying(Reciprocal()) : nil
      },
    ]
  }

  private static var terms: [Rewrite] {
    [
      Rewrite("add-add", "(x + c) + d = x + (c + d), c and d of one sign", .rounding(2)) { (sum: Match<Add>) in
        sum.either { inner, term in
          guard let d = term.number, let (x, c) = inner.shifted, c.sign == d.sign else { return nil }
          return x.plus(c + d)
        }
      },
      Rewrite("sub-constant", "(x - c) - d = x - (c + d), c and d of one sign", .rounding(2)) {
        (difference: Match<Subtract>) in
        guard let d = difference[1].number, let (x, c) = difference[0].shifted, c.sign != d.sign else { return nil }
        return x.plus(c - d)
      },
      Rewrite("constant-sub", "d - (x - c) = (c + d) - x, c and d of one sign", .rounding(2)) {
        (difference: Match<Subtract>) in
        guard let d = difference[0].number, let (x, c) = difference[1].shifted, c.sign != d.sign else { return nil }
        return x.constant(d - c) - x
      },
    ]
  }

  private static var scaledSums: [Rewrite] {
    [
      Rewrite("add-same", "x + x = x * 2") { (sum: Match<Add>) in
        sum[0] == sum[1] && sum[0].dtype.isFloating ? sum[0].multiplied(by: 2) : nil
      },
      Rewrite("add-scaled", "x * c + x * d = x * (c + d), c and d of one sign", .rounding(3)) { (sum: Match<Add>) in
        guard let (a, b) = sum.likeTerms, a.factor.sign == b.factor.sign else { return nil }
        return a.term.multiplied(by: a.factor + b.factor)
      },
      Rewrite("sub-scaled", "x * c - x * d = x * (c - d), c and d of other signs", .rounding(3)) {
        (difference: Match<Subtract>) in
        guard let (a, b) = difference.likeTerms, a.factor.sign != b.factor.sign else { return nil }
        return a.term.multiplied(by: a.factor - b.factor)
      },
      Rewrite("common-factor", "x * c + y * c = (x + y) * c", .rounding(3)) { (sum: Match<Add>) in
        sum.commonFactor.flatMap { (sum[0].unscaled + sum[1].unscaled)?.multiplied(by: $0) }
      },
      Rewrite("common-factor-sub", "x * c - y * c = (x - y) * c", .rounding(3)) { (difference: Match<Subtract>) in
        difference.commonFactor.flatMap { (difference[0].unscaled - difference[1].unscaled)?.multiplied(by: $0) }
      },
    ]
  }
}

/// A value times a number.
typealias Scaled = (term: Term, factor: Double)

extension Term {
  /// What this value is a multiple of: of a floating product with a constant of moderate size.
  var scaled: Scaled? {
    guard dtype.isFloating else { return nil }
    if let product = made(by: Multiply.self) {
      for (x, factor) in [(0, 1), (1, 0)] {
        if let number = product[factor].number, number.isModerate(for: dtype), product[x].type == type {
          return (product[x], number)
        }
      }
    }
    guard let quotient = made(by: Divide.self), let number = quotient[1].number, number.isModerate(for: dtype),
      quotient[0].type == type
    else { return nil }
    return (quotient[0], 1 / number)
  }

  fileprivate var itself: Scaled { (self, 1) }
  fileprivate var multiple: Scaled { scaled ?? itself }
  fileprivate var unscaled: Term { multiple.term }

  /// What this value is a constant more than.
  fileprivate var shifted: (term: Term, offset: Double)? {
    guard dtype.isFloating else { return nil }
    if let sum = made(by: Add.self) {
      for (x, offset) in [(0, 1), (1, 0)] {
        if let number = sum[offset].number, number.isFinite, sum[x].type == type { return (sum[x], number) }
      }
    }
    guard let difference = made(by: Subtract.self), let number = difference[1].number, number.isFinite,
      difference[0].type == type
    else { return nil }
    return (difference[0], -number)
  }

  /// Times a number; nil where that is not of moderate size.
  func multiplied(by factor: Double) -> Term? {
    guard factor.isModerate(for: dtype) else { return nil }
    return self * constant(factor)
  }

  fileprivate func plus(_ offset: Double) -> Term? { offset.isFinite ? self + constant(offset) : nil }
}

extension Match {
  /// Both operands as multiples of the same value, one of them at least by a number.
  fileprivate var likeTerms: (Scaled, Scaled)? {
    guard self[0].dtype.isFloating, self[0].type == self[1].type else { return nil }
    let (a, b) = (self[0].multiple, self[1].multiple)
    if a.term == b.term { return (a, b) }
    // A product may itself be the value that the other is a multiple of.
    if a.term == self[1] { return (a, self[1].itself) }
    return b.term == self[0] ? (self[0].itself, b) : nil
  }

  /// The number by which both operands, read here alone, are multiplied.
  fileprivate var commonFactor: Double? {
    guard self[0].isReadOnce, self[1].isReadOnce, self[0].type == self[1].type, let a = self[0].scaled,
      let b = self[1].scaled, a.factor == b.factor
    else { return nil }
    return a.factor
  }
}

extension Double {
  /// Whether products with this number neither overflow nor vanish but near the ends of a dtype's range.
  func isModerate(for dtype: DType) -> Bool {
    let limit = dtype == .f16 ? 0x1p7 : 0x1p20
    return magnitude >= 1 / limit && magnitude <= limit
  }

  /// Whether this and its reciprocal are such numbers, without rounding.
  func isModeratePowerOfTwo(for dtype: DType) -> Bool { isModerate(for: dtype) && significand == 1 }
}
