import FlowGraph
import FlowTensor
import RealModule

extension OperationCase {
  /// Attention and standardized rows, which compute in one kernel what could be written as graph.
  static let attention: [OperationCase] =
    [
      ([2, 3, 4], [2, 5, 4], [2, 5, 3]), ([4, 2], [4, 2], [4, 3]), ([2, 1, 3, 2], [3, 4, 2], [4, 2]),
      ([1, 1], [1, 1], [1, 1]), ([5, 2], [3, 2], [3, 1]), ([0, 2], [3, 2], [3, 2]),
      ([0, 3, 2], [0, 4, 2], [0, 4, 1]),
    ].flatMap { q, k, v in [false, true].flatMap { rows(q, k, v, causal: $0) } }
    + [
      OperationCase(
        "dot_product_attention", [Operand([70, 3]), Operand([300, 3]), Operand([300, 2])], dtypes: [.f64, .f32],
        order: 0,
        matching: attended(causal: false)),
      OperationCase(
        "dot_product_attention", [Operand([270, 2]), Operand([300, 2]), Operand([300, 1])], ["causal": .boolean(true)],
        dtypes: [.f64, .f32, .bf16], order: 0, matching: attended(causal: true)),
      OperationCase(
        "dot_product_attention",
        [Operand([1, 1], .values([1000])), Operand([2, 1], .values([1, 1])), Operand([2, 1], .values([1, 3]))],
        order: 0,
        gives: [2]),
      OperationCase(
        "attention_gradient",
        [Operand([1, 1], .values([.nan]))] + [1, 1, .infinity].map { Operand([1, 1], .values([$0])) }, order: 0,
        gives: [.nan]),
      OperationCase(
        "standardize_gradient", [Operand([2], .values([.nan, 1])), Operand([2], .values([1, .infinity]))], order: 0,
        gives: [.nan, .nan]),
    ]
    + [[2, 3], [4], [3, 1], [0, 3], [2, 2, 5]].flatMap { sizes in
      [true, false].flatMap { (center) -> [OperationCase] in
        let attributes: [String: AttributeValue] = ["epsilon": .real(0.1), "center": .boolean(center)]
        return [
          OperationCase(
            "standardize", [Operand(sizes)], attributes, dtypes: floating,
            matching: { standardized($0[0], center) }),
          OperationCase("standardize_gradient", [Operand(sizes), Operand(sizes)], attributes, dtypes: floating),
        ]
      }
    }

  private static let floating: [DType] = [.f64, .f32, .f16, .bf16]

  private static func rows(_ q: [Int], _ k: [Int], _ v: [Int], causal: Bool) -> [OperationCase] {
    let operands = [Operand(q), Operand(k), Operand(v)]
    let longest = [q, k, v].map { Array($0.dropLast(2)) }.max { $0.count < $1.count } ?? []
    let batch = q == [2, 1, 3, 2] ? [2, 3] : longest
    let result = batch + [q[q.count - 2], v[v.count - 1]]
    let attributes: [String: AttributeValue] = ["causal": .boolean(causal)]
    return [
      OperationCase(
        "dot_product_attention", operands, attributes, dtypes: floating, matching: attended(causal: causal)),
      OperationCase("attention_gradient", operands + [Operand(result)], attributes, dtypes: floating),
    ]
  }

  /// Query by query; leading axes as in the rows above.
  private static func attended(causal: Bool) -> Reference {
    { operands in
      let (q, k, v) = (operands[0], operands[1], operands[2])
      let (queries, keys, values) = (q.doubles, k.doubles, v.doubles)
      let (n, d) = (q.sizes[q.sizes.count - 2], q.sizes[q.sizes.count - 1])
      let (m, e) = (k.sizes[k.sizes.count - 2], v.sizes[v.sizes.count - 1])
      let matrices = [q.count / max(n * d, 1), k.count / max(m * d, 1), v.count / max(m * e, 1)]
      let all = q.sizes.count == 4 ? 6 : matrices.max() ?? 0
      guard n > 0 else { return [] }
      return (0..<all).flatMap { index -> [Double] in
        let (a, b, c) = (q.sizes.count == 4 ? index / 3 : index % matrices[0], index % matrices[1], index % matrices[2])
        return (0..<n).flatMap { row -> [Double] in
          let seen = causal ? min(row + 1, m) : m
          let scores = (0..<seen).map { key in
            (0..<d).reduce(0.0) { $0 + queries[(a * n + row) * d + $1] * keys[(b * m + key) * d + $1] }
          }
          let largest = scores.max() ?? 0
          let weights = scores.map { Double.exp($0 - largest) }
          let sum = weights.reduce(0, +)
          return (0..<e).map { column in
            weights.indices.reduce(0.0) { $0 + weights[$1] * values[(c * m + $1) * e + column] } / sum
          }
        }
      }
    }
  }

  private static func standardized(_ x: Tensor, _ center: Bool) -> [Double] {
    let size = x.sizes.last ?? 1
    return stride(from: 0, to: x.count, by: max(size, 1)).flatMap { start -> [Double] in
      let row = Array(x.doubles[start..<start + size])
      let mean = center ? row.reduce(0, +) / Double(size) : 0
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(size)
      return row.map { ($0 - mean) / (variance + 0.1).squareRoot() }
    }
  }
}
