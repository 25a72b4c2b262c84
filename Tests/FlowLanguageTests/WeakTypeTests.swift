import Testing

/// Language §2, weak types, and §3, numbers.
struct WeakTypeTests {
  @Test func `a number takes the dtype of what it meets, also through names, arguments and consts`() {
    assertEvaluates([
      Worked("input x: f64 = 3.0\ny = x * 0.1", ["y": "f64 0.30000000000000004"]),
      Worked("input x: f64 = 3.0\na = 0.1\ny = x * a", ["y": "f64 0.30000000000000004"]),
      Worked(
        "const a = 0.1\ninput x: f64 = 3.0\ninput z: f32 = 3.0\ny = x * a\nw = z * a",
        ["y": "f64 0.30000000000000004", "w": "f32 0.3"]),
      Worked("def f(a, b) { return a * b }\ninput x: f64 = 3.0\ny = f(x, 0.1)", ["y": "f64 0.30000000000000004"]),
      Worked("def f(a, b: 0.1) { return a * b }\ninput x: f64 = 3.0\ny = f(x)", ["y": "f64 0.30000000000000004"]),
      Worked("def half() { return 0.5 }\ninput x: f64 = 3.0\ny = half() * x", ["y": "f64 1.5"]),
      Worked("input x: u8[2] = [1, 2]\ny = x * 2", ["y": "u8[2] 2 4"]),
      Worked("input x: f64[2] = [1, 2]\ny = x * [10, 0.5]", ["y": "f64[2] 10 1"]),
      Worked("input x: f64[2] = [1, 2]\nw = [10, 0.5]\ny = x * w", ["y": "f64[2] 10 1"]),
      Worked("input x: f64[2] = [1, 2]\ny = x * dim(x, 0)", ["y": "f64[2] 2 4"]),
      Worked("input x: f64[2] = [1, 2]\ny = x * -exp(0.0)", ["y": "f64[2] -1 -2"]),
      Worked("const k = 2 * tanh(0.0) + sqrt(4.0)\ninput x: f64 = 3.0\ny = x * k", ["y": "f64 6"]),
    ])
  }

  @Test func `left alone a whole number is i32, a fraction f32, a list by its numbers`() {
    assertEvaluates([
      Worked("y = 3", ["y": "i32 3"]),
      Worked("y = 2.5", ["y": "f32 2.5"]),
      Worked("y = true", ["y": "bool 1"]),
      Worked("y = 2 * 3 + 0.5", ["y": "f32 6.5"]),
      Worked("y = [1, 2]", ["y": "i32[2] 1 2"]),
      Worked("y = [[1, 2], [3, 0.5]]", ["y": "f32[2, 2] 1 2 3 0.5"]),
      Worked("y = [true, false]", ["y": "bool[2] 1 0"]),
      Worked("y = [1, 2] * 0.5", ["y": "f32[2] 0.5 1"]),
      Worked("y = [1, 2] + [0.5, 1]", ["y": "f32[2] 1.5 3"]),
      Worked("y = [1, 2] + 3", ["y": "i32[2] 4 5"]),
      Worked("input y = 2.0", [:]),
      Worked("input x = 2.0\ninput z = [1, 2]\ny = x\nw = z", ["y": "f32 2", "w": "i32[2] 1 2"]),
    ])
  }

  @Test func `the step is a weak whole number`() {
    assertEvaluates(
      [
        Worked("input b: f64 = 1.0\nc = b * (1 - 0.9 ** (step + 1))", ["c": "f64 0.3439"]),
        Worked("input b: f32 = 1.0\nc = b * (1 - 0.9 ** (step + 1))", ["c": "f32 0.3439"]),
        Worked("y = 1 - 0.5 ** (step + 1)", ["y": "f32 0.9375"]),
        Worked("y = step", ["y": "i64 3"]),
        Worked("input x: u8 = 4\ny = x + step", ["y": "u8 7"]),
        Worked(
          "def cosine(lr, steps: 1, warmup: 0) {\n  share = minimum(1, 1.0 * (step - warmup) / (steps - warmup))\n  return where(step < warmup, lr * (step + 1) / warmup, lr * 0.5 * (1 + cos(3.141592653589793 * share)))\n}\ninput b: f64 = 1.0\ny = b * cosine(0.1, steps: 7, warmup: 1)",
          ["y": "f64 0.075"]),
        Worked("input c: bool = true\ny = where(c, step, 0)", ["y": "i64 3"]),
        Worked("y = where(step < 2, 1.0, 2.0)", ["y": "f32 2"]),
        Worked("y = where(step < 5, 1, 2)", ["y": "i32 1"]),
      ], step: 3)
  }

