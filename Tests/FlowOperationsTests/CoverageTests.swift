import FlowGraph
import FlowOperations
import FlowTensor
import Testing

/// What the rows of each operation must show; what cannot show it is named with the reason.
@Suite struct `The proof tables` {
  private static let rows = Dictionary(grouping: OperationCase.all, by: \.operation)
  private static let names = Registry.builtIn().names

  /// Operations of booleans alone, and those that hold what they are given or count.
  private static let withoutFloats: Set<String> = [
    "all", "and", "any", "not", "or", "xor", "load", "integers", "permutation",
  ]

  /// Operations without an operand: their sizes are an attribute or follow from one.
  private static let withoutOperands = Set(
    names.filter { name in Registry.builtIn()[name]?.signature.inputs.allSatisfy(\.isHidden) ?? false })

  /// Zero, undefined or declared: there is no second derivative to prove, nor mostly a first one.
  private static let withoutSecondOrder: Set<String> = [
    "argmax", "argmin", "argsort", "equal", "floor_div", "gradient_clip", "gradient_reverse", "gradient_scale",
    "greater",
    "greater_equal", "is_finite", "is_inf", "is_nan", "less", "less_equal", "max_pool_positions", "not_equal",
    "one_hot",
    "stop_gradient",
  ]

  @Test func `show every operation in every floating type`() {
    for name in Self.names where !Self.withoutFloats.contains(name) {
      let shown = Set(Self.rows[name, default: []].flatMap(\.shownTypes))
      let missing = [DType.f64, .f32, .f16, .bf16].filter { !shown.contains($0) }
      #expect(missing.isEmpty, "\(name) has no rows in \(missing)")
    }
  }

  @Test func `show every operation on empty operands and on axes of size 1`() {
    for name in Self.names where !Self.withoutOperands.contains(name) {
      let sizes = Self.rows[name, default: []].flatMap(\.operands).map(\.sizes)
      #expect(sizes.contains { $0.contains(0) }, "\(name) has no row with an empty operand")
      #expect(sizes.contains { $0.contains(1) }, "\(name) has no row with an axis of size 1")
    }
  }

  @Test func `show the second derivative of every operation that has one`() {
    let exempt = Self.withoutSecondOrder.union(Self.withoutFloats).union(Self.withoutOperands)
    for name in Self.names where !exempt.contains(name) {
      #expect(Self.rows[name, default: []].contains { $0.order > 1 }, "\(name) has no row of second order")
    }
  }

  @Test func `show every function of numbers at NaN and infinity`() throws {
    let functions: Set = ["arithmetic", "comparison", "functions", "reductions", "rounding", "neural networks"]
    for name in Self.names where functions.contains(try #require(Registry.builtIn()[name]).family) {
      guard !Self.withoutFloats.contains(name) else { continue }
      let operands = Self.rows[name, default: []].flatMap(\.operands)
      #expect(operands.contains { $0.holds(\.isNaN) }, "\(name) has no row with NaN")
      #expect(operands.contains { $0.holds(\.isInfinite) }, "\(name) has no row with an infinity")
    }
  }
}

extension OperationCase {
  /// The types of its operands; without operands, that of its result.
  fileprivate var shownTypes: [DType] {
    if !operands.isEmpty { return dtypes }
    guard case .dtype(let dtype) = attributes["dtype"] else { return [.f32] }
    return [dtype]
  }
}

extension Operand {
  fileprivate func holds(_ property: (Double) -> Bool) -> Bool { numbers(stream: "").contains(where: property) }
}
