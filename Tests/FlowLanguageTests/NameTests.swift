import FlowDiagnostics
import FlowLanguage
import Testing

/// Language §2 and §3: names, definitions, look-up.
struct NameTests {
  @Test func `names are given once`() {
    assertDiagnoses([
      Mistake("x = 1.0\n⟦1⟧x = 2.0", .at(1, "'x' has a value already", id: "duplicate-name")),
      Mistake("input x = 1.0\n⟦1⟧x = 2.0", .at(1, "'x' has a value already")),
      Mistake("input x = 1.0\nrepeat 2 { ⟦1⟧x = 2.0 }", .at(1, "'x' has a value already")),
      Mistake("const c = 1\nrepeat 2 { ⟦1⟧c = 2 }", .at(1, "'c' has a value already")),
      Mistake("param w = 1.0\nparam ⟦1⟧w = 2.0", .at(1, "'w' has a value already")),
      Mistake("x = 1.0\nrepeat 2 as ⟦1⟧x { y = 2.0 }", .at(1, "'x' has a value already")),
      Mistake("input x: f32[n] = [1]\n⟦1⟧n = 2", .at(1, "'n' has a value already", id: "duplicate-name")),
      Mistake("⟦1⟧step = 2", .at(1, "'step' is built in", id: "duplicate-name")),
      Mistake("input ⟦1⟧training = 2", .at(1, "'training' is built in")),
      Mistake("def f(x) { return x }\ndef ⟦1⟧f(x) { return x }\ny = f(1.0)", .at(1, "'f' is defined twice")),
      Mistake("def f(x) {\n  y = x\n  ⟦1⟧y = x\n  return y\n}\nz = f(1.0)", .at(1, "'y' has a value already")),
      Mistake("def f(x) {\n  ⟦1⟧x = 2.0\n  return x\n}\nz = f(1.0)", .at(1, "'x' has a value already")),
    ])
  }

  @Test func `inside repeat a value and an argument may change`() {
    assertEvaluates([
      Worked("h = 1.0\nrepeat 3 { h = h * 2.0 }", ["h": "f32 8"]),
      Worked("def f(x) {\n  repeat 3 { x = x * 2.0 }\n  return x\n}\ny = f(1.0)", ["y": "f32 8"]),
      Worked("repeat 3 as i { last = i }\ny = last", ["y": "i32 2"]),
      Worked("s = 0\nrepeat 3 as i { repeat 2 as j { s = s + 10 * i + j } }", ["s": "i32 63"]),
      Worked("h = 1.0\nrepeat 0 { h = 2.0 }", ["h": "f32 1"]),
      Worked("h = 1.0\noutput first = h\nrepeat 2 { h = h + 1.0 }\noutput h", ["first": "f32 1", "h": "f32 3"]),
      Worked("input x = 2.0\n_ = exp(x)\ny = x", ["y": "f32 2"]),
      Worked("param h.0.w = 2.0\nparam h.1 = 3.0\ny = h.0.w * h.1", ["y": "f32 6"]),
    ])
    assertDiagnoses([
      Mistake("repeat 3 as i { h = i }\ny = ⟦1⟧i", .at(1, "no value named 'i'")),
      Mistake("repeat ⟦1⟧-1 { h = 1 }", .at(1, "a repeat of -1; it may be 0 to 1000000", id: "bad-value")),
      Mistake(
        "repeat ⟦1⟧0.5 { h = 1 }\ny = h",
        .at(1, "the count of a repeat is a whole number known before the graph runs; this is a number")),
      Mistake("repeat 0 { h = 1 }\ny = ⟦1⟧h", .at(1, "no value named 'h'")),
    ])
  }

