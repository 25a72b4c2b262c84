import FlowGraph
import FlowTensor
import RealModule

extension OperationCase {
  static var neural: [OperationCase] {
    var rows: [OperationCase] = []
    rows += ([([2, 3], -1), ([2, 3], 0), ([2, 3, 4], 1), ([5], 0), ([2, 1], 1), ([0, 3], 1)] as [([Int], Int)]).flatMap
    {
      sizes, axis in
      ["softmax", "log_softmax"].map { (name) -> OperationCase in
        OperationCase(name, [Operand(sizes)], ["axis": .whole(axis)]) { operands in
          let axis = axis < 0 ? axis + sizes.count : axis
          let x = operands[0].doubles
          return Naive.indices(sizes).map { index in
            let sum = (0..<sizes[axis]).reduce(0.0) { sum, k in
              var other = index
              other[axis] = k
              return sum + Double.exp(x[Naive.position(other, sizes)])
            }
            let share = Double.exp(x[Naive.position(index, sizes)]) / sum
            return name == "softmax" ? share : Double.log(share)
          }
        }
      }
    }
    rows += [
      OperationCase("softmax", [Operand([2], .values([1000, 1000]))], order: 0, gives: [0.5, 0.5]),
      OperationCase("softmax", [Operand([2], .values([-.infinity, 0]))], order: 0, gives: [0, 1]),
      OperationCase("log_softmax", [Operand([2], .values([1e5, 0]))], order: 0, gives: [0, -1e5]),
      OperationCase(
        "softmax_cross_entropy", [Operand([3, 4]), Operand([3], .values([2, 0, 3]), .i32)], matching: classes),
      OperationCase(
        "softmax_cross_entropy", [Operand([2, 2, 3]), Operand([2, 2], .values([2, 0, 1, 1]), .i64)], matching: classes),
      OperationCase("softmax_cross_entropy", [Operand([4]), Operand([], .values([1]), .u8)], matching: classes),
      OperationCase("softmax_cross_entropy", [Operand([3, 4]), Operand([3, 4], .positive)], matching: probabilities),
      OperationCase("softmax_cross_entropy", [Operand([4]), Operand([4], .positive)], matching: probabilities),
      OperationCase(
        "softmax_cross_entropy",
        [Operand([2, 2], .values([1000, 0, 0, 1000])), Operand([2], .values([1, 1]), .i32)], order: 0, gives: [500]),
      OperationCase(
        "softmax_cross_entropy", [Operand([0, 3]), Operand([0], .values([]), .i32)], order: 0, gives: [.nan]),
    ]
    rows += [
      ([3, 4], [2, 0, 3]), ([2, 2, 3], [2, 0, 1, 1]), ([4], [1]), ([2, 21], [20, 3]), ([1, 3], [2]), ([0, 3], []),
    ].map {
      sizes, labels in
      OperationCase(
        "softmax_cross_entropy_gradient",
        [Operand(sizes), Operand(Array(sizes.dropLast()), .values(labels), .i32), Operand([])],
        dtypes: [.f64, .f32, .bf16], matching: gradient)
    }
    return rows
  }

  private static let gradient: Reference = { operands in
    let scale = operands[2].doubles[0]
    return zip(logProbabilities(operands[0]), operands[1].doubles).flatMap { row, label in
      row.indices.map { (Double.exp(row[$0]) - ($0 == Int(label) ? 1 : 0)) * scale }
    }
  }

  private static func logProbabilities(_ logits: Tensor) -> [[Double]] {
    let (x, classes) = (logits.doubles, logits.sizes.last ?? 1)
    return stride(from: 0, to: x.count, by: classes).map { start in
      let row = x[start..<start + classes]
      let scale = Double.log(row.reduce(0) { $0 + Double.exp($1) })
      return row.map { $0 - scale }
    }
  }

  private static let classes: Reference = { operands in
    let rows = logProbabilities(operands[0])
    let losses = zip(rows, operands[1].doubles).map { row, label in -row[Int(label)] }
    return [losses.reduce(0, +) / Double(rows.count)]
  }

  private static let probabilities: Reference = { operands in
    let rows = logProbabilities(operands[0])
    let losses = zip(rows.flatMap(\.self), operands[1].doubles).map { -$0 * $1 }
    return [losses.reduce(0, +) / Double(rows.count)]
  }
}
