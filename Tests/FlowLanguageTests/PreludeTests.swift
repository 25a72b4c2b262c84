import FlowLanguage
import Testing

/// The definitions of the prelude, by numbers that their formulas give; `Scripts/compare-with-pytorch` holds them against
/// another program.
struct PreludeTests {
  private static let input = "input x: f64[5] = [-4, -1, 0, 1, 4]\n"

  @Test(arguments: [
    ("leaky_relu(x)", "-0.04 -0.01 0 1 4", "0.01 0.01 0.01 1 1"),
    ("leaky_relu(x, alpha: 0.5)", "-2 -0.5 0 1 4", "0.5 0.5 0.5 1 1"),
    ("clip(x, low: -1, high: 1)", "-1 -1 0 1 1", "0 1 1 1 0"), ("clip(x, high: 0)", "-4 -1 0 0 0", "1 1 1 0 0"),
    (
      "hard_sigmoid(x)", "0 0.3333333333333333 0.5 0.6666666666666667 1",
      "0 0.16666666666666667 0.16666666666666667 0.16666666666666667 0"
    ),
    ("hard_swish(x)", "0 -0.3333333333333333 0 0.6666666666666666 4", "0 0.16666666666666667 0.5 0.8333333333333334 1"),
    ("softsign(x)", "-0.8 -0.5 0 0.5 0.8", "0.04 0.25 1 0.25 0.04"),
    ("elu(x)", "-0.9816843611112658 -0.6321205588285577 0 1 4", "0.01831563888873418 0.36787944117144233 1 1 1"),
    (
      "silu(x)", "-0.07194483984836624 -0.2689414213699951 0 0.7310585786300049 3.928055160151634",
      "-0.0526646148910729 0.07232948812851325 0.5 0.9276705118714867 1.0526646148910728"
    ),
  ])
  func `activations have the values and the gradients of their formulas`(call: String, values: String, slopes: String) {
    assertEvaluates(
      Self.input + "y = \(call)\ng = grad(sum(y), x)\noutput y, g", ["y": "f64[5] \(values)", "g": "f64[5] \(slopes)"])
  }

  @Test(arguments: [
    ("elu(x)", "f64[2] -1 800", "f64[2] 0 1"), ("celu(x, alpha: 2.0)", "f64[2] -2 800", "f64[2] 0 1"),
    ("silu(x)", "f64[2] 0 800", "f64[2] 0 1"), ("mish(x)", "f64[2] 0 800", "f64[2] 0 1"),
  ])
  func `activations stay finite far from 0, and so do their gradients`(call: String, values: String, slopes: String) {
    assertEvaluates(
      "input x: f64[2] = [-800, 800]\ny = \(call)\ng = grad(sum(y), x)\noutput y, g", ["y": values, "g": slopes])
  }

  @Test(arguments: [
    ("mae(x, y)", "1.25"), ("huber(x, y)", "0.875"), ("huber(x, y, delta: 0.5)", "0.53125"),
    ("hinge(x, [1, -1, 1, -1])", "1.125"),
    ("sigmoid_cross_entropy(s, [1, 0, 1, 0])", "0.34657359027997264"),
    ("nll(n, cast([0, 1], i32))", "0.375"),
    ("kl_divergence(log(p), p)", "0"), ("kl_divergence(log(p), t)", "1.0397207708399179"),
    ("cosine_similarity(x, 2 * x)", "1"), ("cosine_similarity(x, 0 * x)", "0"),
  ])
  func `losses have the values of their formulas`(call: String, value: String) {
    assertEvaluates(
      """
      input x: f64[4] = [1, -2, 0.5, 3]
      input y: f64[4] = [2, -2, 2.5, 1]
      input p: f64[2, 2] = [[0.5, 0.5], [0.75, 0.25]]
      input n: f64[2, 2] = [[-0.5, -2], [-inf, -0.25]]
      input s: f64[4] = [1000, -1000, 0, 0]
      input t: f64[2, 2] = [[1, 0], [0, 1]]
      z = \(call)
      output z
      """, ["z": "f64 \(value)"])
  }

  @Test(arguments: [
    (0, "0.02 0.02 0.02 0.02"), (4, "0.1 0.1 0.1 0.1"), (5, "0.1 0.1 0.1 0.1"),
    (10, "0.05 0.05 0.05 0.05"), (15, "0 0.025 0.025 0.03333333333333333"),
    (40, "0 0.00078125 0.00078125 0.0125"),
  ])
  func `schedules rise in the warm-up and fall after it`(step: Int64, rates: String) {
    assertEvaluates(
      """
      input one: f64 = 1
      a = one * cosine(0.1, steps: 15, warmup: 5)
      b = one * step_decay(0.1, every: 5, rate: 0.5, warmup: 5)
      c = one * exponential(0.1, rate: 0.5, steps: 5, warmup: 5)
      d = one * inverse_time(0.1, rate: 1.0, steps: 5, warmup: 5)
      output a, b, c, d
      """,
      Dictionary(
        uniqueKeysWithValues: zip(["a", "b", "c", "d"], rates.split(separator: " ").map { "f64 \($0)" })), step: step)
  }

  @Test func `dropout keeps x as it is outside of training, and scales what it keeps inside`() {
    let text = "input x: f32[4] = [1, 2, 3, 4]\ny = dropout(x, rate: 0.5)\nz = dropout(x, rate: 1)\noutput y, z"
    assertEvaluates(text, ["y": "f32[4] 1 2 3 4", "z": "f32[4] 1 2 3 4"])
    assertEvaluates(
      "x = fill(1.0, shape: [1000], dtype: f32)\ny = dropout(x, rate: 0.25)\na = all((y == 0) or (abs(y - 4 / 3.0) < 1e-6))\nb = abs(mean(y) - 1) < 0.1\noutput a, b",
      ["a": "bool 1", "b": "bool 1"], options: ResolveOptions(isTraining: true))
    assertEvaluates(
      "input x: f32[2] = [1, 2]\ny = dropout(x, rate: 1)\ng = grad(sum(y), x)\noutput y, g",
      ["y": "f32[2] 0 0", "g": "f32[2] 0 0"], options: ResolveOptions(isTraining: true))
    assertDiagnoses(
      "x = fill(1.0, shape: [4])\ny = ⟦1⟧dropout(x, rate: 1.5)\nz = ⟦2⟧dropout(x, rate: -0.5)\noutput y, z",
      [
        .at(1, "bernoulli: a probability is from 0 to 1, not -0.5"),
        .at(2, "bernoulli: a probability is from 0 to 1, not 1.5"),
      ], options: ResolveOptions(isTraining: true))
  }

  @Test func `an embedding has a row for each index, and its gradient sums over equal ones`() {
    assertEvaluates(
      """
      input i: i32[2, 2] = [[0, 2], [2, 2]]
      e = embedding(i, size: 3, width: 2, initializer: ones)
      g = grad(sum(e), e.w)
      output e, g
      """, ["e": "f32[2, 2, 2] 1 1 1 1 1 1 1 1", "g": "f32[3, 2] 1 1 0 0 3 3"])
  }

  @Test func `clip_norm is a number greater than 0`() {
    let start = "param w: f32 = 1\ntrain {\n  minimize: w\n"
    assertDiagnoses([
      Mistake(start + "  clip_norm: ⟦1⟧0\n}", .at(1, "'clip_norm' is greater than 0, not 0.0", id: "bad-setting")),
      Mistake(start + "  clip_norm: ⟦1⟧true\n}", .at(1, "'clip_norm' is a number, not a boolean", id: "bad-setting")),
    ])
  }
}
