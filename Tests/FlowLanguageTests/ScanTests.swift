import FlowDiagnostics
import FlowLanguage
import Testing

/// `scan` and the recurrent layers that stand on it.
struct ScanTests {
  private let cell = "def cell(total, x, k) {\n  next = total + k * x\n  return next, next * next\n}\n"

  @Test func `scan hands the carry from step to step and stacks what each gives`() {
    assertEvaluates([
      Worked(
        cell + "input xs: f64[3] = [1, 2, 3]\nlast, ys = scan(0, xs, 2.0, body: cell)\noutput last, ys",
        ["last": "f64 12", "ys": "f64[3] 4 36 144"]),
      Worked(
        cell + "input xs: f32[2, 2] = [[1, 2], [3, 4]]\nlast, _ = scan([0, 10], xs, 1, body: cell)\noutput last",
        ["last": "f32[2] 4 16"]),
    ])
  }

  @Test func `scan is differentiated in both modes`() {
    let start = cell + "input xs: f64[3] = [1, 2, 3]\ninput k: f64 = 2.0\nlast, ys = scan(0, xs, k, body: cell)\n"
    assertEvaluates([
      Worked(start + "output g = grad(last, k), h = grad(sum(ys), xs)", ["g": "f64 6", "h": "f64[3] 80 72 48"]),
      Worked(start + "output j = jvp(last, k, 1)", ["j": "f64 6"]),
      Worked(start + "output s = grad(grad(sum(ys), k), k)", ["s": "f64 92"]),
    ])
  }

  @Test func `recurrent layers give the outputs of all steps`() {
    assertEvaluates([
      Worked(
        "input x: f64[2, 1, 1] = [[[1]], [[0]]]\nh = rnn(x, units: 1, initializer: zeros)\noutput h",
        ["h": "f64[2, 1, 1] 0 0"]),
      Worked(
        "input x: f64[2, 1, 1] = [[[1]], [[0]]]\nh = lstm(x, units: 2, bias: false, initializer: zeros)\noutput s = sum(h)",
        ["s": "f64 0"]),
      Worked(
        "input x: f64[3, 2, 4] = zeros\nh = gru(x, units: 5)\noutput a = dim(h, 0), b = dim(h, 1), c = dim(h, 2)",
        ["a": "i32 3", "b": "i32 2", "c": "i32 5"]),
    ])
  }

  @Test func `mistakes in scan`() {
    assertDiagnoses([
      Mistake(
        cell + "input xs: f64[n] = [1]\na, b = scan(0, ⟦1⟧xs, 1, body: cell)",
        .at(1, "'scan' goes over a first axis of known size, at least 1, not f64[n]", id: "shape-mismatch")),
      Mistake(
        cell + "input xs: f64[2] = [1, 2]\na, b = ⟦1⟧scan(0, xs, 1)",
        .at(1, "'scan' needs 'body'", id: "missing-attribute")),
      Mistake(
        "input xs: f64[2] = [1, 2]\na, b = scan(0, xs, body: ⟦1⟧tanh)",
        .at(1, "'body' of 'scan' takes a def, not 'tanh'", id: "bad-attribute")),
      Mistake(
        "def one(c, x) { return c }\ninput xs: f64[2] = [1, 2]\na, b = ⟦1⟧scan(0, xs, body: one)",
        .at(1, "'one' returns the next carry and what is stacked, not 1 values", id: "wrong-arity")),
      Mistake(
        "def grow(c, x) {\n  return stack(c, c), x\n}\ninput xs: f64[2] = [1, 2]\na, b = ⟦1⟧scan(0, xs, body: grow)",
        .at(1, "the carry of 'grow' is f64, its value f64[2]", id: "shape-mismatch")),
      Mistake(
        "def layer(c, x) {\n  param w: f64 = 1.0\n  return c * w, x\n}\ninput xs: f64[2] = [1, 2]\n"
          + "a, b = scan(0, xs, body: ⟦1⟧layer)",
        .at(1, "'layer' declares variables, which each step would repeat", id: "bad-attribute")),
    ])
  }
}
