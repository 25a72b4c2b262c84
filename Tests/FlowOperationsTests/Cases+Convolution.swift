import FlowGraph
import FlowTensor

/// A convolution: its images and filters, how windows lie, and the same as attributes.
struct ConvolutionRow: Sendable {
  var x: [Int]
  var filter: [Int]
  var windows: NaiveWindows
  var groups = 1
  var attributes: [String: AttributeValue]

  /// With one number for all axes.
  init(_ x: [Int], _ filter: [Int], stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1) {
    let axes = x.dropFirst(2)
    (self.x, self.filter, self.groups) = (x, filter, groups)
    windows = NaiveWindows(
      stride: axes.map { _ in stride }, padding: axes.map { _ in (padding, padding) },
      dilation: axes.map { _ in dilation })
    attributes = [
      "stride": .whole(stride), "padding": .whole(padding), "dilation": .whole(dilation), "groups": .whole(groups),
    ]
  }

  /// With attributes of its own for what `windows` says.
  init(_ x: [Int], _ filter: [Int], _ windows: NaiveWindows, _ attributes: [String: AttributeValue]) {
    (self.x, self.filter, self.windows, self.attributes) = (x, filter, windows, attributes)
  }

  var y: [Int] { [x[0], filter[0]] + windows.outputs(Array(x.dropFirst(2)), Array(filter.dropFirst(2))) }

  static let all: [ConvolutionRow] = [
    ConvolutionRow([2, 1, 6, 6], [3, 1, 3, 3]),
    ConvolutionRow([2, 3, 5, 7], [4, 3, 3, 2], stride: 2, padding: 1),
    ConvolutionRow([1, 2, 9], [3, 2, 3], stride: 2, padding: 2, dilation: 2),
    ConvolutionRow([1, 2, 3, 4, 3], [2, 2, 2, 3, 2], padding: 1),
    ConvolutionRow([2, 4, 5, 4], [6, 2, 3, 3], padding: 1, groups: 2),
    ConvolutionRow([2, 3, 4, 4], [3, 1, 2, 2], stride: 2, groups: 3),
    ConvolutionRow([1, 1, 1, 1], [1, 1, 1, 1]),
    ConvolutionRow([1, 2, 1, 1], [2, 2, 3, 3], padding: 1),
    ConvolutionRow([3, 5, 4, 3], [2, 5, 1, 1]),
    ConvolutionRow([0, 2, 5, 5], [3, 2, 3, 3], padding: 1),
    ConvolutionRow([2, 1, 7, 7], [2, 1, 2, 2], stride: 3, dilation: 3),
    ConvolutionRow([1, 1, 3, 3], [1, 1, 2, 2], stride: 4),
    ConvolutionRow(
      [2, 2, 5, 6], [3, 2, 3, 2],
      NaiveWindows(stride: [2, 1], padding: [(1, 0), (0, 2)], dilation: [1, 3]),
      ["stride": [2, 1].attributeValue, "padding": [1, 0, 0, 2].attributeValue, "dilation": [1, 3].attributeValue]),
    ConvolutionRow(
      [1, 2, 4, 5], [2, 2, 3, 2], NaiveWindows(stride: [1, 1], padding: [(2, 2), (0, 0)]),
      ["padding": [2, 0].attributeValue]),
    ConvolutionRow(
      [1, 2, 5, 4], [2, 2, 2, 3], NaiveWindows(stride: [1, 1], padding: [(0, 1), (1, 1)]), ["padding": .string("same")]),
    ConvolutionRow(
      [1, 2, 5, 6], [2, 2, 3, 3], NaiveWindows(stride: [2, 2], padding: [(1, 1), (0, 1)]),
      ["padding": .string("same"), "stride": .whole(2)]),
    ConvolutionRow(
      [1, 1, 5], [2, 1, 1], NaiveWindows(stride: [2], padding: [(0, 0)]),
      ["padding": .string("same"), "stride": .whole(2)]),
    ConvolutionRow(
      [1, 2, 5], [2, 2, 2], NaiveWindows(stride: [1], padding: [(0, 0)]), ["padding": .string("valid")]),
  ]
}

extension OperationCase {
  static var convolutions: [OperationCase] {
    ConvolutionRow.all.flatMap(rows) + transposed + [
      OperationCase(
        "conv", [Operand([2, 0, 3, 3]), Operand([2, 0, 2, 2]), Operand([2])], order: 2,
        matching: Naive.conv(NaiveWindows(stride: [1, 1], padding: [(0, 0), (0, 0)]))),
      OperationCase("conv", [Operand([1, 2, 3, 3]), Operand([0, 2, 2, 2])], gives: []),
    ]
  }

  private static func rows(_ row: ConvolutionRow) -> [OperationCase] {
    let (x, filter, y) = (Operand(row.x), Operand(row.filter), Operand(row.y))
    let size = ["size": Array(row.x.dropFirst(2)).attributeValue]
    let window = ["window": Array(row.filter.dropFirst(2)).attributeValue]
    return [
      OperationCase("conv", [x, filter], row.attributes, matching: Naive.conv(row.windows, groups: row.groups)),
      OperationCase(
        "conv", [x, filter, Operand([row.filter[0]])], row.attributes,
        matching: Naive.conv(row.windows, groups: row.groups)),
      OperationCase(
        "conv_input_gradient", [y, filter], row.attributes.merging(size) { $1 },
        matching: Naive.convInput(row.windows, groups: row.groups, x: row.x)),
      OperationCase(
        "conv_filter_gradient", [x, y], row.attributes.merging(window) { $1 },
        matching: Naive.convFilter(row.windows, groups: row.groups, filter: row.filter)),
    ]
  }

  /// From the sizes that the result must have.
  private static var transposed: [OperationCase] {
    let rows: [(ConvolutionRow, [String: AttributeValue])] = [
      (ConvolutionRow([2, 3, 6, 5], [2, 3, 3, 2]), [:]),
      (ConvolutionRow([2, 2, 7, 7], [3, 2, 3, 3], stride: 2, padding: 1), [:]),
      (ConvolutionRow([1, 1, 8], [2, 1, 3], stride: 2, padding: 1), ["output_padding": .whole(1)]),
      (ConvolutionRow([1, 4, 5, 5], [2, 2, 3, 3], stride: 2, groups: 2), ["output_padding": .whole(0)]),
      (ConvolutionRow([1, 1, 3, 4, 3], [2, 1, 2, 2, 2], dilation: 2), [:]),
      (ConvolutionRow([0, 2, 4, 4], [3, 2, 2, 2]), [:]),
      (
        ConvolutionRow(
          [1, 1, 6, 4], [1, 1, 3, 3], NaiveWindows(stride: [2, 2], padding: [(0, 1), (0, 1)]),
          ["padding": .string("same"), "stride": .whole(2)]), [:]
      ),
    ]
    return rows.flatMap { row, more -> [OperationCase] in
      let attributes = row.attributes.merging(more) { $1 }
      let reference = Naive.convInput(row.windows, groups: row.groups, x: row.x)
      return [[Operand(row.y), Operand(row.filter)], [Operand(row.y), Operand(row.filter), Operand([row.x[1]])]].map {
        OperationCase("conv_transpose", $0, attributes, matching: reference)
      }
    }
  }
}
