package import FlowGraph
import FlowTensor

/// The whole proof of one operation from outside: every rule that it has, on every kind of operands that it takes.
package struct Examination: Sendable {
  package let operation: String
  /// What was proved, in words: "gradient of order 1".
  package private(set) var passed: [(proof: String, runs: Int)] = []
  /// What does not hold.
  package private(set) var findings: [String] = []
  /// What could not be proved, and why.
  package private(set) var skipped: [String] = []

  private let entry: Registry.Entry
  private let registry: Registry

  /// Examines an operation with its attributes at their defaults, and where it needs some, with those that are given.
  package init(_ entry: Registry.Entry, _ registry: Registry, attributes: [String: AttributeValue] = [:]) {
    operation = entry.name
    self.entry = entry
    self.registry = registry
    do throws(OperationError) {
      try examine(try entry.operation(attributes), attributes)
    } catch {
      skipped.append("\(operation): \(error.message)")
    }
  }

  private mutating func examine(
    _ operation: any Operation, _ attributes: [String: AttributeValue]
  ) throws(OperationError) {
    let operands = OperandSearch(operation, entry.signature).operands()
    guard !operands.isEmpty else {
      findings.append("\(self.operation): its shape rule takes none of the operands that were tried")
      return
    }
    for types in operands { try examine(types, attributes, operation) }
    refusals(operation, operands)
  }

  private mutating func examine(
    _ types: [TensorType], _ attributes: [String: AttributeValue], _ operation: any Operation
  ) throws(OperationError) {
    let floating = types.contains { $0.dtype.isFloating }
    let dtypes = floating ? [DType.f64, .f32, .f16, .bf16] : [.f64]
    for dtype in dtypes {
      let cast = types.map { TensorType($0.dtype == .f64 ? dtype : $0.dtype, $0.shape) }
      guard (try? operation.infer(cast)) != nil else { continue }
      guard let (tensors, error) = runnable(cast, attributes) else { continue }
      let proof = try Proof(
        self.operation, tensors, attributes, title: "\(self.operation)(\(cast.list))", registry: registry)
      if let error {
        findings.append("\(proof.title): \(error.message)")
        continue
      }
      note("kernel against shape rule, between guard bytes", proof.valueFindings())
      note("shape rule with names for sizes", proof.symbolFindings())
      if dtype == .f64, floating { try derivatives(tensors, attributes, operation, proof.title) }
    }
  }

  /// Operands that the kernel takes too; with the error of the last that it does not.
  private func runnable(
    _ types: [TensorType], _ attributes: [String: AttributeValue]
  ) -> (tensors: [Tensor], error: OperationError?)? {
    var last: (tensors: [Tensor], error: OperationError?)?
    for choice in OperandSearch.domains(types.count) {
      let tensors = zip(types, choice).enumerated().map { index, item in
        OperandSearch.tensors(Array(types[...index]), item.1)[index]
      }
      do throws(OperationError) {
        _ = try Proof(operation, tensors, attributes, title: operation, registry: registry).run()
        return (tensors, nil)
      } catch {
        last = (tensors, error)
        if error.kind == .pluginFailure { return last }
      }
    }
    return last
  }

  private mutating func derivatives(
    _ tensors: [Tensor], _ attributes: [String: AttributeValue], _ operation: any Operation, _ title: String
  ) throws(OperationError) {
    let (name, registry) = (self.operation, registry)
    let made = { () throws(OperationError) -> Proof in
      try Proof(name, tensors, attributes, title: title, registry: registry)
    }
    // What is not finite, such as the mean of nothing, has no slope.
    let results = try made().run().filter(\.dtype.isFloating)
    guard !results.isEmpty, results.allSatisfy({ $0.doubles.allSatisfy(\.isFinite) }) else { return }
    let linearity = try made().linearityFindings()
    if let reason = linearity.first(where: { $0.contains("defines no gradient") }) {
      if !skipped.contains(where: { $0.hasSuffix("no gradient") }) { skipped.append(reason) }
      return
    }
    guard !operation.isNotDerivative else {
      let reason = "\(self.operation): its gradient is declared not to be the derivative"
      if !skipped.contains(reason) { skipped.append(reason) }
      note("gradient linear in the output's", linearity.filter { !Self.isFirstOrder($0) })
      return
    }
    let isDefined = try made().undefinedInputs.isEmpty
    if !isDefined { return try partialDerivatives(made) }
    let first = try made().gradientFindings(order: 1)
    note("gradient of order 1", first)
    guard first.isEmpty else { return }
    let second = try made().gradientFindings(order: 2)
    if second.contains(where: Self.isFirstOrder) {
      let reason = "\(self.operation): its gradient is a number, not a graph: first order only"
      if !skipped.contains(reason) { skipped.append(reason) }
      return
    }
    note("gradient of order 2", second)
    note("gradient linear in the output's", linearity)
    note("tangent", try made().tangentFindings())
  }

  /// Where some inputs have no gradient, the others are held to theirs.
  private mutating func partialDerivatives(_ made: () throws(OperationError) -> Proof) throws(OperationError) {
    let kept = try made().definedInputs
    guard !kept.isEmpty else { return }
    note("gradient of order 1", try made().restricted(to: kept).gradientFindings(order: 1))
    note("gradient of order 2", try made().restricted(to: kept).gradientFindings(order: 2))
    note("tangent", try made().restricted(to: kept).tangentFindings())
  }

  private static func isFirstOrder(_ finding: String) -> Bool { finding.contains("first order only") }

  /// Every dtype in every place: the shape rule says that it does not fit, or the kernel takes it.
  private mutating func refusals(_ operation: any Operation, _ operands: [[TensorType]]) {
    guard let types = operands.first else { return }
    var wrong: [String] = []
    for index in types.indices {
      for dtype in DType.allCases {
        var other = types
        other[index].dtype = dtype
        do throws(OperationError) {
          let outputs = try operation.infer(other)
          let tensors = OperandSearch.tensors(other, .labels)
          let results = try Evaluator.run(operation, tensors)
          if results.map(\.type) != outputs {
            wrong.append("\(self.operation)(\(other.list)): other types than inferred")
          }
        } catch  where error.kind == .pluginFailure {
          wrong.append("\(self.operation)(\(other.list)): \(error.message)")
        } catch {
          continue
        }
      }
    }
    note("every dtype taken or refused with a reason", wrong)
  }

  private mutating func note(_ proof: String, _ found: [String]) {
    guard found.isEmpty else {
      findings += found.filter { !findings.contains($0) }
      return
    }
    if let index = passed.firstIndex(where: { $0.proof == proof }) {
      passed[index].runs += 1
    } else {
      passed.append((proof, 1))
    }
  }
}

extension [TensorType] {
  fileprivate var list: String { map(\.description).joined(separator: ", ") }
}

extension OperandSearch {
  /// What each operand holds: all the same first, then labels in one place.
  fileprivate static func domains(_ count: Int) -> [[Domain]] {
    let plain = [Domain.any, .fraction].map { Array(repeating: $0, count: count) }
    let labelled = (0..<count).reversed().map { place in (0..<count).map { $0 == place ? Domain.labels : .any } }
    return plain + labelled
  }
}
