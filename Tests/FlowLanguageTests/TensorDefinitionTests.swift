import Testing

@Suite struct `The prelude's parts of vectors and matrices` {
  @Test func `have their values and gradients`() {
    assertEvaluates([
      Worked(
        """
        input a: f64[2] = [1, 2]
        input b: f64[3] = [3, 4, 5]
        y = outer(a, b)
        g = grad(sum(y * y), a)
        output y, g
        """, ["y": "f64[2, 3] 3 4 5 6 8 10", "g": "f64[2] 100 200"]),
      Worked(
        """
        input a: f64[2] = [1, 2]
        input b: f64[2] = [3, 4]
        y = dot(a, b)
        g = grad(y, a)
        output y, g
        """, ["y": "f64 11", "g": "f64[2] 3 4"]),
      Worked(
        """
        input x: f64[2, 2] = [[1, 2], [3, 4]]
        d = diag(x)
        above = diag(x, offset: 1)
        m = diag(d)
        t = trace(x)
        g = grad(t, x)
        output d, above, m, t, g
        """,
        [
          "d": "f64[2] 1 4", "above": "f64[1] 2", "m": "f64[2, 2] 1 0 0 4", "t": "f64 5", "g": "f64[2, 2] 1 0 0 1",
        ]),
      Worked(
        """
        input x: i32[2] = [1, 2]
        output a = zeros_like(x), b = ones_like(x)
        """, ["a": "i32[2] 0 0", "b": "i32[2] 1 1"]),
    ])
  }

  @Test func `work with sizes that have names`() {
    assertEvaluates([
      Worked(
        """
        input x: f64[n, n] = [[1, 2], [3, 4]]
        a, b = split(concat(x, ones_like(x), axis: 1), parts: 2, axis: 1)
        output y = a - x, z = b, d = grad(sum(a * b), x), e = einsum(x, x, equation: "ij,jk->ik")
        output f = diag(x), p = pad(x, before: [0, 1], after: [0, 0]), t = tile(x, [1, n])
        """,
        [
          "y": "f64[2, 2] 0 0 0 0", "z": "f64[2, 2] 1 1 1 1", "d": "f64[2, 2] 1 1 1 1", "e": "f64[2, 2] 7 10 15 22",
          "f": "f64[2] 1 4", "p": "f64[2, 3] 0 1 2 0 3 4", "t": "f64[2, 4] 1 2 1 2 3 4 3 4",
        ])
    ])
  }

  @Test func `go with positional attributes`() {
    assertEvaluates([
      Worked(
        """
        input x: f64[3] = [3, 1, 2]
        v, p = top_k(x, 2)
        output v, p, s = sort(x), c = cumsum(x), r = roll(x, 1, 0), q = repeat_elements(x, 2, 0), i = argsort(x)
        """,
        [
          "v": "f64[2] 3 2", "p": "i32[2] 0 2", "s": "f64[3] 1 2 3", "c": "f64[3] 3 4 6", "r": "f64[3] 2 3 1",
          "q": "f64[6] 3 3 1 1 2 2", "i": "i32[3] 1 2 0",
        ])
    ])
  }

  @Test func `have no gradient through positions`() {
    assertDiagnoses(
      """
      input x: f64[3] = [3, 1, 2]
      _, p = top_k(x, k: 2)
      g = ⟦1⟧grad(sum(cast(p, f64) * x[0:2]), x)
      output g
      """,
      [
        .at(
          1,
          "the gradient is undefined: sum -> sum -> mul -> cast -> top_k (has no gradient: its output is a position) -> x",
          id: "undefined-gradient")
      ])
  }
}
