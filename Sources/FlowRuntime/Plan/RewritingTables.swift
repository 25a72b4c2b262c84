import FlowGraph
import FlowTensor

/// Laws by the operation at which they are tried.
struct LawTable {
  private let laws: [Rewrite]
  private var byRoot: [ObjectIdentifier: [Int]] = [:]
  /// The laws of each operation that was asked for.
  private var byOperation: [[Int]?] = []

  init(_ laws: [Rewrite]) {
    self.laws = laws
    for (index, law) in laws.enumerated() { for root in law.roots { byRoot[root, default: []].append(index) } }
  }

  subscript(index: Int) -> Rewrite { laws[index] }

  /// The laws that are tried at an operation, in order.
  mutating func indices(at operation: Int32, _ operations: OperationTable) -> [Int] {
    let index = Int(operation)
    while byOperation.count <= index { byOperation.append(nil) }
    if let known = byOperation[index] { return known }
    let found = byRoot[operations.operations[index].identity] ?? []
    byOperation[index] = found
    return found
  }
}

/// The operations of a draft, each once.
struct OperationTable {
  private(set) var operations: [any Operation]
  /// The operations of a kind by their attributes: filled when one of that kind is added.
  private var known: [ObjectIdentifier: [[AttributeValue]: Int32]] = [:]
  private var numbers: [Double??]
  private var commutative: [Bool]

  init(_ operations: [any Operation]) {
    commutative = operations.map { type(of: $0).isCommutative }
    self.operations = operations
    numbers = Array(repeating: nil, count: operations.count)
  }

  mutating func intern(_ operation: any Operation) -> Int32 {
    let kind = operation.identity
    if known[kind] == nil { known[kind] = indices(of: kind) }
    let index = Int32(operations.count)
    let attributes = operation.attributeValues
    if let first = known[kind]?[attributes] { return first }
    known[kind]?[attributes] = index
    operations.append(operation)
    numbers.append(nil)
    commutative.append(type(of: operation).isCommutative)
    return index
  }

  func isCommutative(_ operation: Int32) -> Bool { commutative[Int(operation)] }

  /// The number that an operation fills its result with, where it does.
  mutating func number(of operation: Int32) -> Double? {
    if let known = numbers[Int(operation)] { return known }
    let number = operations[Int(operation)].constantNumber
    numbers[Int(operation)] = .some(number)
    return number
  }

  private func indices(of kind: ObjectIdentifier) -> [[AttributeValue]: Int32] {
    var indices: [[AttributeValue]: Int32] = [:]
    for (index, operation) in operations.enumerated() where operation.identity == kind {
      let attributes = operation.attributeValues
      if indices[attributes] == nil { indices[attributes] = Int32(index) }
    }
    return indices
  }
}

/// The types of a draft, each once, and the type of each value.
struct ValueTypes {
  private(set) var types: [TensorType]
  var indices: [Int32]
  private var numbers: [TensorType: Int32] = [:]
  private var calls = SequenceTable()
  /// The types of the results of each call seen before; nil where its shape rule refuses the operands.
  private var results: [[Int32]?] = []

  init(_ draft: Draft) {
    types = draft.types
    indices = draft.typeIndices
  }

  /// The types of the results of an operation on values.
  mutating func results(
    of number: Int32, _ operation: any Operation, _ operands: [Int32]
  ) -> [Int32]? {
    let (call, isNew) = calls.insert([number] + operands.map { indices[Int($0)] })
    if !isNew { return results[call] }
    let inferred = try? operation.infer(operands.map { types[Int(indices[Int($0)])] })
    let isConcrete = inferred?.allSatisfy { $0.isConcrete && $0.byteCount != nil } ?? false
    results.append(isConcrete ? inferred?.map { intern($0) } : nil)
    return results[call]
  }

  private mutating func intern(_ type: TensorType) -> Int32 {
    if numbers.isEmpty { for (index, type) in types.enumerated() { numbers[type] = Int32(index) } }
    if let index = numbers[type] { return index }
    let index = Int32(types.count)
    types.append(type)
    numbers[type] = index
    return index
  }
}
