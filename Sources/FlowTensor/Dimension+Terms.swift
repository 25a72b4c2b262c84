extension Dimension {
  /// One summand: a coefficient times named sizes, a power as a repetition.
  package struct Term: Sendable {
    package let coefficient: Int
    package let factors: [String]

    package init(coefficient: Int, factors: [String]) {
      self.coefficient = coefficient
      self.factors = factors
    }
  }

  /// The summands of a size that is not known yet; none where it is known.
  package var terms: [Term] {
    polynomialTerms.map { Term(coefficient: $0.coefficient, factors: $0.factors) }
  }

  /// The sum of terms.
  package init(summing terms: [Term]) throws(SizeOverflow) {
    var sum = Dimension(0)
    for term in terms {
      var product = Dimension(term.coefficient)
      for factor in term.factors { product = try product.multiplied(by: Dimension(symbol: factor)) }
      sum = try sum.adding(product)
    }
    self = sum
  }
}