  @Test func `the condition of if is known before the graph runs, and names stay visible`() {
    let isTraining = ResolveOptions(isTraining: true)
    let text = "if training { y = 1.0 } else { y = 2.0 }\nz = y"
    assertEvaluates(text, ["z": "f32 2"])
    assertEvaluates(text, ["z": "f32 1"], options: isTraining)
    assertEvaluates([
      Worked("const a = 3\nif a == 1 { y = 1 } else if a == 3 { y = 2 } else { y = 3 }", ["y": "i32 2"]),
      Worked("if false { y = nonsense(3) }\nz = 1", ["z": "i32 1"]),
      Worked("input x: f32[2, 3] = ones\nif rank(x) == 2 and dim(x, -1) > 2 { y = x[0, 0] }", ["y": "f32 1"]),
      Worked("input x: f32[2] = ones\nif dtype(x) == f32 { y = 1 }", ["y": "i32 1"]),
      Worked(
        "def f(a) {\n  if a > 1 { return 10 }\n  return 20\n}\ny = f(1)\nz = f(2)", ["y": "i32 20", "z": "i32 10"]),
      Worked(
        "def f(a) {\n  repeat 5 as i {\n    if i == 2 { return i * a }\n  }\n  return 0\n}\ny = f(10)", ["y": "i32 20"]),
      Worked(
        "def f(kind: \"a\") { if kind == \"a\" { return 1 } else { return 2 } }\ny = f()\nz = f(kind: \"b\")",
        ["y": "i32 1", "z": "i32 2"]),
    ])
    assertDiagnoses([
      Mistake(
        "input x = 1.0\nif x ⟦1⟧> 0 { y = 1.0 } else { y = 2.0 }\nz = y",
        .at(1, "a condition is true or false before the graph runs; this is a tensor", id: "not-constant")),
      Mistake("if ⟦1⟧nonsense { y = 1.0 }\nz = y", .at(1, "no value named 'nonsense'")),
      Mistake("if ⟦1⟧3 { y = 1.0 }", .at(1, "a condition is true or false before the graph runs; this is a number")),
    ])
  }

  @Test func `a def sees its arguments, consts and definitions, and no values of the file`() {
    assertEvaluates([
      Worked("const c = 2.0\ny = f(1.0)\ndef f(x) { return g(x) * c }\ndef g(x) { return x + 1.0 }", ["y": "f32 4"]),
      Worked("def f(x) { c = 3.0\n return x * c }\nconst c = 2.0\ny = f(1.0)", ["y": "f32 3"]),
      Worked("def pair(x) { return x, x + 1 }\na, b = pair(1)\nc = a + b", ["c": "i32 3"]),
      Worked(
        "def apply(x, f: exp) { return f(x) }\ny = apply(0.0)\nz = apply(3.0, f: identity)\ndef two(x) { return 2 * x }\nw = apply(4.0, f: two)",
        ["y": "f32 1", "z": "f32 3", "w": "f32 8"]),
      Worked(
        "def inner(x, f) { return f(x) }\ndef outer(x, f) { return inner(x, f) }\ny = outer(0.0, exp)", ["y": "f32 1"]),
      Worked(
        "def f(a, b, c: 1, d: 2) { return a * 1000 + b * 100 + c * 10 + d }\ny = f(1, 2)\nz = f(1, 2, 3)\nw = f(1, 2, 3, 4)\nv = f(1, 2, d: 5)",
        ["y": "i32 1212", "z": "i32 1232", "w": "i32 1234", "v": "i32 1215"]),

      Worked("def f(a, b: a + 1) { return a * b }\ny = f(3)", ["y": "i32 12"]),
      Worked("def f(x, list: [1, 2, 3]) { return x + list[1] + list[-1] }\ny = f(10)", ["y": "i32 15"]),
      Worked("def f(x, type: f64) { return cast(x, type) }\ny = f(1.5)", ["y": "f64 1.5"]),
    ])
    assertDiagnoses([
      Mistake(
        "a = 1.0\ndef f(x) { return x * ⟦1⟧a }\ny = ⟦2⟧f(1.0)",
        .at(1, "no value named 'a'", notes: [(2, "in the call of 'f'")])),
      Mistake("h = dense([[1.0]])\ndef f(x) { return x * ⟦1⟧h.w }\ny = f(1.0)", .at(1, "no value named 'h.w'")),
      Mistake(
        "def f(x) { return ⟦1⟧f(x) }\ny = f(1.0)",
        .at(1, "'f' calls itself", fix: "repeat runs a block several times", id: "recursion")),
      Mistake("def f(x) { return g(x) }\ndef g(x) { return ⟦1⟧f(x) }\ny = f(1.0)", .at(1, "'f' calls itself")),
      Mistake("def f(x, g) { return ⟦1⟧g(x, g) }\ny = f(1.0, f)", .at(1, "'f' calls itself")),
      Mistake(
        "def f(x) {\n  ⟦1⟧input y = 1.0\n  return x\n}\nz = f(1.0)",
        .at(1, "'input' stands only outside of definitions")),
    ])
  }

