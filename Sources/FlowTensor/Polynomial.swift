/// An integer polynomial in named variables, in normal form: terms by descending degree, then by name; no zero terms.
struct Polynomial: Hashable, Sendable {
  struct Term: Hashable, Sendable {
    var factors: [String]  // sorted; a power is a repetition
    var coefficient: Int
  }

  private(set) var terms: [Term]

  init(constant: Int) { terms = constant == 0 ? [] : [Term(factors: [], coefficient: constant)] }
  init(symbol: String) { terms = [Term(factors: [symbol], coefficient: 1)] }

  private init(collecting products: [Term]) throws(SizeOverflow) {
    var sums: [[String]: Int] = [:]
    for term in products {
      let (sum, overflow) = sums[term.factors, default: 0].addingReportingOverflow(term.coefficient)
      guard !overflow else { throw SizeOverflow() }
      sums[term.factors] = sum
    }
    terms = sums.filter { $0.value != 0 }.map { Term(factors: $0.key, coefficient: $0.value) }.sorted(by: Self.precedes)
  }

  var constant: Int? {
    switch terms.count {
    case 0: 0
    case 1 where terms[0].factors.isEmpty: terms[0].coefficient
    default: nil
    }
  }

  var symbols: [String] { Set(terms.flatMap(\.factors)).sorted() }

  var onlySymbol: String? {
    guard terms.count == 1, terms[0].coefficient == 1, terms[0].factors.count == 1 else { return nil }
    return terms[0].factors[0]
  }

  func adding(_ other: Polynomial, scale: Int) throws(SizeOverflow) -> Polynomial {
    try Polynomial(collecting: terms + other.multiplied(by: Polynomial(constant: scale)).terms)
  }

  func multiplied(by other: Polynomial) throws(SizeOverflow) -> Polynomial {
    var products: [Term] = []
    for a in terms {
      for b in other.terms {
        let (coefficient, overflow) = a.coefficient.multipliedReportingOverflow(by: b.coefficient)
        guard !overflow else { throw SizeOverflow() }
        products.append(Term(factors: (a.factors + b.factors).sorted(), coefficient: coefficient))
      }
    }
    return try Polynomial(collecting: products)
  }

  /// Long division by leading terms; nil where a remainder is left.
  func divided(by divisor: Polynomial) -> Polynomial? {
    guard let lead = divisor.terms.first else { return nil }
    var rest = self
    var quotient = Polynomial(constant: 0)
    while let term = rest.terms.first {
      guard let factor = term.divided(by: lead),
        let product = try? divisor.multiplied(by: factor),
        let next = try? rest.adding(product, scale: -1),
        next.terms.first.map({ $0 == term || Self.precedes($0, term) }) != true,
        let sum = try? quotient.adding(factor, scale: 1)
      else { return nil }
      (rest, quotient) = (next, sum)
    }
    return quotient
  }

  func substituting(_ value: (String) -> Polynomial?) throws(SizeOverflow) -> Polynomial {
    var sum = Polynomial(constant: 0)
    for term in terms {
      var product = Polynomial(constant: term.coefficient)
      for factor in term.factors {
        product = try product.multiplied(by: value(factor) ?? Polynomial(symbol: factor))
      }
      sum = try sum.adding(product, scale: 1)
    }
    return sum
  }

  private static func precedes(_ a: Term, _ b: Term) -> Bool {
    a.factors.count != b.factors.count
      ? a.factors.count > b.factors.count : a.factors.lexicographicallyPrecedes(b.factors)
  }
}

extension Polynomial.Term {
  fileprivate func divided(by divisor: Polynomial.Term) -> Polynomial? {
    guard let quotient = coefficient.dividedExactly(by: divisor.coefficient) else { return nil }
    var left = factors
    for factor in divisor.factors {
      guard let index = left.firstIndex(of: factor) else { return nil }
      left.remove(at: index)
    }
    return left.reduce(Polynomial(constant: quotient)) { product, factor in
      (try? product.multiplied(by: Polynomial(symbol: factor))) ?? product
    }
  }
}

extension Polynomial: CustomStringConvertible {
  /// As the graph language writes it: `3 * n * n + 2 * m - 1`.
  var description: String {
    terms.enumerated().reduce(into: "") { text, item in
      let (index, term) = item
      let sign = term.coefficient < 0 ? "-" : "+"
      if index > 0 { text += " \(sign) " } else if term.coefficient < 0 { text += "-" }
      let magnitude = term.coefficient.magnitude
      let factors = (magnitude == 1 && !term.factors.isEmpty ? [] : [String(magnitude)]) + term.factors
      text += factors.joined(separator: " * ")
    }
  }
}
