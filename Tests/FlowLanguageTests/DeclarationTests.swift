import FlowGraph
import FlowLanguage
import FlowTensor
import Testing

/// Language §2: types, symbolic dimensions, initializers, updates and outputs.
struct DeclarationTests {
  private func floats(_ numbers: [Float], _ sizes: [Int]) -> Tensor { Tensor(numbers, sizes) }

  @Test func `an input introduces a dimension, which is bound by what is fed`() {
    let feeds = ["x": floats([1, 2, 3, 4, 5, 6], [3, 2])]
    assertEvaluates("input x: f32[n, 2]\ny = x * n", ["y": "f32[3, 2] 3 6 9 12 15 18"], feeding: feeds)
    assertEvaluates("input x: f32[n, m]\ny = reshape(x, [-1])", ["y": "f32[6] 1 2 3 4 5 6"], feeding: feeds)
    assertEvaluates("input x: f32[n, m]\ny = reshape(x, [m, -1])", ["y": "f32[2, 3] 1 2 3 4 5 6"], feeding: feeds)
    assertEvaluates(
      "input x: f32[n, m]\ny = reshape(x, [n * m, 1])\nz = sum(y * zeros([n * m, 1]))", ["z": "f32 0"], feeding: feeds)
    assertEvaluates(
      "input x: f32[n, 2]\ny = mean(x, axis: 0) * dim(x, 0) + rank(x)", ["y": "f32[2] 11 14"], feeding: feeds)
    assertEvaluates("input x: f32[n, 2]\ny = zeros([2 * n - 1])", ["y": "f32[5] 0 0 0 0 0"], feeding: feeds)
    assertEvaluates(
      "input x: f32[n, 2]\nparam w: dtype(x)[shape(x)] = ones\ny = sum(x * w)", ["y": "f32 21"], feeding: feeds)
    assertEvaluates(
      "input x: f32[n, 2]\ninput k: f32[n] = ones\ny = sum(k)", ["y": "f32 3"],
      feeding: feeds.merging(["k": floats([1, 1, 1], [3])]) { a, _ in a })
    assertEvaluates(
      "input x: f32[n, 2]\ny = n\nz = 0.5 * n\nw = n % 2", ["y": "i32 3", "z": "f32 1.5", "w": "i32 1"], feeding: feeds)
    assertEvaluates("input x: f32[n, 2]\nif n == n and rank(x) == 2 { y = sum(x) }", ["y": "f32 21"], feeding: feeds)
    assertEvaluates("input x: f32[n, 2] = [[1, 2]]\ninput k: f32[n] = zeros\ny = sum(x) + sum(k)", ["y": "f32 3"])
    assertEvaluates("input x: f32[n, 2] = [[1, 2]]\nstate s: f32[n] = zeros\ny = sum(x) + sum(s)", ["y": "f32 3"])
  }

  @Test func `sizes are compared in normal form, and what cannot be decided is left`() {
    assertDiagnoses([
      Mistake(
        "input a: f32[n, 3] = [[1, 2, 3]]\ninput b: f32[n, 4] = zeros\nc = a ⟦1⟧+ b",
        .at(1, "add: shapes [n, 3] and [n, 4] do not broadcast", id: "shape-mismatch")),
      Mistake(
        "input a: f32[n, m]\nparam w: f32[m + n] = ones\nb = reshape(w, [n + m]) + w\nc = ⟦1⟧reshape(w, [n + m + 1])",
        .at(1, "reshape: the elements of [m + n] do not fit in [m + n + 1]")),
      Mistake("param w: f32[⟦1⟧n] = ones", .at(1, "no value named 'n'", id: "unknown-name")),
      Mistake("input a: f32[2 * ⟦1⟧n]", .at(1, "no value named 'n'")),
      Mistake(
        "input x: f32[n]\nif n ⟦1⟧== 3 { y = 1 }",
        .at(1, "a condition is true or false before the graph runs; this is a boolean known only when the graph runs")),
      Mistake("input x: f32[⟦1⟧-2]", .at(1, "a size of -2", id: "not-a-size")),
      Mistake("input x: f32[⟦1⟧2.5]", .at(1, "a size is a whole number known before the graph runs, not a number")),
      Mistake(
        "input x: ⟦1⟧f32[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
        .at(1, "a tensor of rank 17: the limit is 16", id: "limit")),
      Mistake(
        "input x: ⟦1⟧f32[4000000000, 4000000000]",
        .at(1, "the tensor's size does not fit in 64 bits", id: "size-overflow")),
      Mistake(
        "x = ⟦1⟧zeros([4000000000, 4000000000])",
        .at(1, "the tensor's size does not fit in 64 bits", id: "size-overflow")),
      Mistake(
        "input x: f32[2, 3] = zeros\ny = dim(x, ⟦1⟧2)", .at(1, "no axis 2 in f32[2, 3]", id: "index-out-of-range")),
      Mistake("input x: f32[2, 3] = zeros\ny = ⟦1⟧dim(x)", .at(1, "'dim' takes 2 arguments, not 1", id: "wrong-arity")),
      Mistake("input x: f32[2, 3] = zeros\ny = shape(x, ⟦1⟧axis: 1)", .at(1, "'shape' has no attribute 'axis'")),
      Mistake(
        "input x: f32[2, 3] = zeros\nparam w: f32[⟦1⟧dtype(x)] = zeros",
        .at(1, "a size is a whole number known before the graph runs, not a type")),
    ])
  }

