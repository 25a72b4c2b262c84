import FlowGraph
import FlowLanguage
import FlowRuntime
import FlowTensor
import Testing

/// Language §5: `recompute` and `params`.
struct RecomputeTests {
  private static let wide = """
    input x: f64[3, 4] = [[1, 2, 3, 4], [5, 6, 7, 8], [-1, 0.5, 2, -3]]
    def keep(x) { return x }

    """
  /// Networks with `recompute`, and what makes a value to differentiate by.
  private static let networks: [String] = [
    // A plain block.
    "param w: f64[4, 4] = normal(std: 0.5)\ndef block(x, w) { return tanh(x @ w) * sigmoid(x) }\nh = recompute(block(recompute(block(x, w)), w))",
    // Parameters inside, in a repeat, one in the other, and random numbers.
    "def inner(x) { return dense(tanh(x), units: 4) }\ndef block(x) { return x + sin(recompute(inner(x))) * bernoulli(0.5, shape: shape(x), dtype: f64) }\nk = x\nrepeat 3 { k = recompute(block(k)) }\nh = k * k",
    // An expression, with values from around it, whole numbers among them.
    "param w: f64[4, 4] = normal(std: 0.5)\nposition = argmax(x, axis: 1)\ny = x @ w\nh = recompute(gather(exp(sin(y)), position, axis: 1) * y[0, 0] + step)",
  ]

  @Test func `recompute changes no bit of a first derivative, in whatever mode, and none of a product with the second`()
    throws
  {
    for network in Self.networks {
      let name = network.contains("def inner") ? "params(\"k.0*.w\")" : "w"
      let text = """
        \(Self.wide)\(network)
        loss = mean(h * h)
        g = grad(loss, \(name))
        output loss, g, second = grad(sum_squares(g), \(name)), forward = jvp(h, \(name), g), product = hvp(loss, \(name), g)
        output rows = jacobian(h[0], \(name))
        """
      let (with, without) = (try outputs(text), try outputs(text.replacing("recompute(", with: "keep(")))
      #expect(with.count == 6)
      for (index, (a, b)) in zip(with, without).enumerated() where index != 2 {
        #expect(a == b, "output \(index) of \(network)")
      }
      // Reverse over reverse mode goes back through both copies, and adds up what comes of each.
      #expect(zip(with[2].doubles, without[2].doubles).allSatisfy { abs($0 - $1) < 1e-12 * max(abs($0), 1e-3) })
    }
  }

  @Test func `recompute of several results differentiates each of them`() throws {
    let text = """
      input x: f64[2] = [1, 2]
      def f(x) { return x * x, sin(x), x > 1 }
      a, b, c = recompute(f(x))
      output g = grad(sum(where(c, a, b)), x), l = grad(sum(a * a), x), m = recompute(x), n = recompute(2.0)
      """
    assertEvaluates(text, ["g": "f64[2] 0.5403023058681398 4", "l": "f64[2] 4 32", "m": "f64[2] 1 2", "n": "f32 2"])
  }

  @Test func `recompute lets a deep chain do with less memory`() throws {
    func peak(_ call: String) throws -> Int {
      let graph = try program(
        """
        input x: f32[64, 64] = ones
        def keep(x) { return x }
        def block(x) { return tanh(sin(exp(sigmoid(dense(x, units: 64))))) }
        h = x
        repeat 24 { h = \(call)(block(h)) }
        g = grad(mean(h), x)
        output g
        """
      ).graph
      return try Plan.make(graph, PlanRequest(fetching: graph.outputs.map(\.value))).statistics.peakBytes
    }
    let (kept, again) = (try peak("keep"), try peak("recompute"))
    #expect(Double(again) < 0.45 * Double(kept), "\(again) bytes, not \(kept)")
  }

