import Flow
import Testing

/// Numbers that textbooks and courses print for the graphs in `samples`.
struct PublishedCase: Sendable, CustomTestStringConvertible {
  let graph: String
  let source: String
  let target: String
  let value: Double
  let gradients: [String: [Double]]
  /// Half a unit of the last digit printed, relative.
  let tolerance: Double

  var testDescription: String { "\(graph), from \(source)" }

  static let all = [
    PublishedCase(
      graph: "miniflow", source: "Udacity, Deep Learning Nanodegree, MiniFlow, the backpropagation quiz",
      target: "cost",
      value: 2.49994990,
      gradients: [
        "X": [-3.34017280e-05, -5.01025919e-05, -6.68040138e-05, -1.00206021e-04], "y": [0.9999833, 1.9999833],
        "W": [5.01028709e-05, 1.00205742e-04], "b": [-5.01028709e-05],
      ], tolerance: 1e-7),
    PublishedCase(
      graph: "apples", source: "Saitoh, Deep Learning from Scratch, 2016, chapter 5, buying apples", target: "price",
      value: 220, gradients: ["apple": [2.2], "count": [110], "tax": [200]], tolerance: 1e-6),
    PublishedCase(
      graph: "gates", source: "Stanford CS231n, Backpropagation, intuitions, patterns in backward flow", target: "f",
      value: -20, gradients: ["x": [-8], "y": [6], "z": [2], "w": [0]], tolerance: 1e-6),
    PublishedCase(
      graph: "neuron", source: "Stanford CS231n, Backpropagation, intuitions, the sigmoid example", target: "f",
      value: 0.73, gradients: ["w0": [-0.20], "x0": [0.39], "w1": [-0.39], "x1": [-0.59], "w2": [0.20]],
      tolerance: 2e-2),
  ]
}

@Suite struct `Published numbers` {
  @Test(arguments: PublishedCase.all)
  func `come out of the samples`(_ published: PublishedCase) throws {
    let model = try Model(contentsOf: "\(samples)/\(published.graph).flow")
    let (value, gradients) = try model.gradients(of: published.target, by: published.gradients.keys.sorted())
    expect(value.doubles, [published.value], within: published.tolerance)
    for (name, numbers) in published.gradients {
      expect(gradients[name]?.doubles ?? [], numbers, within: published.tolerance)
    }
  }

  private func expect(_ numbers: [Double], _ published: [Double], within tolerance: Double) {
    #expect(numbers.count == published.count)
    for (number, printed) in zip(numbers, published) {
      #expect(abs(number - printed) <= tolerance * max(abs(printed), 1e-4))
    }
  }
}
