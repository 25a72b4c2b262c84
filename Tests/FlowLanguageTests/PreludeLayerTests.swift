import FlowLanguage
import Testing

/// The layers and normalizations of the prelude, by numbers that their formulas give.
struct PreludeLayerTests {
  private static let training = ResolveOptions(isTraining: true)

  @Test(arguments: [
    ("f64[2, 2] = [[1, 2], [3, 6]]", "[2, 2] -1 -1 1 1"),
    ("f64[1, 2, 2] = [[[1, 3], [2, 6]]]", "[1, 2, 2] -1 1 -1 1"),
    ("f64[2, 1, 1, 2] = [[[[0, 4]]], [[[4, 0]]]]", "[2, 1, 1, 2] -1 1 1 -1"),
    ("f64[1, 1, 1, 1, 2] = [[[[[-2, 2]]]]]", "[1, 1, 1, 1, 2] -1 1"),
  ])
  func `batch_norm takes the batch's statistics in training, over all axes but that of channels`(
    input: String, expected: String
  ) {
    assertEvaluates(
      "input x: \(input)\ny = batch_norm(x, epsilon: 0)\noutput y", ["y": "f64" + expected], options: Self.training)
  }

  @Test func `batch_norm takes the running statistics outside of training`() {
    assertEvaluates(
      "input x: f64[1, 2] = [[3, 5]]\ny = batch_norm(x, epsilon: 3)\noutput y, y.mean, y.variance",
      ["y": "f64[1, 2] 1.5 2.5", "y.mean": "f64[2] 0 0", "y.variance": "f64[2] 1 1"])
  }

  @Test(arguments: [
    ("layer_norm(x, epsilon: 0)", "-1 1 -1 1"), ("rms_norm(x - 4, epsilon: 0)", "-1 1 -1 1"),
    ("group_norm(reshape(x, [1, 4]), groups: 2, epsilon: 0)", "-1 1 -1 1"),
    ("instance_normalization(reshape(x, [1, 2, 2]), cast([1, 2], f64), cast([0, 1], f64), epsilon: 0)", "-1 1 -1 3"),
    ("layer_normalization(x, axis: [0, 1], epsilon: 0)", "-1 1 -1 1"),
  ])
  func `normalizations have the values of their formulas`(call: String, values: String) {
    assertEvaluates(
      "input x: f64[2, 2] = [[3, 5], [3, 5]]\ny = reshape(\(call), [4])\noutput y", ["y": "f64[4] \(values)"])
  }

  @Test func `layers refuse what does not fit`() {
    assertDiagnoses([
      Mistake(
        "input x: f64[1, 4, 3] = ones\ny = ⟦1⟧group_norm(x, groups: 3)",
        .at(1, "reshape: the elements of [1, 4, 3] do not fit in [1, 3, 1, 3]", id: "shape-mismatch")),
      Mistake(
        "input x: f64[2, 3, 5] = ones\ny = ⟦1⟧multi_head_attention(x, heads: 2)",
        .at(1, "reshape: the elements of [2, 3, 5] do not fit in [2, 3, 2, 2]", id: "shape-mismatch")),
      Mistake(
        "input x: f64[1, 4, 3] = ones\ny = ⟦1⟧conv1d(x, channels: 3, groups: 2)",
        .at(1, "conv: 2 groups do not divide 3 channels of [3, 2, 3]", id: "bad-attribute")),
    ])
  }

  @Test func `an initializer may be given with its arguments, and waits for the shape`() {
    assertEvaluates([
      Worked(
        "input x: f64[1, 2] = [[1, 2]]\na = dense(x, units: 2, initializer: constant(0.5))\noutput a",
        ["a": "f64[1, 2] 1.5 1.5"]),
      Worked(
        "input x: f64[1, 2] = [[1, 2]]\na = dense(x, 1, identity, true, normal(mean: 3, std: 0))\noutput a",
        ["a": "f64[1, 1] 9"]),
      Worked(
        """
        def twice(value, shape: [], dtype: f32) { return fill(2 * value, shape: shape, dtype: dtype) }
        def outer(x, initializer: ones) { return dense(x, units: 1, initializer: initializer) }
        input x: f64[1, 2] = [[1, 2]]
        a = outer(x, initializer: twice(4.0))
        output a
        """, ["a": "f64[1, 1] 24"]),
    ])
    assertDiagnoses([
      Mistake(
        "input x: f64[1, 2] = ones\na = dense(x, initializer: normal(⟦1⟧sd: 1))",
        .at(1, "'normal' has no attribute 'sd'", id: "unknown-attribute"))
    ])
  }

  @Test func `a kernel is one size for all axes, or one for each`() {
    assertEvaluates(
      """
      input x: f64[1, 2, 4, 5] = ones
      a = conv2d(x, channels: 4, kernel: [3, 2], groups: 2, initializer: ones)
      b = conv2d(x, channels: 1, kernel: 4, bias: false, initializer: ones)
      c = conv1d(x[0], channels: 1, kernel: 5, padding: "valid", initializer: ones)
      d = conv_transpose2d(x[:, :, 0:1, 0:1], channels: 1, kernel: 2, stride: 2, initializer: ones)
      output a.w, b, c, d
      """,
      [
        "a.w": "f64[4, 1, 3, 2]" + String(repeating: " 1", count: 24), "b": "f64[1, 1, 1, 2] 32 32",
        "d": "f64[1, 1, 2, 2] 2 2 2 2",
        "c": "f64[2, 1, 1] 20 20",
      ])
  }

  @Test func `attention weighs values by softmax of the products of queries and keys`() {
    assertEvaluates(
      """
      input v: f64[1, 3, 2] = [[[1, 2], [3, 4], [5, 9]]]
      a = attention(0 * v, v, v)
      b = attention(0 * v, v, v, causal: true)
      c = attention(0 * v, v, v, mask: unsqueeze(arange(0, 3), axis: 1) != arange(0, 3))
      d = attention(v, v, v, mask: [0, -inf, -inf])
      output a, b, c, d
      """,
      [
        "a": "f64[1, 3, 2] 3 5 3 5 3 5", "b": "f64[1, 3, 2] 1 2 2 3 3 5", "c": "f64[1, 3, 2] 4 6.5 3 5.5 2 3",
        "d": "f64[1, 3, 2] 1 2 1 2 1 2",
      ])
  }

  @Test func `attention in several heads keeps the shape, and names its parts`() {
    assertEvaluates(
      """
      input x: f64[n, 2, 4] = [[[1, 2, 3, 4], [1, 2, 3, 4]]]
      y = multi_head_attention(x, heads: 2, causal: true, initializer: ones)
      z = y[0, 0] / 4
      output z, y.query.b
      """, ["z": "f64[4] 10 10 10 10", "y.query.b": "f64[4] 0 0 0 0"])
  }

  @Test func `pools of whole images keep their axes`() {
    assertEvaluates(
      """
      input x: f64[1, 2, 1, 3] = [[[[1, 2, 6]], [[-1, -7, -1]]]]
      a = global_avg_pool(x)
      b = global_max_pool(x)
      c = lrn(x, size: 1, alpha: 1, beta: 1, bias: 0)
      output a, b, c
      """,
      [
        "a": "f64[1, 2, 1, 1] 3 -3", "b": "f64[1, 2, 1, 1] 6 -1",
        "c": "f64[1, 2, 1, 3] 1 0.5 0.16666666666666667 -1 -0.14285714285714285 -1",
      ])
  }
}
