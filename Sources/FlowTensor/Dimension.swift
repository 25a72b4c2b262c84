/// The size of a tensor along one axis: a whole number, or an integer polynomial in named dimensions.
///
/// Polynomials are kept in normal form, so two that are equal for all sizes are equal values.
public struct Dimension: Hashable, Sendable {
  private enum Storage: Hashable, Sendable {
    case constant(Int)
    case polynomial(Polynomial)
  }

  private let storage: Storage

  public init(_ size: Int) { storage = .constant(size) }

  /// A dimension whose size is known only when a tensor is fed.
  public init(symbol: String) { self.init(Polynomial(symbol: symbol)) }

  /// A size that a shape rule cannot express; whoever adds the node replaces it by a symbol of its own.
  public static let unknown = Dimension(symbol: "?")

  private init(_ polynomial: Polynomial) {
    storage = polynomial.constant.map(Storage.constant) ?? .polynomial(polynomial)
  }

  /// The size, where it is known.
  public var size: Int? {
    guard case .constant(let size) = storage else { return nil }
    return size
  }

  /// The names that the size depends on, in order.
  public var symbols: [String] {
    guard case .polynomial(let polynomial) = storage else { return [] }
    return polynomial.symbols
  }

  /// The name, where the dimension is nothing but one.
  public var symbol: String? {
    guard case .polynomial(let polynomial) = storage else { return nil }
    return polynomial.onlySymbol
  }

  /// Whether both are the same size: nil where that depends on sizes not known yet.
  public func equals(_ other: Dimension) -> Bool? {
    if self == other { return true }
    if let size, let otherSize = other.size { return size == otherSize }
    guard let difference = try? subtracting(other), let size = difference.size else { return nil }
    return size == 0
  }

  public func adding(_ other: Dimension) throws(SizeOverflow) -> Dimension {
    try combined(
      other, { $0.addingReportingOverflow($1) }, { (a, b) throws(SizeOverflow) in try a.adding(b, scale: 1) })
  }

  public func subtracting(_ other: Dimension) throws(SizeOverflow) -> Dimension {
    try combined(
      other, { $0.subtractingReportingOverflow($1) }, { (a, b) throws(SizeOverflow) in try a.adding(b, scale: -1) })
  }

  public func multiplied(by other: Dimension) throws(SizeOverflow) -> Dimension {
    try combined(
      other, { $0.multipliedReportingOverflow(by: $1) }, { (a, b) throws(SizeOverflow) in try a.multiplied(by: b) })
  }

  /// The quotient where the division leaves no remainder for any size, else nil.
  public func divided(by divisor: Dimension) -> Dimension? {
    if let size, let other = divisor.size { return size.dividedExactly(by: other).map { Dimension($0) } }
    guard divisor.size != 0 else { return nil }
    return polynomial.divided(by: divisor.polynomial).map(Dimension.init)
  }

  /// The dimension with sizes put in for names; names without a size stay.
  public func substituting(_ sizes: [String: Int]) throws(SizeOverflow) -> Dimension {
    guard case .polynomial(let polynomial) = storage else { return self }
    return Dimension(try polynomial.substituting { sizes[$0].map { Polynomial(constant: $0) } })
  }

  /// The dimension with other dimensions put in for names.
  public func renaming(_ name: (String) -> Dimension?) throws(SizeOverflow) -> Dimension {
    guard case .polynomial(let polynomial) = storage else { return self }
    return Dimension(try polynomial.substituting { name($0)?.polynomial })
  }

  var polynomialTerms: [Polynomial.Term] {
    guard case .polynomial(let polynomial) = storage else { return [] }
    return polynomial.terms
  }

  private var polynomial: Polynomial {
    switch storage {
    case .constant(let size): Polynomial(constant: size)
    case .polynomial(let polynomial): polynomial
    }
  }

  private func combined(
    _ other: Dimension, _ numbers: (Int, Int) -> (Int, overflow: Bool),
    _ polynomials: (Polynomial, Polynomial) throws(SizeOverflow) -> Polynomial
  ) throws(SizeOverflow) -> Dimension {
    guard let a = size, let b = other.size else { return Dimension(try polynomials(polynomial, other.polynomial)) }
    let (result, overflow) = numbers(a, b)
    guard !overflow else { throw SizeOverflow() }
    return Dimension(result)
  }
}

/// A size that does not fit in 64 bits.
public struct SizeOverflow: Error, Hashable, Sendable {
  public init() {}
}

extension Int {
  /// The quotient where there is one without a remainder, and it fits.
  func dividedExactly(by divisor: Int) -> Int? {
    let (quotient, overflow) = dividedReportingOverflow(by: divisor)
    return !overflow && self == quotient &* divisor ? quotient : nil
  }
}

extension Dimension: CustomStringConvertible {
  public var description: String {
    switch storage {
    case .constant(let size): String(size)
    case .polynomial(let polynomial): polynomial.description
    }
  }
}

extension Dimension: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self.init(value) }
}