  @Test func `conditions keep their booleans, the branches meet each other`() {
    assertEvaluates([
      Worked("input c: bool[2] = [true, false]\ninput x: f64[2] = [1, 2]\ny = where(c, x, 0)", ["y": "f64[2] 1 0"]),
      Worked("input c: bool[2] = [true, false]\ny = where(c, 1, 0)", ["y": "i32[2] 1 0"]),
      Worked("input c: bool[2] = [true, false]\ny = where(c, 1, 0.5)", ["y": "f32[2] 1 0.5"]),
      Worked("input x: f64[2] = [1, 2]\ny = where([true, false], x, 0)", ["y": "f64[2] 1 0"]),
      Worked("input x: f64[2] = [1, 2]\ny = where(x > 1, [1, 2], x)", ["y": "f64[2] 1 2"]),
      Worked("input c: bool[2] = [true, false]\ny = c and true", ["y": "bool[2] 1 0"]),
      Worked("input c: bool[2] = [true, false]\ny = not c or false", ["y": "bool[2] 0 1"]),
      Worked("input x: f64 = 2.0\ny = minimum(1, x)", ["y": "f64 1"]),
      Worked("y = minimum(1, 0.5)", ["y": "f32 0.5"]),
    ])
  }

  @Test func `whole and real arithmetic`() {
    assertEvaluates([
      Worked("y = 2 ** 3 ** 2", ["y": "i32 512"]),
      Worked("y = -2 ** 2", ["y": "i32 -4"]),
      Worked("y = 2.0 ** -1", ["y": "f32 0.5"]),
      Worked("y = 4 ** 0.5", ["y": "f32 2"]),
      Worked(
        "y = 7 % 3\nz = -7 % 3\nw = 7 % -3\nv = 7.5 % -2", ["y": "i32 1", "z": "i32 2", "w": "i32 -2", "v": "f32 -0.5"]),
      Worked("input x: i32 = -7\ny = x % 3\nz = x % -3", ["y": "i32 2", "z": "i32 -1"]),
      Worked("input x: i32 = 2147483647\ny = x + 1", ["y": "i32 -2147483648"]),
      Worked("input x: u8 = 200\ny = x + x", ["y": "u8 144"]),
      Worked("y = floor_div(7, 2)\nz = floor_div(-7, 2)", ["y": "i32 3", "z": "i32 -4"]),
      Worked("const half = floor_div(8, 2)\ny = zeros([half])", ["y": "f32[4] 0 0 0 0"]),
      Worked("const s = 1 / sqrt(4.0)\ny = fill(s, shape: [2])", ["y": "f32[2] 0.5 0.5"]),
      Worked("const s = maximum(2, 3) ** 2\ny = zeros([s])", ["y": "f32[9] 0 0 0 0 0 0 0 0 0"]),
      Worked("y = 1 < 2\nz = 2 == 2.0\nw = not 1 > 2", ["y": "bool 1", "z": "bool 1", "w": "bool 1"]),
      Worked("y = cast(0.1, f64)", ["y": "f64 0.1"]),
      Worked("y = cast(2.7, i32)", ["y": "i32 2"]),
      Worked("y = cast(300, f64)", ["y": "f64 300"]),
    ])
  }

  @Test func `what does not fit together`() {
    assertDiagnoses([
      Mistake("input x: i32 = 3\ny = x ⟦1⟧* 0.5", .at(1, "a fraction meets i32", id: "dtype-mismatch")),
      Mistake(
        "input x: i32[2] = [3, 4]\ny = x ⟦1⟧* [0.5, 1]",
        .at(1, "a list of fractions cannot be i32", id: "dtype-mismatch")),
      Mistake("input x: u8 = 3\ny = x ⟦1⟧+ 300", .at(1, "300 does not fit in u8", id: "bad-literal")),
      Mistake("input x: u8 = ⟦1⟧300", .at(1, "300 does not fit in u8")),
      Mistake("input x: i32 = ⟦1⟧0.5", .at(1, "a fraction meets i32")),
      Mistake("input x: f32 = ⟦1⟧true", .at(1, "a boolean meets f32")),
      Mistake(
        "y = 3 ⟦1⟧/ 2",
        .at(1, "'/' of whole numbers", fix: "floor_div, or write one with a point: 2.0", id: "dtype-mismatch")),
      Mistake("y = step ⟦1⟧/ 2", .at(1, "'/' of whole numbers")),
      Mistake("input x: f32[n] = zeros(shape: [2])\ny = dim(x, 0) ⟦1⟧/ 2", .at(1, "'/' of whole numbers")),
      Mistake("y = 2 ⟦1⟧** -1", .at(1, "a whole number to a negative power")),
      Mistake("input x: i32 = 3\ny = x ⟦1⟧** -1", .at(1, "a whole number to a negative power")),
      Mistake("y = 5 ⟦1⟧% 0", .at(1, "a remainder of division by zero")),
      Mistake("y = [[1, 2], [3]] ⟦1⟧* 2", .at(1, "rows of different lengths, or mixed with booleans, are no tensor")),
      Mistake("y = 9000000000000000000 ⟦1⟧* 2", .at(1, "the result of '*' does not fit in 64 bits")),
      Mistake("y = ⟦1⟧5000000000", .at(1, "5000000000 does not fit in i32")),
    ])
    assertEvaluates("big = 5000000000\ninput x: i64 = 1\ny = x + big", ["y": "i64 5000000001"])
  }
}
