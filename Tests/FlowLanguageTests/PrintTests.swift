import FlowGraph
import FlowLanguage
import FlowTensor
import Foundation
import Testing

/// Language §8: the text of a graph is a file again.
struct PrintTests {
  /// Prints, reads, prints: the same text and the same outputs, bit for bit.
  private func check(
    _ source: String, feeds: [String: Tensor] = [:], files: [String: Tensor] = [:],
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws -> String {
    func text(_ source: String) throws -> (text: String, graph: Graph) {
      let program = try program(source, files: files, sourceLocation: sourceLocation)
      return (graphText(program.graph, tree: parse(source, file: 0).tree, training: program.training), program.graph)
    }
    let first = try text(source)
    let second = try text(first.text)
    #expect(second.text == first.text, "\(source)", sourceLocation: sourceLocation)
    #expect(second.graph.outputs.map(\.name) == first.graph.outputs.map(\.name), sourceLocation: sourceLocation)
    for (a, b) in try zip(
      outputs(first.graph, feeds), outputs(second.graph, feeds))
    { #expect(a == b, "\(first.text)", sourceLocation: sourceLocation) }
    return first.text
  }

  private func outputs(_ graph: Graph, _ feeds: [String: Tensor]) throws -> [Tensor] {
    try evaluate(graph, graph.outputs.map(\.value) + graph.updates.map(\.value), feeds: feeds, seed: 5, step: 2)
  }

  @Test(arguments: [
    "affine_softmax", "apples", "gates", "higher", "miniflow", "neuron", "regularized", "repeat", "repeated",
    "two_layer",
  ])
  func `a sample prints to a file that prints to itself`(_ name: String) throws {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: "flow", subdirectory: "Graphs"))
    _ = try check(try String(contentsOf: url, encoding: .utf8))
  }

  @Test func `digits with its training prints to a file that prints to itself`() throws {
    let url = try #require(Bundle.module.url(forResource: "digits", withExtension: "flow", subdirectory: "Graphs"))
    let feeds = ["image": Tensor((0..<128).map { UInt8($0) }, [2, 64]), "label": Tensor([Int32(3), 7], [2])]
    let text = try check(try String(contentsOf: url, encoding: .utf8), feeds: feeds)
    #expect(text.contains("param h.w: f32[64, 128] = variance_scaling("))
    #expect(text.contains("minimize: loss"))
  }

  @Test func `declarations are written as their authors would`() throws {
    let cases = [
      ("param w: f64[1, 2] = [[0.5, -1]]", "param w: f64[1, 2] = [[0.5, -1.0]]"),
      ("param w: f32[2] = [0.1, 3]", "param w: f32[2] = [0.1, 3.0]"),
      ("param w = 0.7", "param w: f32 = 0.7"), ("param w: f64[3] = zeros", "param w: f64[3] = zeros"),
      ("param w: f64[3] = ones()", "param w: f64[3] = ones"),
      ("param w: f64[3] = constant(0.05)", "param w: f64[3] = constant(0.05)"),
      ("input w: bool[2] = [true, false]", "input w: bool[2] = [true, false]"),
      ("input i: u8 = 3", "input i: u8 = 3"), ("state s: bool = true", "state s: bool = true"),
      ("param w: f32[3] = normal(std: 0.1)", "param w: f32[3] = normal(std: 0.1)"),
      ("param w: f32[2] = [nan, -inf]", "param w: f32[2] = [nan, -inf]"),
      ("param w: f32[2] = 2 * ones(shape: [2])", "param w: f32[2] = mul("),
    ]
    for (source, expected) in cases {
      let text = try check(source + "\noutput y = 1")
      #expect(text.contains(expected), "\(text)")
    }
  }

  @Test func `what nothing wanted needs is left out`() throws {
    let text = try check("input x = 2.0\noutput g = grad(x * x * x + exp(x), x)")
    #expect(!text.contains("log("), "\(text)")
    let dead = try check("def f(x) {\n  unused = exp(x)\n  return x + 1\n}\ninput x = 2.0\ny = f(x)")
    #expect(!dead.contains("exp"), "\(dead)")
  }

  @Test func `sizes, random numbers, the step, updates and settings survive`() throws {
    let feed = ["x": Tensor([Float(1), 2, 3, 4, 5, 6], [3, 2])]
    let cases = [
      "input x: f32[n, 2]\ny = x * n + zeros([n, 1])\nz = reshape(x, [-1])\nw = x[n - 1]\nv = x[::-1, :1]",
      "input x: f32[n, m]\ny = reshape(x, [2, -1])\nz = y + zeros(shape(y))\nw = sum(z) * dim(y, 1)",
      "input x: f32[n, 2]\na = x + uniform(shape: shape(x))\nb = uniform(shape: [2]) + uniform(shape: [2])\nrepeat 2 { a = a * normal(shape: [2]) }",
      "input x: f32[n, 2]\nstate s: f32 = normal() + uniform()\nupdate s = s * 0.9 ** (step + 1) + mean(x)\ny = s * step",
      "input x: f32[n, 2]\nh = x\nrepeat 3 { h = dense(h, units: 2, activation: tanh) }\nb = h\nc = h\noutput b, c, d = h",
      "input x: f32[n, 2]\nh = x\noutput h\nrepeat 2 { h = h * 2 }\noutput e = h",
      "input x: f32[n, 2]\nparam w = 2.0\ndef decay(w, g, lr: rate) { update w = w - lr * half(g) }\ndef half(x) { return x / two }\ndef unneeded(x) { return x }\nconst rate = 0.1\nconst two = 2\nconst more = 3\nl = sum(x) * w\ntrain {\n  minimize: l + 0.5\n  report: [mean(x), l]\n  optimizer: decay(lr: 0.5)\n}",
    ]
    for source in cases { _ = try check(source, feeds: feed) }
    let text = try check(cases[6], feeds: feed)
    #expect(!text.contains("unneeded") && !text.contains("const more") && text.contains("const two"))
    _ = try check("input x: f32[n, 2]\nscale = 0.5\nk = 3\nf = true\nz = [1, 2]\ny = x * scale * k", feeds: feed)
  }
}
