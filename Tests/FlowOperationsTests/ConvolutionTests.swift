import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

@Suite struct `A convolution of many windows` {
  private static let row = ConvolutionRow([2, 4, 42, 40], [1, 4, 6, 5], padding: 1)

  private static let cases: [(String, [[Int]], [String: AttributeValue], OperationCase.Reference)] = [
    ("conv", [row.x, row.filter], [:], Naive.conv(row.windows)),
    (
      "conv_input_gradient", [row.y, row.filter], ["size": [42, 40].attributeValue],
      Naive.convInput(row.windows, x: row.x)
    ),
    (
      "conv_filter_gradient", [row.x, row.y], ["window": [6, 5].attributeValue],
      Naive.convFilter(row.windows, filter: row.filter)
    ),
  ]

  @Test(arguments: cases.indices)
  func `gives the naive result, in any order of its blocks`(index: Int) throws {
    let (name, shapes, attributes, reference) = Self.cases[index]
    let operation = try #require(Registry.builtIn()[name]).operation(Self.row.attributes.merging(attributes) { $1 })
    let inputs = shapes.enumerated().map { Tensor.random(TensorType(.f64, Shape($1)), "\($0)") }
    let forwards = try Evaluator.run(operation, inputs, .forwards)[0]
    #expect(try forwards == Evaluator.run(operation, inputs, .backwards)[0])
    #expect(zip(forwards.doubles, reference(inputs)).allSatisfy { isClose($0, $1, 1e-11) })
  }

  @Test func `computes the gradient of each of a filter's many channels as if it were alone`() throws {
    let operation = try #require(Registry.builtIn()["conv_filter_gradient"]).operation([
      "window": [3, 3].attributeValue
    ])
    let gradient = Tensor.random(TensorType(.f64, [8, 32, 16, 16]), "gradient")
    let x = Tensor.random(TensorType(.f64, [8, 24, 18, 18]), "x")
    let all = try Evaluator.run(operation, [x, gradient], .backwards)[0].doubles
    for channel in [0, 7, 8, 23] {
      let part = Self.channel(channel, of: 24, entries: 324, in: x.doubles)
      let alone = try Evaluator.run(operation, [Tensor(part, [8, 1, 18, 18]), gradient])[0].doubles
      let found = Self.channel(channel, of: 24, entries: 9, in: all)
      #expect(found.count == alone.count)
      #expect(zip(found, alone).allSatisfy { isClose($0, $1, 1e-11) }, "channel \(channel)")
    }
  }

  /// One channel of all images.
  private static func channel(_ channel: Int, of channels: Int, entries: Int, in numbers: [Double]) -> [Double] {
    let image = channels * entries
    var part: [Double] = []
    for start in stride(from: channel * entries, to: numbers.count, by: image) {
      part += numbers[start..<start + entries]
    }
    return part
  }

  @Test func `keeps the names of sizes, where they are polynomials`() throws {
    let n = Dimension(symbol: "n")
    let conv = try #require(Registry.builtIn()["conv"])
    let types = [TensorType(.f32, [n, 3, n, 8]), TensorType(.f32, [5, 3, 3, 3])]
    #expect(try conv.operation().infer(types)[0].shape == [n, 5, try n.subtracting(2), 6])
    let same = try conv.operation(["padding": .string("same"), "stride": .whole(1)])
    #expect(try same.infer(types)[0].shape == [n, 5, n, 8])
    let double = TensorType(.f32, [n, 3, try n.adding(n), 8])
    #expect(
      try conv.operation(["stride": .whole(2), "padding": .string("same")]).infer([double, types[1]])[0].shape == [
        n, 5, n, 4,
      ])
  }
}
