import FlowDiagnostics
import FlowLanguage
import Testing

/// Language §5: `grad`, `vjp`, `jvp`, `hvp` and `ggn`.
struct GradientTests {
  @Test func `a gradient is an expression, to any order and by any earlier value`() {
    assertEvaluates([
      Worked("input x: f64 = 3.0\ny = x ** 3\ng = grad(y, x)\noutput g", ["g": "f64 27"]),
      Worked(
        "input a = 2.0\ninput b = 5.0\ny = a * a * b\nga, gb = grad(y, a, b)\noutput ga, gb",
        ["ga": "f32 20", "gb": "f32 4"]),
      Worked("input x: f64 = 2.0\ny = x ** 4\nd = grad(grad(grad(y, x), x), x)\noutput d", ["d": "f64 48"]),
      Worked("input x: f64 = 2.0\ny = x ** 4\nrepeat 3 { y = grad(y, x) }\noutput y", ["y": "f64 48"]),
      // By a value in between, which is treated as independent of x.
      Worked(
        "input x = 3.0\nh = x * x\ny = h * h + x\noutput g = grad(y, h), d = grad(y, x)",
        ["g": "f32 18", "d": "f32 109"]),
      Worked("input x: f32[2] = [1, 2]\noutput g = grad(sum(x * [3, 4]), x)", ["g": "f32[2] 3 4"]),
      Worked("input x: f32[2] = [1, 2]\nparam w: f32 = 2\noutput g = grad(sum(x * w), w)", ["g": "f32 3"]),
      Worked(
        "input x: f32[2] = [1, 2]\nh = dense([[1.0, 2]], units: 1, initializer: ones)\noutput g = grad(sum(h), h.w)",
        ["g": "f32[2, 1] 1 2"]),
      Worked("def slope(f, x) { return grad(f(x), x) }\ninput x = 0.0\noutput g = slope(exp, x)", ["g": "f32 1"]),
      Worked("input x = 2.0\ny = x * 3\ng = grad(y, x) + 1\noutput g", ["g": "f32 4"]),
    ])
  }

  @Test func `jvp, hvp and ggn multiply from the right`() {
    assertEvaluates([
      Worked("input x: f64[2] = [1, 2]\ny = x * x\noutput v = jvp(y, x, [10, 100])", ["v": "f64[2] 20 400"]),
      Worked("input x: f64 = 2.0\ny = x ** 4\noutput v = hvp(y, x, 3)", ["v": "f64 144"]),
      // The vector is a constant, even computed from the variable; a product can be differentiated again.
      Worked("input x: f64 = 2.0\noutput v = hvp(x ** 3, x, x)", ["v": "f64 24"]),
      Worked("input x: f64 = 2.0\nh = hvp(x ** 4, x, 1)\noutput v = grad(h, x)", ["v": "f64 48"]),
      Worked("input x: f64 = 3.0\ny = x * x\noutput v = ggn(y * y, y, x, 1)", ["v": "f64 72"]),
    ])
    assertDiagnoses([
      Mistake(
        "input x: f64[2] = [1, 2]\nv = jvp(x * x, x, ⟦1⟧[1, 2, 3])",
        .at(1, "the vector of 'jvp' is f64[2], its value f64[3]", id: "shape-mismatch")),
      Mistake(
        "input x: f64 = 1.0\nv = ⟦1⟧ggn(x * x, x, x)", .at(1, "'ggn' takes 4 arguments, not 3", id: "wrong-arity")),
    ])
  }

  @Test func `vjp multiplies from the left, for any target`() {
    assertEvaluates([
      Worked("input x: f64[2] = [1, 2]\ny = x * x\noutput v = vjp(y, x, [10, 100])", ["v": "f64[2] 20 400"]),
      Worked("input x: f64[2] = [1, 2]\ny = x * x\noutput v = vjp(sum(y), x, 3)", ["v": "f64[2] 6 12"]),
    ])
    assertDiagnoses([
      Mistake(
        "input x: f64[2] = [1, 2]\nv = vjp(x * x, x, ⟦1⟧[1, 2, 3])",
        .at(1, "the vector of 'vjp' is f64[2], its value f64[3]", id: "shape-mismatch")),
      Mistake(
        "input x: f64[2] = [1, 2]\nv = ⟦1⟧vjp(x * x, x)", .at(1, "'vjp' takes 3 arguments, not 2", id: "wrong-arity")),
    ])
  }