  @Test func `recompute and params say what does not fit`() {
    assertDiagnoses([
      Mistake(
        "input x = 1.0\ny = ⟦1⟧recompute(x, x)", .at(1, "'recompute' takes 1 argument, not 2", id: "wrong-arity")),
      Mistake(
        "input x = 1.0\ny = recompute(x, ⟦1⟧by: 2)",
        .at(1, "'recompute' has no attribute 'by'", id: "unknown-attribute")),
      Mistake("input x = 1.0\ny = recompute(⟦1⟧z)", .at(1, "no value named 'z'")),
      Mistake(
        "param h.w = 1.0\ng = grad(h.w * h.w, params(⟦1⟧\"*.v\"))",
        .at(1, "no parameter declared so far matches '*.v'", id: "unknown-name")),
      Mistake(
        "param w = 1.0\ng = grad(w * w, params(⟦1⟧2))",
        .at(1, "'params' takes a pattern, such as \"*.w\", not a number", id: "not-constant")),
      Mistake("param a = 1.0\nparam b = 1.0\ng = ⟦1⟧grad(a * b, params(\"*\"))", .at(1, "1 name for 2 values")),
    ])
  }

  @Test func `an undefined gradient inside names its whole path`() {
    assertDiagnoses(
      "input x: f32[4] = [1, 2, 3, 4]\ndef f(x) { return cast(argmax(x, axis: 0), f32) * x }\ny = x * 2\nh = recompute(f(y))\ng = ⟦1⟧grad(sum(h), x)",
      [
        .at(
          1,
          "the gradient is undefined: sum -> sum -> recomputed -> mul -> cast -> argmax (has no gradient: its output is a position) -> mul -> x",
          id: "undefined-gradient")
      ])
  }

  @Test func `params stands for as many operands`() {
    assertEvaluates([
      Worked(
        "param a.w = 2.0\nparam b.w: f32[2] = [3, 4]\nparam b.v = 5.0\ny = a.w * sum(b.w) * b.v\nga, gb = grad(y, params(\"*.w\"))\noutput ga, gb",
        ["ga": "f32 35", "gb": "f32[2] 10 10"]),
      Worked("param a.w = 2.0\nparam b = 3.0\noutput s = stack(params(\"*\"), 4.0)", ["s": "f32[3] 2 3 4"]),
      Worked("param a.0.w = 2.0\noutput h = hessian(a.0.w ** 3, params(\"a.*.w\"))", ["h": "f32 12"]),
      Worked(
        "def f(a, b) { return a - b }\nparam a = 2.0\nparam b = 5.0\noutput d = f(params(\"*\"))", ["d": "f32 -3"]),
    ])
  }

  /// Conjugate gradients end at the solution that the whole Hessian has, here after as many steps as there are unknowns.
  @Test func `conjugate_gradient solves with products alone`() {
    let text = """
      input x: f64[4, 3] = [[1, 2, 0.5], [0.3, -1, 1], [2, 0.1, -0.7], [-1, 1, 1]]
      input b: f64[3] = [1, -2, 0.5]
      param w: f64[3] = [0.1, -0.2, 0.3]
      loss = mean(softplus(x @ w)) + 0.05 * sum_squares(w)
      h = hessian(loss, w)
      d = conjugate_gradient(loss, w, b, steps: 5)
      e = conjugate_gradient(loss, w, b, steps: 3, damping: 0.5)
      z = conjugate_gradient(loss, w, 0 * b)
      output left = round(1e9 * (h @ d - b)), damped = round(1e9 * (h @ e + 0.5 * e - b)), z
      output again = round(1e6 * (jacobian(d, b) @ h)[0])
      """
    assertEvaluates(
      text, ["left": "f64[3] 0 0 0", "damped": "f64[3] 0 0 0", "z": "f64[3] 0 0 0", "again": "f64[3] 1000000 0 0"])
  }

  private func outputs(_ text: String) throws -> [Tensor] {
    let graph = try program(text).graph
    return try evaluate(graph, graph.outputs.map(\.value), seed: 3, step: 2)
  }
}
