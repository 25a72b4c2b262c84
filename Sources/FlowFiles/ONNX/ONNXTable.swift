/// How each operation becomes standard operators: tables by family, looked up by name.
enum ONNXTable {
  typealias Translation = @Sendable (ONNXCall) throws(ONNXFault) -> [String]

  /// The version of the standard operator set.
  static let operatorSet: Int64 = 18
  static let irVersion: Int64 = 8

  static let all: [String: Translation] = [elementwise, reductions, layout, indexing, products, windows, constants]
    .reduce(into: [:]) { all, family in all.merge(family) { first, _ in first } }

  /// One value, from an operation of one result.
  static func one(_ body: @escaping @Sendable (ONNXCall) throws(ONNXFault) -> String) -> Translation {
    { call throws(ONNXFault) in [try body(call)] }
  }

  /// The operator that is the same operation.
  static func same(_ kind: String) -> Translation { one { $0.add(kind, $0.inputs) } }

  /// The same, but in single precision where it is asked for double.
  static func single(_ kind: String) -> Translation {
    one { call throws(ONNXFault) in
      try call.inSingle(call.inputs) { inputs throws(ONNXFault) in call.add(kind, inputs) }
    }
  }
}
