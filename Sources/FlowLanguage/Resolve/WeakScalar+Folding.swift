import FlowTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why two numbers cannot be combined before the graph runs.
enum ArithmeticFault: Error {
  case overflow
  case wholeDivision
  case negativePower
  case divisionByZero
}

extension WeakScalar {
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
    case .power: .scalar(.real(pow(a, b)))
    case .remainder: .scalar(.real(remainder(a, b)))
    case .matmul, .and, .or: nil
    }
  }

  /// The remainder that has the divisor's sign.
  private static func remainder(_ a: Double, _ b: Double) -> Double {
    let rest = fmod(a, b)
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
  }

  private static func folded(_ sign: BinaryOperator, _ a: Dimension, _ b: Dimension) throws(ArithmeticFault) -> Item? {
    do {
      switch sign {
      case .add: return .scalar(WeakScalar(try a.adding(b)))
      case .subtract: return .scalar(WeakScalar(try a.subtracting(b)))
      case .multiply: return .scalar(WeakScalar(try a.multiplied(by: b)))
      case .equal, .notEqual:
        guard let equal = a.equals(b) else { return nil }
        return .boolean(equal == (sign == .equal))
      case .less, .lessOrEqual, .greater, .greaterOrEqual:
        guard let difference = try a.subtracting(b).size else { return nil }
        return try folded(sign, difference, 0)
      case .divide: throw ArithmeticFault.wholeDivision
      case .remainder, .power, .matmul, .and, .or: return nil
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

extension WeakScalar {
  /// The value of a call whose operands are constants; nil where it is left to the graph.
  ///
  /// - Parameter function: the operation of real numbers.
  static func folded(
    _ operation: String, _ operands: [WeakScalar], _ kind: Kind, _ function: ([Double]) -> Double?
  ) -> WeakScalar? {
    switch kind {
    case .whole:
      let numbers = operands.compactMap(\.whole)
      return numbers.count == operands.count ? whole(operation, numbers).map(WeakScalar.whole) : nil
    case .real:
      let numbers = operands.compactMap(\.real)
      guard numbers.count == operands.count else { return nil }
      return (real(operation, numbers) ?? function(numbers)).map(WeakScalar.real)
    case .boolean: return nil
    }
  }

  private var whole: Int? {
    if case .whole(let number) = self { number } else { nil }
  }

  private var real: Double? {
    switch self {
    case .whole(let number): Double(number)
    case .real(let number): number
    case .dimension, .flag, .step, .apply: nil
    }
  }

  private static func whole(_ operation: String, _ operands: [Int]) -> Int? {
    guard let a = operands.first, let b = operands.last else { return nil }
    switch operation {
    case "abs": return a == .min ? nil : abs(a)
    case "minimum": return min(a, b)
    case "maximum": return max(a, b)
    case "floor_div":
      guard b != 0, b != -1 else { return nil }
      return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0)
    default: return nil
    }
  }

  private static func real(_ operation: String, _ operands: [Double]) -> Double? {
    guard let a = operands.first, let b = operands.last else { return nil }
    switch operation {
    case "minimum": return a.isNaN || b.isNaN ? .nan : min(a, b)
    case "maximum": return a.isNaN || b.isNaN ? .nan : max(a, b)
    default: return nil
    }
  }
}
