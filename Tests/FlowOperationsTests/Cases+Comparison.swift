import FlowTensor

extension OperationCase {
  private typealias Test = @Sendable (Double, Double) -> Bool

  private static let tests: [(String, Test)] = [
    ("equal", { $0 == $1 }), ("not_equal", { $0 != $1 }), ("less", { $0 < $1 }), ("less_equal", { $0 <= $1 }),
    ("greater", { $0 > $1 }), ("greater_equal", { $0 >= $1 }),
  ]

  private static let comparable: [DType] = [.f64, .f32, .i64, .i32, .i16, .i8, .u8]

  static var comparisons: [OperationCase] {
    let pairs: [([Int], [Int])] = [([3, 4], [3, 4]), ([3, 4], [4]), ([3, 1], [1, 4]), ([], [5]), ([0], [1])]
    var rows: [OperationCase] = []
    for (name, test) in tests {
      let reference = Naive.binary { test($0, $1) ? 1 : 0 }
      for (a, b) in pairs {
        let operands = [Operand(a, .wholes(0..<3)), Operand(b, .wholes(0..<3))]
        rows.append(OperationCase(name, operands, dtypes: comparable, order: 0, matching: reference))
      }
      let special = [Operand([3], .values([.nan, .nan, .infinity])), Operand([3], .values([.nan, 1, .infinity]))]
      rows.append(OperationCase(name, special, order: 0, matching: reference))
    }
    return rows
  }

  private static let connectives: [(String, Test)] = [
    ("and", { $0 * $1 == 1 }), ("or", { $0 + $1 > 0 }), ("equal", { $0 == $1 }), ("not_equal", { $0 != $1 }),
  ]

  static var logic: [OperationCase] {
    let pairs: [([Int], [Int])] = [([4], [4]), ([2, 1], [3]), ([], [])]
    var rows: [OperationCase] = []
    for (name, test) in connectives {
      for (a, b) in pairs {
        let operands = [Operand(a, .wholes(0..<2)), Operand(b, .wholes(0..<2))]
        rows.append(
          OperationCase(name, operands, dtypes: [.bool], order: 0, matching: Naive.binary { test($0, $1) ? 1 : 0 }))
      }
    }
    return rows
  }

  static var selections: [OperationCase] {
    [
      OperationCase(
        "not", [Operand([2, 3], .wholes(0..<2))], dtypes: [.bool], order: 0, matching: Naive.unary { 1 - $0 }),
      OperationCase("where", [Operand([4], .values([1, 0, 0, 1]), .bool), Operand([2, 4]), Operand([2, 4])]) { o in
        let (x, y) = (o[1].doubles, o[2].doubles)
        return (0..<8).map { [0, 3].contains($0 % 4) ? x[$0] : y[$0] }
      },
      OperationCase("where", [Operand([], .values([0]), .bool), Operand([3]), Operand([])]) { o in
        [Double](repeating: o[2].doubles[0], count: 3)
      },
      OperationCase(
        "where", [Operand([2, 1], .values([1, 0]), .bool), Operand([3], .wholes(0..<9)), Operand([1], .values([7]))],
        dtypes: [.i64, .i32, .i16, .i8, .u8, .f16, .bf16], order: 0
      ) { o in o[1].doubles + [7, 7, 7] },
    ]
  }
}