  @Test func `a declaration takes its type from its value, or holds the value against its type`() {
    assertEvaluates([
      Worked("param w = [[1, 2], [3, 4]]\ny = w", ["y": "i32[2, 2] 1 2 3 4"]),
      Worked("param w = zeros(shape: [2], dtype: f64)\ny = w", ["y": "f64[2] 0 0"]),
      Worked("state s = 2.5\ny = s", ["y": "f32 2.5"]),
      Worked("const size = 2\nparam w: f32[size + 1] = [1, 2, 3]\ny = w", ["y": "f32[3] 1 2 3"]),
      Worked("param w: f64 = 0.1\ny = w", ["y": "f64 0.1"]),
      Worked(
        "param w: f32[2] = zeros()\nparam v: f32[2] = ones\nparam u: f64[2] = constant(0.25)\ny = w + v\nz = u",
        ["y": "f32[2] 1 1", "z": "f64[2] 0.25 0.25"]),
      Worked("param w: f32[2, 2] = eye\ny = w", ["y": "f32[2, 2] 1 0 0 1"]),
      Worked(
        "def all(a, shape: [], dtype: f32) { return fill(a, shape: shape, dtype: dtype) }\nparam w: f64[2] = all(3)\ny = w",
        ["y": "f64[2] 3 3"]),
      Worked(
        "def mine(shape: [], dtype: f32) { return ones(shape, dtype) * 2 }\nparam w: f64[2] = mine\ny = w",
        ["y": "f64[2] 2 2"]),
      Worked(
        "def f(x, init: zeros) {\n  param w: f32[2] = init\n  return x + w\n}\nh = f(1.0, init: ones)\ny = h",
        ["y": "f32[2] 2 2"]),
      Worked("input x = exp(0.0)\ny = x", ["y": "f32 1"]),
      Worked("input x: f64[2] = [1, 2]\ninput z: f64[2] = x * 2\ny = z", ["y": "f64[2] 2 4"]),
      Worked("input b: bool[2] = [true, false]\ny = b", ["y": "bool[2] 1 0"]),
      Worked("input i: u8[2] = [255, 0]\ny = i", ["y": "u8[2] 255 0"]),
      Worked("const list = [1, 2]\ninput i: f64[2] = list\ny = i", ["y": "f64[2] 1 2"]),
    ])
    assertEvaluates(
      "param w = load(\"a.h5\", \"w\")\ny = w", ["y": "f32[2] 1 2"], files: ["a.h5": floats([1, 2], [2])])
    assertEvaluates(
      "param w: f32[2] = load(\"a.h5\", \"w\")\nv = load(\"b.h5\", \"w\")\ny = w + v", ["y": "f32[2] 2 4"],
      files: ["a.h5": floats([1, 2], [2]), "b.h5": floats([1, 2], [2])])
    assertDiagnoses([
      Mistake("param ⟦1⟧w: f32[2]", .at(1, "'w' needs a first value", id: "missing-value")),
      Mistake(
        "param w = ⟦1⟧zeros",
        .at(1, "an initializer needs the variable's type", fix: "param w: f32[2, 3] = zeros", id: "missing-type")),
      Mistake("param w: f32[2] = ⟦1⟧[1, 2, 3]", .at(1, "'w' is f32[2], its value f32[3]", id: "shape-mismatch")),
      Mistake("param w: f32[2] = ⟦1⟧zeros(shape: [3])", .at(1, "'w' is f32[2], its value f32[3]")),
      Mistake("param w: f32[2] = ⟦1⟧[true, false]", .at(1, "'w' is f32[2], its value bool[2]", id: "dtype-mismatch")),
      Mistake("param w: f32[2] = ⟦1⟧1.0", .at(1, "'w' is f32[2], its value f32")),
      Mistake("param w: f32[2] = ⟦1⟧load(\"a.h5\", \"w\")", .at(1, "no such file", id: "unreadable-file")),
      Mistake(
        "param w: f32[2] = normal(⟦1⟧sd: 0.1)", .at(1, "'normal' has no attribute 'sd'", fix: "did you mean 'std'?")),
      Mistake("param w: f32[2] = ⟦1⟧nonsense", .at(1, "no value named 'nonsense'")),
      Mistake("param w: f32[2] = ⟦1⟧nonsense(1)", .at(1, "no operation named 'nonsense'")),
      Mistake(
        "param w: i32[2] = ⟦1⟧he_normal",
        .at(1, "variance_scaling: gives floating numbers, not i32", id: "bad-attribute")),
    ])
  }

