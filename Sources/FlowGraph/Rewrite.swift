package import FlowTensor

/// A law by which a value may be computed otherwise: what it matches, and what it puts in place.
///
/// Declared beside the operations that it speaks of, kept in their registry, and applied to plans by the runtime, which
/// knows no operation.
package struct Rewrite: Sendable {
  /// When a law applies: simplification comes first and may be undone by nothing that fusion does.
  package enum Stage: Hashable, Sendable, CaseIterable { case simplification, fusion }

  /// How well the new value agrees with the old one.
  package enum Accuracy: Hashable, Sendable {
    /// The same number, NaN and infinities included; only a zero may change its sign.
    case exact
    /// Rounded otherwise: at most so many units in the last place of the largest intermediate number away.
    case rounding(Int)
    /// So where the old value is computed without overflow and cancellation; right to the last places also where not.
    case stable(Int)
  }

  /// What counts are listed under.
  package let name: String
  /// What it says, as a formula.
  package let law: String
  package let accuracy: Accuracy
  package let stage: Stage
  /// The types of the operations at which it is tried.
  package let roots: [ObjectIdentifier]
  private let rule: @Sendable (any RewriteScope, Int32, any Operation) -> Int32?

  /// - Parameter rule: what stands for the result of an operation with one result; nil where the law does not apply. A value of
  ///   another type than the result's is not taken, so a rule need not compare types.
  package init<Root: Operation>(
    _ name: String, _ law: String, _ accuracy: Accuracy = .exact, stage: Stage = .simplification,
    _ rule: @escaping @Sendable (Match<Root>) -> Term?
  ) {
    self.init(name, law, accuracy, stage, [Root.self]) { scope, node, operation in
      guard let operation = operation as? Root else { return nil }
      return rule(Match(scope: scope, node: node, operation: operation))?.value
    }
  }

  /// A law of several operations.
  package init(
    _ name: String, _ law: String, _ accuracy: Accuracy = .exact, stage: Stage = .simplification,
    at roots: [any Operation.Type], _ rule: @escaping @Sendable (Match<any Operation>) -> Term?
  ) {
    self.init(name, law, accuracy, stage, roots) { scope, node, operation in
      rule(Match(scope: scope, node: node, operation: operation))?.value
    }
  }

  private init(
    _ name: String, _ law: String, _ accuracy: Accuracy, _ stage: Stage, _ roots: [any Operation.Type],
    _ rule: @escaping @Sendable (any RewriteScope, Int32, any Operation) -> Int32?
  ) {
    self.name = name
    self.law = law
    self.accuracy = accuracy
    self.stage = stage
    self.roots = roots.map { ObjectIdentifier($0) }
    self.rule = rule
  }

  /// The value that stands for the result of a node of one of the roots' types; nil where the law does not apply.
  package func apply(to node: Int32, in scope: any RewriteScope) -> Int32? {
    rule(scope, node, scope.operation(of: node))
  }
}

/// What is being rewritten, as laws see it: values and nodes by number. Nodes can be added, none changed.
package protocol RewriteScope: AnyObject {
  func type(of value: Int32) -> TensorType
  /// The number that every element of a value holds, where it is a constant of that kind.
  func number(of value: Int32) -> Double?
  /// How many operands of nodes that are needed, and results that are wanted, are this value.
  func readers(of value: Int32) -> Int
  /// The node that computes a value; nil for a variable or a constant.
  func node(of value: Int32) -> Int32?
  func operation(of node: Int32) -> any Operation
  func operands(of node: Int32) -> ArraySlice<Int32>
  func result(of node: Int32) -> Int32
  /// The first result of an operation on values, simplified; nil where the shape rule refuses them.
  func add(_ operation: any Operation, _ operands: [Int32]) -> Int32?
}

/// A value in a law.
package struct Term: Equatable {
  fileprivate let scope: any RewriteScope
  fileprivate let value: Int32

  package var type: TensorType { scope.type(of: value) }
  package var dtype: DType { type.dtype }
  /// All sizes are known.
  package var shape: Shape { type.shape }
  /// The number that every element holds, where this is a constant of that kind.
  package var number: Double? { scope.number(of: value) }
  /// Whether nothing else reads this value, so that it need not be computed once its reader does without.
  package var isReadOnce: Bool { scope.readers(of: value) == 1 }

  package static func == (a: Term, b: Term) -> Bool { a.value == b.value }

  /// The node that computes this value, where it is of that operation.
  package func made<Body: Operation>(by _: Body.Type = Body.self) -> Match<Body>? {
    guard let node = scope.node(of: value), scope.result(of: node) == value else { return nil }
    let operation = scope.operation(of: node)
    guard type(of: operation) == Body.self, let body = operation as? Body else { return nil }
    return Match(scope: scope, node: node, operation: body)
  }

  /// The first result of an operation on this value and others.
  package func applying(_ operation: any Operation, _ others: Term...) -> Term? {
    scope.add(operation, [value] + others.map(\.value)).map { Term(scope: scope, value: $0) }
  }

  /// The result of an operation without operands.
  package func adding(_ operation: any Operation) -> Term? {
    scope.add(operation, []).map { Term(scope: scope, value: $0) }
  }

  private func type(of operation: any Operation) -> any Operation.Type { Swift.type(of: operation) }
}

/// A node in a law: an operation, and what it is applied to.
package struct Match<Body> {
  fileprivate let scope: any RewriteScope
  fileprivate let node: Int32
  package let operation: Body

  package var count: Int { scope.operands(of: node).count }
  package var result: Term { Term(scope: scope, value: scope.result(of: node)) }

  /// An operand, by its position.
  package subscript(index: Int) -> Term {
    let operands = scope.operands(of: node)
    return Term(scope: scope, value: operands[operands.startIndex + index])
  }

  /// The first result of an operation on values.
  package func applying(_ operation: any Operation, to operands: [Term]) -> Term? {
    scope.add(operation, operands.map(\.value)).map { Term(scope: scope, value: $0) }
  }
}
