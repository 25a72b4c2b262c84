package import FlowGraph
package import FlowTensor

/// A scalar computed only from literals, consts, sizes and the step: it takes the dtype of each value it meets.
package indirect enum WeakScalar: Hashable, Sendable {
  case whole(Int)
  case real(Double)
  case dimension(Dimension)
  case flag(Bool)
  /// The training step.
  case step
  /// An operation whose operands are all weak.
  case apply(operation: String, attributes: [String: AttributeValue], operands: [WeakScalar], kind: Kind)

  package enum Kind: Hashable, Sendable { case whole, real, boolean }

  package init(_ dimension: Dimension) { self = dimension.size.map(WeakScalar.whole) ?? .dimension(dimension) }

  package var kind: Kind {
    switch self {
    case .whole, .dimension, .step: .whole
    case .real: .real
    case .flag: .boolean
    case .apply(_, _, _, let kind): kind
    }
  }

  /// Whether its value is known when the file is resolved, or when sizes are.
  var isConstant: Bool {
    switch self {
    case .whole, .real, .dimension, .flag: true
    case .step, .apply: false
    }
  }

  /// The dtype that it has where it meets nothing.
  var standardType: DType {
    switch self {
    case .whole, .dimension: .i32
    case .real: .f32
    case .flag: .bool
    case .step: .i64
    case .apply(_, _, let operands, let kind):
      switch kind {
      case .whole: operands.contains { $0.standardType == .i64 } ? .i64 : .i32
      case .real: .f32
      case .boolean: .bool
      }
    }
  }
}

/// Why two numbers cannot be combined before the graph runs.
enum ArithmeticFault: Error {
  case overflow
  case wholeDivision
  case negativePower
  case divisionByZero
  /// It depends on sizes not known yet.
  case undecided
}

extension WeakScalar {
  /// The quotient of two constants, rounded down; nil where it is left to the graph.
  static func flooredQuotient(_ a: WeakScalar, _ b: WeakScalar) -> WeakScalar? {
    switch (a, b) {
    case (.whole(let x), .whole(let y)):
      guard y != 0, y != -1 else { return nil }
      let (quotient, rest) = x.quotientAndRemainder(dividingBy: y)
      return .whole(rest != 0 && (rest < 0) != (y < 0) ? quotient - 1 : quotient)
    case (.dimension(let x), .whole(let y)): return x.divided(by: Dimension(y)).map { WeakScalar($0) }
    case (.dimension(let x), .dimension(let y)): return x.divided(by: y).map { WeakScalar($0) }
    default: return nil
    }
  }

  /// The result of an operator on two constants; nil where it must be left to the graph.
  static func folded(_ sign: BinaryOperator, _ a: WeakScalar, _ b: WeakScalar) throws(ArithmeticFault) -> Item? {
    switch (a, b) {
    case (.whole(let x), .whole(let y)): try folded(sign, x, y)
    case (.whole, .dimension), (.dimension, .whole), (.dimension, .dimension): try folded(sign, a.size, b.size)
    case (.real(let x), .real(let y)): folded(sign, x, y)
    case (.real(let x), .whole(let y)): folded(sign, x, Double(y))
    case (.whole(let x), .real(let y)): folded(sign, Double(x), y)
    default: nil
    }
  }

  private var size: Dimension {
    switch self {
    case .whole(let size): Dimension(size)
    case .dimension(let size): size
    case .real, .flag, .step, .apply: .unknown
    }
  }

  private static func folded(_ sign: BinaryOperator, _ a: Int, _ b: Int) throws(ArithmeticFault) -> Item? {
    switch sign {
    case .add: try whole(a.addingReportingOverflow(b))
    case .subtract: try whole(a.subtractingReportingOverflow(b))
    case .multiply: try whole(a.multipliedReportingOverflow(by: b))
    case .divide: throw .wholeDivision
    case .remainder: try remainder(a, b)
    case .power: try power(a, b)
    case .less: .boolean(a < b)
    case .lessOrEqual: .boolean(a <= b)
    case .greater: .boolean(a > b)
    case .greaterOrEqual: .boolean(a >= b)
    case .equal: .boolean(a == b)
    case .notEqual: .boolean(a != b)
    case .matmul, .and, .or: nil
    }
  }

  private static func folded(_ sign: BinaryOperator, _ a: Double, _ b: Double) -> Item? {
    switch sign {
    case .add: .scalar(.real(a + b))
    case .subtract: .scalar(.real(a - b))
    case .multiply: .scalar(.real(a * b))
    case .divide: .scalar(.real(a / b))
    case .less: .boolean(a < b)
    case .lessOrEqual: .boolean(a <= b)
    case .greater: .boolean(a > b)
    case .greaterOrEqual: .boolean(a >= b)
    case .equal: .boolean(a == b)
    case .notEqual: .boolean(a != b)
    case .power: b == 0.5 ? .scalar(.real(a.squareRoot())) : nil
    case .remainder, .matmul, .and, .or: nil
    }
  }

  private static func folded(_ sign: BinaryOperator, _ a: Dimension, _ b: Dimension) throws(ArithmeticFault) -> Item? {
    do {
      switch sign {
      case .add: return .scalar(WeakScalar(try a.adding(b)))
      case .subtract: return .scalar(WeakScalar(try a.subtracting(b)))
      case .multiply: return .scalar(WeakScalar(try a.multiplied(by: b)))
      case .equal, .notEqual:
        guard let equal = a.equals(b) else { throw ArithmeticFault.undecided }
        return .boolean(equal == (sign == .equal))
      case .less, .lessOrEqual, .greater, .greaterOrEqual:
        guard let difference = try a.subtracting(b).size else { throw ArithmeticFault.undecided }
        return try folded(sign, difference, 0)
      case .divide: throw ArithmeticFault.wholeDivision
      case .remainder, .power: throw ArithmeticFault.undecided
      case .matmul, .and, .or: return nil
      }
    } catch let fault as ArithmeticFault {
      throw fault
    } catch {
      throw .overflow
    }
  }

  private static func whole(_ result: (partialValue: Int, overflow: Bool)) throws(ArithmeticFault) -> Item {
    guard !result.overflow else { throw .overflow }
    return .scalar(.whole(result.partialValue))
  }

  /// The remainder that has the divisor's sign.
  private static func remainder(_ a: Int, _ b: Int) throws(ArithmeticFault) -> Item {
    guard b != 0 else { throw .divisionByZero }
    guard b != -1 else { return .scalar(.whole(0)) }
    let rest = a % b
    return .scalar(.whole(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest))
  }

  private static func power(_ base: Int, _ exponent: Int) throws(ArithmeticFault) -> Item {
    guard exponent >= 0 else { throw .negativePower }
    guard base != 0, base != 1 else { return .scalar(.whole(exponent == 0 ? 1 : base)) }
    guard base != -1 else { return .scalar(.whole(exponent.isMultiple(of: 2) ? 1 : -1)) }
    var product = 1
    for _ in 0..<exponent {
      let (next, overflow) = product.multipliedReportingOverflow(by: base)
      guard !overflow else { throw .overflow }
      product = next
    }
    return .scalar(.whole(product))
  }
}
