import FlowDiagnostics
import Testing

/// Language §8: where mistakes are reported, and how many.
struct DiagnosisTests {
  @Test func `all mistakes of a file are reported together, each once`() {
    assertDiagnoses([
      Mistake(
        "a = ⟦1⟧nonsense\nb = a + 1\nc = exp(b)\ninput x: f32[2, 3] = zeros\nd = x ⟦2⟧@ x\ne = d * c\nf = ⟦3⟧softmx(x)\noutput e, f",
        .at(1, "no value named 'nonsense'"),
        .at(2, "matmul: shapes [2, 3] and [2, 3] do not fit: 3 columns against 2 rows", id: "shape-mismatch"),
        .at(3, "no operation named 'softmx'")),
      Mistake("a = ⟦1⟧b + ⟦2⟧c", .at(1, "no value named 'b'"), .at(2, "no value named 'c'")),
      Mistake("a = exp(⟦1⟧b, axis: ⟦2⟧c)", .at(1, "no value named 'b'"), .at(2, "no value named 'c'")),
      Mistake("def f(x) { return ⟦1⟧y }\na = f(1)\nb = f(2)\nc = a + b", .at(1, "no value named 'y'")),
      Mistake(
        "def f(x) {\n  a = ⟦1⟧y\n  b = a + ⟦2⟧z\n  return b\n}\na = f(1)", .at(1, "no value named 'y'"),
        .at(2, "no value named 'z'")),
      Mistake("repeat 3 { h = ⟦1⟧y }\nz = h", .at(1, "no value named 'y'")),
      Mistake("a, b = ⟦1⟧y\nz = a + b", .at(1, "no value named 'y'")),
    ])
  }

  @Test func `a mistake stands at its operator, call, label, value or bracket`() {
    assertDiagnoses([
      Mistake(
        "input a: f32[2] = zeros\ninput b: f64[2] = zeros\nc = a ⟦1⟧+ b",
        .at(1, "add: f32[2] and f64[2] have different dtypes", fix: "cast one of them")),
      Mistake(
        "input a: f32[2] = zeros\ninput b: f32[3] = zeros\nc = 1 + a ⟦1⟧* b",
        .at(1, "mul: shapes [2] and [3] do not broadcast")),
      Mistake(
        "input a: i32[2] = zeros\nb = a ⟦1⟧/ a",
        .at(1, "div: takes floating numbers, not i32[2] and i32[2]", fix: "floor_div rounds down; or cast to f32")),
      Mistake("input a: f32[2] = zeros\nb = ⟦1⟧not a", .at(1, "not: takes booleans, not f32[2]")),
      Mistake("b = ⟦1⟧-true", .at(1, "neg: takes numbers, not bool")),
      Mistake("input a: f32[2] = zeros\nb = a ⟦1⟧and true", .at(1, "and: takes booleans, not f32[2]")),
      Mistake("b = 1 ⟦1⟧+ f32", .at(1, "'+' between a number and a type", id: "bad-operand")),
      Mistake("b = \"a\" ⟦1⟧+ \"b\"", .at(1, "'+' between a string and a string")),
      Mistake(
        "input a: f32[2, 2] = zeros\nb = ⟦1⟧reshape(a, [3])",
        .at(1, "reshape: the elements of [2, 2] do not fit in [3]")),
      Mistake("a = ⟦1⟧matmull(1, 2)", .at(1, "no operation named 'matmull'", fix: "did you mean 'matmul'?")),
      Mistake("a = ⟦1⟧matmul(1.0)", .at(1, "'matmul' takes 2 tensors, not 1", fix: "matmul: a, b -> y")),
    ])
  }

  @Test func `inside the prelude a mistake is reported at the call in the user's file`() {
    assertDiagnoses([
      Mistake(
        "input a: f32[2] = zeros\ninput b: f32[3] = zeros\nc = ⟦1⟧mse(a, b)",
        .at(
          1, "match_shape: shapes [3] and [2] differ in more than axes of size 1", id: "shape-mismatch",
          notes: [(-1, "in 'mse'")])
      ),
      Mistake(
        "input a: f32[2] = zeros\ninput b: f32[3] = zeros\ndef f(a, b) { return ⟦1⟧mse(a, b) }\nc = ⟦2⟧f(a, b)",
        .at(
          1, "match_shape: shapes [3] and [2] differ in more than axes of size 1",
          notes: [(-1, "in 'mse'"), (2, "in the call of 'f'")])),
      Mistake(
        "input a: i32[2, 2] = zeros\nc = ⟦1⟧dense(a)", .at(1, "variance_scaling: gives floating numbers, not i32")),
    ])
    assertDiagnoses(
      "import \"lib.flow\"\ninput a: f32[2] = zeros\ny = ⟦1⟧outer(a)",
      [.at(1, "no value named 'oops'", notes: [(-2, "in 'inner'"), (-2, "in the call of 'inner'")])],
      imports: ["lib.flow": "def outer(x) { return inner(x) }\ndef inner(x) { return x + oops }"])
  }

  @Test func `limits are named`() {
    assertDiagnoses([
      Mistake(
        "h = 1.0\ninput x = 1.0\nh2 = x\nrepeat 1000000 { h2 = h2 ⟦1⟧* x }",
        .at(1, "the graph has more than 1000000 nodes", id: "limit")),
      Mistake(
        "s = 1.0 * step\nrepeat 300 { s = s ⟦1⟧* s }",
        .at(1, "a number computed by more than 256 operations, one upon the other", id: "limit")),
    ])
    let definitions = (0..<300).map { "def g\($0)(x) { return g\($0 + 1)(x) }" }.joined(separator: "\n").replacing(
      "{ return g256(x)", with: "{ return ⟦1⟧g256(x)")
    assertDiagnoses(
      definitions + "\ndef g300(x) { return x }\ny = g0(1.0)",
      [.at(1, "calls are nested more than 256 deep", id: "limit")])
    assertEvaluates("s = 1.0 * step\nrepeat 50 { s = s * s }", ["s": "f32 1"], step: 1)
  }

  @Test func `imported constants and definitions are the file's`() {
    assertEvaluates(
      "import \"lib.flow\"\ny = twice(k)", ["y": "f32 6"],
      imports: ["lib.flow": "const k = 3.0\ndef twice(x) { return two * x }\nconst two = 2"])
  }
}