  @Test func `what has no gradient`() {
    assertDiagnoses([
      Mistake(
        "input x: f32[2] = [1, 2]\ng = ⟦1⟧grad(x * x, x)",
        .at(
          1, "a gradient needs a floating scalar, not f32[2]", fix: "sum or mean it first, or use vjp",
          id: "not-a-scalar")),
      Mistake(
        "input x: i32 = 1\ng = grad(1.0, ⟦1⟧x)",
        .at(1, "a derivative by i32: only floating values have one", id: "dtype-mismatch")),
      Mistake("input x = 1.0\ng = ⟦1⟧grad(x)", .at(1, "'grad' takes at least 2 arguments, not 1")),
      Mistake("input x = 1.0\na = ⟦1⟧grad(x * x, x, x)", .at(1, "1 name for 2 values")),
      Mistake("input x = 1.0\ng = grad(x * x, ⟦1⟧y)", .at(1, "no value named 'y'")),
      Mistake(
        "input x = 1.0\ng = ⟦1⟧hessian(x * x, x)",
        .at(1, "'hessian' is not available in this version", id: "not-available")),
    ])
  }

  @Test func `an undefined gradient names its whole path`() {
    assertDiagnoses(
      "⟦4⟧input x: f32[4] = [1, 2, 3, 4]\nposition = cast(argmax(x, axis: 0), f32)\nloss = position ⟦2⟧* position\ng = ⟦1⟧grad(loss, x)",
      [
        .at(
          1,
          "the gradient is undefined: loss -> mul -> cast -> argmax (has no gradient: its output is a position) -> x",
          fix: "stop_gradient cuts a path that should not count", id: "undefined-gradient")
      ])
    assertDiagnoses(
      "input ⟦5⟧x: f32[4] = [1, 2, 3, 4]\nposition = ⟦3⟧cast(⟦4⟧argmax(x, axis: 0), f32)\nloss = position ⟦2⟧* position\ng = ⟦1⟧grad(loss, x)",
      [
        .at(
          1,
          "the gradient is undefined: loss -> mul -> cast -> argmax (has no gradient: its output is a position) -> x",
          notes: [
            (2, "through 'loss'"), (2, "through 'mul'"), (3, "through 'cast'"),
            (4, "'argmax': its output is a position"), (5, "through 'x'"),
          ])
      ])
    assertEvaluates(
      "input x: f32[2] = [1, 2]\nk = stop_gradient(cast(argmax(x, axis: 0), f32))\noutput g = grad(sum(x) * k, x)",
      ["g": "f32[2] 1 1"])
  }

  @Test func `a variable that does not count has gradient zero, as the caller decides with a warning or an error`() {
    let text = "input x = 1.0\ninput z: f64[2] = [1, 2]\ny = x * x\ng = grad(y, ⟦1⟧z)"
    let message = "'y' does not depend on 'z': the gradient is zero"
    assertDiagnoses(text, [.at(1, message, id: "disconnected")], severity: .warning)
    assertDiagnoses(text, [], severity: .warning, options: ResolveOptions(disconnected: .ignore))
    assertDiagnoses(text, [.at(1, message, id: "disconnected")], options: ResolveOptions(disconnected: .error))
    assertEvaluates("input x = 1.0\ninput z: f64[2] = [1, 2]\ny = x * x\noutput g = grad(y, z)", ["g": "f64[2] 0 0"])
    // A warning inside a repeat does not end it.
    assertEvaluates(
      "input x = 1.0\ninput z = 1.0\ns = 0.0\nrepeat 3 { s = s + 1 + grad(x * x, z) }\noutput s", ["s": "f32 3"])
  }
}
