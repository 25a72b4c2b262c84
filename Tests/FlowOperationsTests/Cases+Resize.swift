import FlowGraph
import FlowTensor

/// Images in another size, and the same as attributes.
private struct ResizeRow: Sendable {
  let x: [Int]
  /// The result's spatial axes.
  let size: [Int]
  /// How many entries of x are one of the result.
  let steps: [Double]
  let attributes: [String: AttributeValue]

  /// By sizes.
  init(_ x: [Int], size: [Int]) {
    (self.x, self.size) = (x, size)
    steps = zip(x.dropFirst(2), size).map { Double($0) / Double($1) }
    attributes = ["size": size.attributeValue]
  }

  /// By scales, which give these sizes.
  init(_ x: [Int], scale: [Double], gives size: [Int]) {
    (self.x, self.size) = (x, size)
    steps = scale.map { 1 / $0 }
    attributes = ["scale": scale.attributeValue]
  }

  var y: [Int] { Array(x.prefix(2)) + size }

  /// What of each entry of x is in each of the result: the product over the axes.
  func share(_ entry: [Int], _ result: [Int], _ mode: String) -> Double {
    guard entry.prefix(2) == result.prefix(2) else { return 0 }
    return steps.indices.reduce(1) { share, axis in
      let last = Double(x[axis + 2] - 1)
      let middle = (Double(result[axis + 2]) + 0.5) * steps[axis]
      let own = Double(entry[axis + 2])
      if mode == "nearest" { return share * (own == min(middle.rounded(.down), last) ? 1 : 0) }
      return share * max(0, 1 - abs(min(max(middle - 0.5, 0), last) - own))
    }
  }

  static let all: [ResizeRow] = [
    ResizeRow([2, 2, 3], size: [6]),
    ResizeRow([1, 2, 5], size: [3]),
    ResizeRow([1, 2, 4], size: [2]),
    ResizeRow([1, 1, 1], size: [3]),
    ResizeRow([2, 1, 3, 4], size: [5, 7]),
    ResizeRow([1, 2, 4, 5], size: [4, 2]),
    ResizeRow([1, 1, 2, 3, 2], size: [3, 2, 3]),
    ResizeRow([1, 1, 3], size: [1]),
    ResizeRow([1, 1, 3, 2], size: [0, 4]),
    ResizeRow([0, 2, 3], size: [4]),
    ResizeRow([1, 2, 0], size: [0]),
    ResizeRow([1, 2, 3], scale: [2], gives: [6]),
    ResizeRow([1, 2, 3, 4], scale: [1.5, 0.7], gives: [4, 2]),
  ]
}

extension OperationCase {
  static var resizing: [OperationCase] {
    ResizeRow.all.flatMap { row in ["nearest", "linear"].flatMap { both(row, $0) } } + edges
  }

  private static func both(_ row: ResizeRow, _ mode: String) -> [OperationCase] {
    let named = row.attributes.merging(["mode": .string(mode)]) { $1 }
    var transposed = named.merging(["image": Array(row.x.dropFirst(2)).attributeValue]) { $1 }
    transposed["size"] = nil
    return [
      OperationCase("resize", [Operand(row.x)], named) { operands in
        Naive.indices(row.y).map { index in
          zip(Naive.indices(row.x), operands[0].doubles).reduce(0) { $0 + row.share($1.0, index, mode) * $1.1 }
        }
      },
      OperationCase("resize_gradient", [Operand(row.y)], transposed) { operands in
        Naive.indices(row.x).map { entry in
          zip(Naive.indices(row.y), operands[0].doubles).reduce(0) { $0 + row.share(entry, $1.0, mode) * $1.1 }
        }
      },
    ]
  }

  /// One number for all axes; halfway the higher entry; what is not finite stays where it is.
  private static let edges: [OperationCase] = [
    OperationCase(
      "resize", [Operand([1, 1, 1, 2], .values([1, 2]))], ["scale": .whole(2)], gives: [1, 1, 2, 2, 1, 1, 2, 2]),
    OperationCase("resize", [Operand([1, 1, 4], .values([0, 1, 2, 3]))], ["size": .whole(2)], gives: [1, 3]),
    OperationCase(
      "resize", [Operand([1, 1, 2], .values([.infinity, 1]))], ["size": .whole(4)], order: 0,
      gives: [.infinity, .infinity, 1, 1]),
    OperationCase(
      "resize", [Operand([1, 1, 2], .values([.nan, 1]))], ["size": .whole(4), "mode": .string("linear")], order: 0,
      gives: [.nan, .nan, .nan, 1]),
  ]
}
