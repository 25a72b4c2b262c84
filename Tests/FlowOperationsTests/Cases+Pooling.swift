import FlowGraph
import FlowTensor

/// Windows over images, and the same as attributes.
private struct PoolingRow: Sendable {
  let x: [Int]
  let window: [Int]
  let windows: NaiveWindows
  let attributes: [String: AttributeValue]

  init(_ x: [Int], _ window: [Int], _ windows: NaiveWindows, _ attributes: [String: AttributeValue]) {
    (self.x, self.window, self.windows) = (x, window, windows)
    self.attributes = attributes
  }

  /// With one number for all axes.
  init(_ x: [Int], size: Int, stride: Int? = nil, padding: Int = 0) {
    let axes = x.dropFirst(2)
    var attributes: [String: AttributeValue] = ["size": .whole(size), "padding": .whole(padding)]
    if let stride { attributes["stride"] = .whole(stride) }
    self.init(
      x, axes.map { _ in size },
      NaiveWindows(stride: axes.map { _ in stride ?? size }, padding: axes.map { _ in (padding, padding) }), attributes)
  }

  var image: [Int] { Array(x.dropFirst(2)) }
  var y: [Int] { Array(x.prefix(2)) + windows.outputs(image, window) }

  /// For each number of the result, where its window's entries lie in x and in their channel.
  var entries: [[(place: Int, inChannel: Int)]] {
    Naive.indices(y).map { index in
      Naive.indices(window).compactMap { entry in
        windows.place(Array(index.dropFirst(2)), entry, in: image).map {
          (Naive.position(index.prefix(2) + $0, x), Naive.position($0, image))
        }
      }
    }
  }

  static let all: [PoolingRow] = [
    PoolingRow([2, 1, 4, 4], size: 2),
    PoolingRow([2, 3, 5, 4], size: 3, stride: 1),
    PoolingRow([1, 2, 5, 5], size: 2, stride: 2, padding: 1),
    PoolingRow([2, 2, 7], size: 3, stride: 2, padding: 2),
    PoolingRow([1, 2, 3, 4, 3], size: 2, stride: 1),
    PoolingRow([1, 1, 1, 1], size: 1),
    PoolingRow([1, 1, 1, 1], size: 2, padding: 1),
    PoolingRow([0, 2, 4, 4], size: 2),
    PoolingRow([1, 1, 7, 7], size: 2, stride: 3),
    PoolingRow(
      [2, 2, 5, 4], [3, 2], NaiveWindows(stride: [2, 1], padding: [(1, 2), (0, 1)]),
      [
        "size": [3, 2].attributeValue, "stride": [2, 1].attributeValue, "padding": [1, 0, 2, 1].attributeValue,
      ]),
    PoolingRow(
      [1, 2, 5, 4], [2, 3], NaiveWindows(stride: [2, 1], padding: [(0, 1), (1, 1)]),
      ["size": [2, 3].attributeValue, "stride": [2, 1].attributeValue, "padding": .string("same")]),
  ]
}

extension OperationCase {
  static var pooling: [OperationCase] {
    PoolingRow.all.flatMap { maxima($0) + means($0, false) + means($0, true) } + ties
  }

  private static func maxima(_ row: PoolingRow) -> [OperationCase] {
    let x = Operand(row.x, .distinct)
    let entries = row.image.reduce(1, *)
    let positions = Operand(row.y, .wholes(0..<entries), .i32)
    let size = ["size": row.image.attributeValue]
    return [
      OperationCase("max_pool", [x], row.attributes) { operands in
        let numbers = operands[0].doubles
        return row.entries.map { $0.map { numbers[$0.place] }.max() ?? .nan }
      },
      OperationCase("max_pool_positions", [x], row.attributes, order: 0) { operands in
        let numbers = operands[0].doubles
        return row.entries.map { window in
          Double(window.max { numbers[$0.place] < numbers[$1.place] }?.inChannel ?? -1)
        }
      },
      OperationCase("max_pool_gradient", [x, Operand(row.y)], row.attributes, dtypes: [.f64, .f32, .f16]) { operands in
        let numbers = operands[0].doubles
        var result = [Double](repeating: 0, count: numbers.count)
        for (window, number) in zip(row.entries, operands[1].doubles) {
          guard let largest = window.max(by: { numbers[$0.place] < numbers[$1.place] }) else { continue }
          result[largest.place] += number
        }
        return result
      },
      OperationCase("max_unpool", [Operand(row.y), positions], size) { operands in
        let (numbers, places) = (operands[0].doubles, operands[1].doubles)
        var result = [Double](repeating: 0, count: row.x.reduce(1, *))
        let channel = row.y.dropFirst(2).reduce(1, *)
        for (index, number) in numbers.enumerated() { result[index / channel * entries + Int(places[index])] += number }
        return result
      },
      OperationCase("pool_entries", [Operand(row.x), positions]) { operands in
        let (numbers, places) = (operands[0].doubles, operands[1].doubles)
        let channel = row.y.dropFirst(2).reduce(1, *)
        return places.enumerated().map { numbers[$0 / channel * entries + Int($1)] }
      },
    ]
  }

  private static func means(_ row: PoolingRow, _ countsPadding: Bool) -> [OperationCase] {
    let attributes = row.attributes.merging(["count_include_pad": .boolean(countsPadding)]) { $1 }
    let whole = row.window.reduce(1, *)
    return [
      OperationCase("avg_pool", [Operand(row.x)], attributes) { operands in
        let numbers = operands[0].doubles
        return row.entries.map { window in
          window.reduce(0) { $0 + numbers[$1.place] } / Double(countsPadding ? whole : window.count)
        }
      },
      OperationCase(
        "avg_pool_gradient", [Operand(row.y)], attributes.merging(["image": row.image.attributeValue]) { $1 }
      ) { operands in
        var result = [Double](repeating: 0, count: row.x.reduce(1, *))
        for (window, number) in zip(row.entries, operands[0].doubles) {
          for entry in window { result[entry.place] += number / Double(countsPadding ? whole : window.count) }
        }
        return result
      },
    ]
  }

  private static let ties: [OperationCase] = [
    OperationCase(
      "max_pool", [Operand([1, 1, 4], .values([2, 2, -.infinity, .nan]))], ["size": .whole(2)], order: 0,
      gives: [2, .nan]),
    OperationCase(
      "max_pool_positions", [Operand([1, 2, 4], .values([1, 3, 3, 3, -.infinity, -.infinity, .nan, .nan]))],
      ["size": .whole(2)], order: 0, gives: [1, 2, 0, 2]),
    // The first of equal ones and of NaN; rows and columns beyond the last window.
    OperationCase(
      "max_pool_gradient",
      [
        Operand([1, 1, 3, 5], .values([1, 3, 2, 2, 9, 3, 3, .nan, .nan, 9, 9, 9, 9, 9, 9])),
        Operand([1, 1, 1, 2], .values([5, 7])),
      ], ["size": .whole(2)], order: 0, gives: [0, 5, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]),
  ]
}