  @Test func `arguments are matched in order, then by label`() {
    assertDiagnoses([
      Mistake("def f(a, b: 1) { return a }\ny = ⟦1⟧f()", .at(1, "'f' needs 'a'", id: "wrong-arity")),
      Mistake(
        "def f(a, b: 1) { return a }\ny = ⟦1⟧f(1, 2, 3)",
        .at(1, "'f' takes at most 2 arguments, not 3", id: "wrong-arity")),
      Mistake(
        "def f(a, units: 1) { return a }\ny = f(1, ⟦1⟧unit: 3)",
        .at(1, "'f' has no argument 'unit'", fix: "did you mean 'units'?", id: "unknown-attribute")),
      Mistake("def f(a, b: 1) { return a }\ny = f(1, 2, ⟦1⟧b: 3)", .at(1, "'b' is given twice", id: "duplicate-name")),
      Mistake("def f(a, b: 1) { return a }\ny = f(1, b: 2, ⟦1⟧b: 3)", .at(1, "'b' is given twice")),
      Mistake("def f(a) { return a, a }\ny = ⟦1⟧f(1)", .at(1, "1 name for 2 values", id: "wrong-arity")),
      Mistake("def f(a) { return a, a }\na, b, c = ⟦1⟧f(1)", .at(1, "3 names for 2 values")),
      Mistake(
        "def f(a) { return a, a }\ny = 1 + ⟦1⟧f(1)",
        .at(1, "this gives 2 values where one is needed", fix: "name them: a, b = ...")),
    ])
    assertDiagnoses([
      Mistake(
        "input x: f32[4] = zeros\ny = softmax(x, ⟦1⟧axes: 0)",
        .at(1, "'softmax' has no attribute 'axes'", fix: "did you mean 'axis'?", id: "unknown-attribute")),
      Mistake("input x: f32[4] = zeros\ny = softmax(x, ⟦1⟧axes: x)", .at(1, "'softmax' has no attribute 'axes'")),
      Mistake(
        "input x: f32[4] = zeros\ny = softmax(x, axis: ⟦1⟧x)",
        .at(1, "'axis' is known before the graph runs; this is a tensor", id: "not-constant")),
      Mistake("input x: f32[4] = zeros\ny = softmax(x, 0, ⟦1⟧axis: 0)", .at(1, "'axis' is given twice")),
      Mistake(
        "input x: f32[4] = zeros\ny = softmax(x, ⟦1⟧axis: 3)",
        .at(1, "softmax: no axis 3 in shape [4]", fix: "axes are -1 to 0")),
      Mistake(
        "input x: f32[4] = zeros\ny = softmax(x, ⟦1⟧axis: \"a\")", .at(1, "'axis' of 'softmax' takes a whole number")),
      Mistake(
        "input x: f32[4] = zeros\ny = ⟦1⟧softmax()", .at(1, "'softmax' takes 1 tensor, not 0", id: "wrong-arity")),
      Mistake(
        "input x: f32[4] = zeros\ny = ⟦1⟧exp(x, x)", .at(1, "'exp' takes at most 1 argument, not 2", id: "wrong-arity")),
      Mistake("y = exp(⟦1⟧\"a\")", .at(1, "a string where a tensor is needed", id: "not-a-tensor")),
      Mistake("y = exp(⟦1⟧relu)", .at(1, "'relu' where a tensor is needed")),
      Mistake(
        "y = ⟦1⟧softmx(1.0)",
        .at(1, "no operation named 'softmx'", fix: "did you mean 'softmax'?", id: "unknown-operation")),
      Mistake(
        "input rate = 1.0\ny = 2 * ⟦1⟧rat",
        .at(1, "no value named 'rat'", fix: "did you mean 'rate'?", id: "unknown-name")),
    ])
  }

  @Test func `a value may be named like an operation, and a user's def replaces a built-in one`() {
    assertEvaluates([
      Worked("input x: f32[2] = [1, 3]\nmean = mean(x)\ny = mean + mean(x)", ["y": "f32 4"]),
      Worked("def exp(x) { return x + 1.0 }\ny = exp(1.0)", ["y": "f32 2"]),
      Worked(
        "def identity(x) { return x + 1.0 }\ny = identity(1.0)\ninput z: f32[1, 1] = [[1]]\nh = dense(z, units: 1, initializer: ones)",
        ["y": "f32 2", "h": "f32[1, 1] 1"]),
    ])
    assertDiagnoses(
      "def ⟦1⟧exp(x) { return x }\ny = exp(1.0)",
      [.at(1, "'exp' replaces the built-in one in this file", id: "shadowed")], severity: .note)
    assertDiagnoses(
      "def ⟦1⟧dense(x) { return x }\ny = dense(1.0)", [.at(1, "'dense' replaces the built-in one in this file")],
      severity: .note)
  }
}
