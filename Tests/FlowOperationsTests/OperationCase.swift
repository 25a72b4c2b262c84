import FlowGraph
import FlowTensor
import Testing

/// One row of the proof tables: an operation, what it is given, and what a naive computation makes of it.
struct OperationCase: Sendable, CustomTestStringConvertible {
  typealias Reference = @Sendable ([Tensor]) -> [Double]

  let operation: String
  let attributes: [String: AttributeValue]
  let operands: [Operand]
  /// What operands without a dtype of their own are, in turn.
  let dtypes: [DType]
  /// How often it is differentiated against finite differences.
  let order: Int
  /// The first output's elements; none where the row is about types and gradients only.
  let reference: Reference?
  /// Whether the result is given, whatever the operands.
  let isFixed: Bool

  init(
    _ operation: String, _ operands: [Operand], _ attributes: [String: AttributeValue] = [:],
    dtypes: [DType] = [.f64, .f32], order: Int = 2,
    matching reference: Reference? = nil, isFixed: Bool = false
  ) {
    self.operation = operation
    self.operands = operands
    self.attributes = attributes
    self.dtypes = dtypes
    self.order = order
    self.reference = reference
    self.isFixed = isFixed
  }

  /// With the numbers that the result must be.
  init(
    _ operation: String, _ operands: [Operand], _ attributes: [String: AttributeValue] = [:],
    dtypes: [DType] = [.f64, .f32], order: Int = 2, gives expected: [Double]
  ) {
    self.init(operation, operands, attributes, dtypes: dtypes, order: order, matching: { _ in expected }, isFixed: true)
  }

  var testDescription: String {
    let shapes = operands.map { "\($0.sizes)" }.joined(separator: ", ")
    let settings = attributes.sorted { $0.key < $1.key }.map { " \($0.key): \($0.value)" }.joined()
    return "\(operation)(\(shapes)\(settings))"
  }

  func tensors(_ dtype: DType) -> [Tensor] {
    operands.enumerated().map { index, operand in
      Tensor(operand.numbers(stream: "\(testDescription) \(index)"), operand.sizes, as: operand.dtype ?? dtype)
    }
  }
}

/// What an operand of a row holds.
struct Operand: Sendable {
  enum Domain: Sendable {
    case any, positive
    /// Of either sign, not near zero.
    case nonzero
    /// Between -1 and 1, not near either.
    case fraction
    case aboveOne
    /// No two are near each other.
    case distinct
    case wholes(Range<Int>)
    case values([Double])
    /// With NaN and both infinities.
    case unusual
  }

  let sizes: [Int]
  let domain: Domain
  let dtype: DType?

  init(_ sizes: [Int], _ domain: Domain = .any, _ dtype: DType? = nil) {
    self.sizes = sizes
    self.domain = domain
    self.dtype = dtype
  }

  func numbers(stream: String) -> [Double] {
    let random = Philox(seed: 20, stream: stream)
    let count = sizes.reduce(1, *)
    switch domain {
    case .any: return (0..<count).map { 4 * random.uniform($0) - 2 }
    case .positive: return (0..<count).map { 0.5 + 2 * random.uniform($0) }
    case .fraction: return (0..<count).map { 1.6 * random.uniform($0) - 0.8 }
    case .aboveOne: return (0..<count).map { 1.25 + 2 * random.uniform($0) }
    case .nonzero:
      return (0..<count).map { (random.uniform(2 * $0) < 0.5 ? -1 : 1) * (0.5 + random.uniform(2 * $0 + 1)) }
    case .distinct: return random.permutation(count).map { 0.25 * Double($0) - 1 }
    case .wholes(let range):
      return (0..<count).map { Double(range.lowerBound + Int(random.uniform($0) * Double(range.count))) }
    case .values(let values): return values
    case .unusual:
      return (0..<count).map {
        $0 == 0 ? .nan : $0 == count - 1 ? .infinity : $0 == 2 ? -.infinity : random.uniform($0)
      }
    }
  }
}

extension OperationCase {
  static var all: [OperationCase] { proved + extremes }

  /// The families' own rows.
  static var proved: [OperationCase] {
    elementwise + furtherFunctions + storage + conversions + reductions + matrices + layout + constants + random
      + neural + attention + convolutions + pooling + resizing + joining + repetition + movements + diagonals + moments
      + scans
      + sorting
      + contractions + factorizations
  }
}
