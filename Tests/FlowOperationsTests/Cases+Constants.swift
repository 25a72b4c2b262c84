import FlowGraph
import FlowTensor

extension OperationCase {
  static let constants: [OperationCase] = [
    OperationCase(
      "fill", [], ["value": .real(2.5), "shape": [2, 2].attributeValue], order: 0, gives: [2.5, 2.5, 2.5, 2.5]),
    OperationCase("fill", [], ["value": .whole(-3), "dtype": .dtype(.i8)], order: 0, gives: [-3]),
    OperationCase(
      "fill", [], ["value": .boolean(true), "dtype": .dtype(.bool), "shape": [3].attributeValue], order: 0,
      gives: [1, 1, 1]),
    OperationCase("fill", [], ["value": .whole(1), "shape": [0, 4].attributeValue], order: 0, gives: []),
    OperationCase("literal", [], ["values": .list([.list([.whole(1), .real(2.5)])])], order: 0, gives: [1, 2.5]),
    OperationCase(
      "literal", [], ["values": .list([.whole(1), .whole(2)]), "dtype": .dtype(.u8)], order: 0, gives: [1, 2]),
    OperationCase("literal", [], ["values": .list([.boolean(true), .boolean(false)])], order: 0, gives: [1, 0]),
    OperationCase(
      "load", [], ["path": .string("x.h5"), "data": .tensor(Tensor([1.5, 2.5], [2]))], order: 0, gives: [1.5, 2.5]),
    OperationCase("eye", [], ["shape": [2, 3].attributeValue], order: 0, gives: [1, 0, 0, 0, 1, 0]),
    OperationCase("eye", [], ["shape": [0, 0].attributeValue, "dtype": .dtype(.i32)], order: 0, gives: []),
    OperationCase(
      "arange", [], ["start": .whole(2), "stop": .whole(11), "step": .whole(3)], order: 0, gives: [2, 5, 8]),
    OperationCase(
      "arange", [], ["start": .whole(3), "stop": .whole(0), "step": .whole(-1), "dtype": .dtype(.f64)], order: 0,
      gives: [3, 2, 1]),
    OperationCase(
      "arange", [], ["start": .real(0), "stop": .real(1), "step": .real(0.25), "dtype": .dtype(.f32)], order: 0,
      gives: [0, 0.25, 0.5, 0.75]),
    OperationCase("arange", [], ["start": .whole(3), "stop": .whole(3)], order: 0, gives: []),
  ]

  /// Values are proved by their moments; see `RandomTests`.
  static var random: [OperationCase] {
    var rows: [OperationCase] = []
    rows += ["uniform", "normal", "truncated_normal", "bernoulli", "variance_scaling"].flatMap {
      (name) -> [OperationCase] in
      [DType.f32, .f64, .f16].map {
        OperationCase(name, [], ["shape": [30, 300].attributeValue, "dtype": .dtype($0)], order: 0)
      }
    }
    rows += ["uniform", "variance_scaling"].map { OperationCase($0, [], order: 0) }
    rows += [
      OperationCase(
        "variance_scaling", [],
        ["mode": .string("fan_avg"), "distribution": .string("uniform"), "shape": [4, 3, 5, 5].attributeValue], order: 0
      ),
      OperationCase(
        "variance_scaling", [],
        ["mode": .string("fan_out"), "distribution": .string("truncated_normal"), "shape": [7].attributeValue], order: 0
      ),
      OperationCase("integers", [], ["low": .whole(-3), "high": .whole(4), "shape": [5].attributeValue], order: 0),
      OperationCase("integers", [], ["low": .whole(.min), "high": .whole(.max), "dtype": .dtype(.i64)], order: 0),
      OperationCase("permutation", [], ["shape": [50].attributeValue], order: 0),
      OperationCase("permutation", [], ["shape": [0].attributeValue], order: 0),
    ]
    return rows
  }
}
