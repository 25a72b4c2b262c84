import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

/// In single precision many small images are convolved lane by lane; fewer, or in double precision, by columns.
@Suite struct `A convolution of many images` {
  static let rows: [ConvolutionRow] = [
    ConvolutionRow([17, 3, 7, 6], [19, 3, 3, 2]),
    ConvolutionRow([16, 17, 5, 5], [9, 17, 2, 2], padding: 1),
    ConvolutionRow([9, 2, 8, 9], [3, 2, 3, 3], stride: 2, padding: 2, dilation: 2),
    ConvolutionRow([33, 4, 11], [6, 2, 3], padding: 1, groups: 2),
    ConvolutionRow([8, 2, 3, 4, 5], [7, 2, 2, 2, 3], stride: 2),
    ConvolutionRow([20, 6, 4, 4], [6, 1, 2, 2], groups: 6),
    ConvolutionRow(
      [10, 2, 5, 6], [3, 2, 3, 2], NaiveWindows(stride: [2, 1], padding: [(1, 0), (0, 2)], dilation: [1, 3]),
      ["stride": [2, 1].attributeValue, "padding": [1, 0, 0, 2].attributeValue, "dilation": [1, 3].attributeValue]),
  ]

  @Test(arguments: rows.indices) func `gives the naive result, gradients too, in any order of its blocks`(
    index: Int
  ) throws {
    let row = Self.rows[index]
    let size: [String: AttributeValue] = ["size": Array(row.x.dropFirst(2)).attributeValue]
    let window: [String: AttributeValue] = ["window": Array(row.filter.dropFirst(2)).attributeValue]
    try Self.check(row, "conv", [row.x, row.filter], [:], Naive.conv(row.windows, groups: row.groups))
    try Self.check(
      row, "conv_input_gradient", [row.y, row.filter], size, Naive.convInput(row.windows, groups: row.groups, x: row.x))
    try Self.check(
      row, "conv_filter_gradient", [row.x, row.y], window,
      Naive.convFilter(row.windows, groups: row.groups, filter: row.filter))
  }

  @Test func `adds its bias, and that of a transposed one where no window reaches`() throws {
    let x = Tensor.random(TensorType(.f32, [18, 3, 5, 5]), "x")
    let filter = Tensor.random(TensorType(.f32, [3, 9, 2, 2]), "filter")
    let bias = Tensor.random(TensorType(.f32, [9]), "bias")
    let attributes: [String: AttributeValue] = ["stride": .whole(3), "output_padding": .whole(2)]
    let operation = try #require(Registry.builtIn()["conv_transpose"]).operation(attributes)
    let y = try Evaluator.run(operation, [x, filter, bias], .backwards)[0].doubles
    let plain = try Evaluator.run(operation, [x, filter], .forwards)[0].doubles
    let entries = y.count / 18 / 9
    let expected = plain.enumerated().map { $1 + bias.doubles[$0 / entries % 9] }
    #expect(zip(y, expected).allSatisfy { isClose($0, $1, 1e-5) })
  }

  private static func check(
    _ row: ConvolutionRow, _ name: String, _ shapes: [[Int]], _ attributes: [String: AttributeValue],
    _ reference: OperationCase.Reference
  ) throws {
    let operation = try #require(Registry.builtIn()[name]).operation(row.attributes.merging(attributes) { $1 })
    let inputs = shapes.enumerated().map { Tensor.random(TensorType(.f32, Shape($1)), "\($0)") }
    let forwards = try Evaluator.run(operation, inputs, .forwards)[0]
    #expect(try forwards == Evaluator.run(operation, inputs, .backwards)[0], "\(name) of \(row.x)")
    let expected = reference(inputs)
    let far = zip(forwards.doubles, expected).first { !isClose($0, $1, 2e-5) }
    #expect(far == nil && forwards.doubles.count == expected.count, "\(name) of \(row.x)")
  }
}
