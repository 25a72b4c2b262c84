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

  @Test func `jacobian and hessian hold all derivatives, of any target and to any order`() {
    assertEvaluates([
      Worked("input x: f64[2] = [1, 2]\noutput j = jacobian(x * x, x)", ["j": "f64[2, 2] 2 0 0 4"]),
      // Fewer rows than columns, and fewer columns than rows.
      Worked(
        "input x: f64[3] = [1, 2, 3]\ny = stack(sum(x * x), sum(x))\noutput j = jacobian(y, x)",
        ["j": "f64[2, 3] 2 4 6 1 1 1"]),
      Worked(
        "input x: f64[2] = [1, 2]\ny = concat(x * x, x[:1], x)\noutput j = jacobian(y, x)",
        ["j": "f64[5, 2] 2 0 0 4 1 0 1 0 0 1"]),
      Worked("input x = 3.0\noutput j = jacobian(x * x, x), h = hessian(x ** 3, x)", ["j": "f32 6", "h": "f32 18"]),
      Worked("input x: f64[2] = [1, 2]\noutput j = jacobian(sum(x ** 3), x)", ["j": "f64[2] 3 12"]),
      Worked("input x = 2.0\noutput j = jacobian(stack(x, x * x), x)", ["j": "f32[2] 1 4"]),
      Worked(
        "input x: f64[2] = [1, 2]\noutput h = hessian(x[0] ** 2 * x[1] ** 3, x)", ["h": "f64[2, 2] 16 24 24 12"]),
      // Of a size that is known only when the graph runs, by reverse mode.
      Worked(
        "input x: f64[n] = [1, 2]\ninput a: f64[n, n] = [[1, 2], [3, 4]]\noutput j = jacobian(a @ x * x, x), h = hessian(sum(x ** 3), x)",
        ["j": "f64[2, 2] 6 2 6 19", "h": "f64[2, 2] 6 0 0 12"]),
      // In each other: of a Jacobian, of a product, and a product of a Jacobian.
      Worked(
        "input x: f64[2] = [1, 2]\nj = jacobian(x ** 3, x)\noutput t = jacobian(j, x)[0, 0], l = grad(sum(j), x)",
        ["t": "f64[2] 6 0", "l": "f64[2] 6 12"]),
      Worked(
        "input x: f64[2] = [1, 2]\noutput j = jacobian(jvp(x ** 3, x, [1, 10]), x), d = jvp(jacobian(x ** 3, x), x, [1, 10])",
        ["j": "f64[2, 2] 6 0 0 120", "d": "f64[2, 2] 6 0 0 120"]),
      Worked(
        "input x: f64[2] = [1, 2]\nh = hessian(sum(x ** 4), x)\noutput d = hessian(h[0, 0], x), j = jacobian(h[1], x)",
        ["d": "f64[2, 2] 24 0 0 0", "j": "f64[2, 2] 0 0 0 48"]),
      Worked(
        "input x: f32[2] = [1, 2]\ny = cast(x, f64) ** 2\noutput a = jacobian(y, x), b = jacobian(concat(y, y), x)[2:]",
        ["a": "f32[2, 2] 2 0 0 4", "b": "f32[2, 2] 2 0 0 4"]),
      // By rows where gradients are changed on their way, as grad and vjp have them.
      Worked(
        "input x: f64[2] = [1, 2]\ny = gradient_clip(x * x, limit: 0.5)\noutput j = jacobian(concat(y, y), x)[2:], v = vjp(y, x, [1, -1]), d = jvp(y, x, [1, 1])",
        ["j": "f64[2, 2] 1 0 0 2", "v": "f64[2] 1 -2", "d": "f64[2] 2 4"]),
      Worked(
        "input x: f64[2] = [1, 2]\ny = gradient_reverse(gradient_scale(x * x, by: 3)) + stop_gradient(x) * x\noutput j = jacobian(y, x), v = vjp(y, x, [1, 1]), d = jvp(y, x, [1, 1]), h = hessian(sum(y), x)",
        ["j": "f64[2, 2] -5 0 0 -10", "v": "f64[2] -5 -10", "d": "f64[2] -5 -10", "h": "f64[2, 2] -6 0 0 -6"]),
      Worked("input x: f64[0]\noutput j = shape(jacobian(x * 2, x))[0]", ["j": "i32 0"]),
    ])
    assertDiagnoses([
      Mistake(
        "input x: f64[2] = [1, 2]\nh = ⟦1⟧hessian(x * x, x)", .at(1, "a gradient needs a floating scalar, not f64[2]")),
      Mistake(
        "input x: f64[2] = [1, 2]\nh = ⟦1⟧jacobian(x > 1, x)",
        .at(1, "a Jacobian of bool[2]: only floating values have one", id: "dtype-mismatch")),
      Mistake(
        "input x: i32[2] = [1, 2]\nh = jacobian(x, ⟦1⟧x)",
        .at(1, "a derivative by i32[2]: only floating values have one")),
      Mistake(
        "input x: f64 = 1.0\nv = ⟦1⟧jacobian(x)", .at(1, "'jacobian' takes 2 arguments, not 1", id: "wrong-arity")),
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
    // In forward mode and under a Jacobian the same, of whatever shape it is.
    for derivative in [
      "jvp(loss, x, [1, 1, 1, 1])", "jacobian(loss, x)", "jacobian(stack(loss, loss, loss, loss, loss), x)",
    ] {
      assertDiagnoses(
        "input x: f32[4] = [1, 2, 3, 4]\nposition = cast(argmax(x, axis: 0), f32)\nloss = position * position\ng = ⟦1⟧\(derivative)",
        [
          .at(
            1,
            derivative.contains("stack")
              ? "the gradient is undefined: stack -> stack -> mul -> cast -> argmax (has no gradient: its output is a position) -> x"
              : "the gradient is undefined: loss -> mul -> cast -> argmax (has no gradient: its output is a position) -> x",
            id: "undefined-gradient")
        ])
    }
    for derivative in ["grad(sum(y), x)", "jvp(y, x, [1, 2])", "hvp(sum(y), x, [1, 1])"] {
      assertDiagnoses(
        "input x: f32[2] = [1, 2]\ny = gather(x, cast(x * 2, i32)) * x\ng = ⟦1⟧\(derivative)",
        [
          .at(
            1,
            "the gradient is undefined: \(derivative.contains("sum") ? "sum -> sum" : "y") -> mul -> gather (has no gradient: an index has no gradient) -> cast -> mul -> x"
          )
        ])
    }
    // The positions of top_k, in forward mode as in reverse; where nothing needs them, they harm nobody.
    for derivative in ["grad(sum(y), x)", "jvp(y, x, [1, 2])"] {
      assertDiagnoses(
        "input x: f32[2] = [1, 2]\nv, p = top_k(x, k: 1)\ny = cast(p, f32) * v\ng = ⟦1⟧\(derivative)",
        [
          .at(
            1,
            "the gradient is undefined: \(derivative.contains("sum") ? "sum -> sum" : "y") -> mul -> cast -> top_k (has no gradient: its output is a position) -> x"
          )
        ])
    }
    assertEvaluates(
      "input x: f32[3] = [1, 3, 2]\nv, p = top_k(x, k: 1)\ny = gather(x, p) * v\noutput a = jvp(v, x, [1, 2, 3]), b = jacobian(where(x > 1, x, 0), x)[1]",
      ["a": "f32[1] 2", "b": "f32[3] 0 1 0"])
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
    let others = [
      ("vjp(y, z, 1)", "f64[2] 0 0"), ("jvp(y, z, [1, 1])", "f32 0"), ("jacobian(y, z)", "f64[2] 0 0"),
      ("hessian(y, z)", "f64[2, 2] 0 0 0 0"), ("hvp(y, z, [1, 1])", "f64[2] 0 0"),
      ("ggn(y, y, z, [1, 1])", "f64[2] 0 0"),
    ]
    for (form, zeros) in others {
      let text = "input x = 1.0\ninput z: f64[2] = [1, 2]\ny = x * x\ng = ⟦1⟧\(form)"
      assertDiagnoses(text, [.at(1, message, id: "disconnected")], severity: .warning)
      assertDiagnoses(text, [.at(1, message, id: "disconnected")], options: ResolveOptions(disconnected: .error))
      assertDiagnoses(text, [], severity: .warning, options: ResolveOptions(disconnected: .ignore))
      assertEvaluates(text.replacing("⟦1⟧", with: "") + "\noutput g", ["g": zeros])
    }
    // A warning inside a repeat does not end it.
    assertEvaluates(
      "input x = 1.0\ninput z = 1.0\ns = 0.0\nrepeat 3 { s = s + 1 + grad(x * x, z) }\noutput s", ["s": "f32 3"])
  }
}