  @Test func `initializers are drawn from the seed and the variable's name`() throws {
    let text = "param w: f32[3] = normal(std: 0.1)\nparam v: f32[3] = normal(std: 0.1)\noutput w, v"
    let graph = try program(text).graph
    let fetches = graph.outputs.map(\.value)
    let first = try evaluate(graph, fetches)
    #expect(first[0] != first[1])
    #expect(try evaluate(graph, fetches, seed: 1)[0] != first[0])
    let more = try program("param u: f32[3] = normal\n" + text).graph
    #expect(try evaluate(more, more.outputs.map(\.value)) == first)
  }

  @Test func `an update is given once and fits its variable`() throws {
    let graph = try program(
      "state s: f32 = 1.0\nparam w = 2.0\ndef add(v, by) { update v = v + by\n return v }\na = add(w, 3.0)\nupdate s = s + 1\noutput a"
    ).graph
    #expect(graph.updates.map { graph.variables[$0.variable].name } == ["w", "s"])
    #expect(try evaluate(graph, graph.updates.map(\.value)).map(text) == ["f32 5.0", "f32 2.0"])
    assertEvaluates("state s: f32 = 1.0\nupdate s = s + 1\noutput s", ["s": "f32 1"])
    assertDiagnoses([
      Mistake(
        "state s = 1.0\nupdate s = s + 1\nupdate ⟦1⟧s = s + 2", .at(1, "'s' is updated twice", id: "duplicate-update")),
      Mistake(
        "param w = 1.0\ndef f(v) {\n  update ⟦1⟧v = v + 1\n  return v\n}\na = f(w)\nb = f(w)",
        .at(1, "'w' is updated twice")),
      Mistake("input x = 1.0\nupdate ⟦1⟧x = x + 1", .at(1, "'x' is neither a state nor a param", id: "not-a-variable")),
      Mistake("h = 1.0\nupdate ⟦1⟧h = h + 1", .at(1, "'h' is neither a state nor a param")),
      Mistake(
        "state s: f32[2] = zeros\nupdate s = ⟦1⟧[1, 2, 3]",
        .at(1, "'s' is f32[2], its value f32[3]", id: "shape-mismatch")),
      Mistake(
        "state s: f32[2] = zeros\ninput x: f64[2] = zeros\nupdate s = ⟦1⟧x",
        .at(1, "'s' is f32[2], its value f64[2]", id: "dtype-mismatch")),
      Mistake("state s: i32 = 0\nupdate s = s ⟦1⟧+ 0.5", .at(1, "a fraction meets i32")),
      Mistake("update ⟦1⟧s = 1.0", .at(1, "no value named 's'")),
    ])
  }

  @Test func `without outputs a file gives the values that no other value uses`() throws {
    let cases: [(text: String, names: [String])] = [
      ("input x = 1.0\na = x + 1\nb = a * 2\nc = a * 3", ["b", "c"]),
      ("input x = 1.0\nparam w = 2.0", []),
      ("input x = 1.0\nh = x\nrepeat 3 { h = h * 2 }", ["h"]),
      ("z = 1.0\na = 2.0", ["z", "a"]),
      ("state s = 1.0\nnew = s + 1\nother = s\nupdate s = new", ["other"]),
      ("input x = 1.0\na = x\nb = x\noutput b, c = a * 2, a", ["b", "c", "a"]),
      ("input x = 1.0\noutput x", ["x"]),
      ("input x: f32[2] = ones\na, b = pair(x)\n_ = a\ndef pair(x) { return x, x + 1 }", ["b"]),
      ("input x = 1.0\nloss = x * x\ntrain { minimize: loss }", ["loss"]),
    ]
    for (text, names) in cases { #expect(try program(text).graph.outputs.map(\.name) == names, "\(text)") }
    assertDiagnoses([
      Mistake("a = 1.0\noutput a, ⟦1⟧a", .at(1, "'a' is an output already", id: "duplicate-name")),
      Mistake("a = 1.0\noutput ⟦1⟧a = 2.0", .at(1, "'a' has a value already")),
      Mistake("output ⟦1⟧a", .at(1, "no value named 'a'")),
      Mistake("output a = ⟦1⟧\"text\"", .at(1, "a string where a tensor is needed")),
      Mistake("const c = f32\noutput ⟦1⟧c", .at(1, "a type where a tensor is needed")),
    ])
  }
}
