import Testing

/// Language §3: index expressions.
struct IndexTests {
  @Test func `an entry drops its axis, a slice clips`() {
    let x = "input x: i32[2, 4] = [[0, 1, 2, 3], [4, 5, 6, 7]]\n"
    assertEvaluates([
      Worked(x + "y = x[1]", ["y": "i32[4] 4 5 6 7"]),
      Worked(x + "y = x[-1, -1]", ["y": "i32 7"]),
      Worked(x + "y = x[:, 1:3]", ["y": "i32[2, 2] 1 2 5 6"]),
      Worked(x + "y = x[0, 2:]", ["y": "i32[2] 2 3"]),
      Worked(x + "y = x[0, :-1]", ["y": "i32[3] 0 1 2"]),
      Worked(x + "y = x[0, ::2]", ["y": "i32[2] 0 2"]),
      Worked(x + "y = x[0, ::-1]", ["y": "i32[4] 3 2 1 0"]),
      Worked(x + "y = x[0, 2:0:-1]", ["y": "i32[2] 2 1"]),
      Worked(x + "y = x[0, -2::-2]", ["y": "i32[2] 2 0"]),
      Worked(x + "y = x[0, 1:100]", ["y": "i32[3] 1 2 3"]),
      Worked(x + "y = x[0, 100:]", ["y": "i32[0]"]),
      Worked(x + "y = x[0, -100:2]", ["y": "i32[2] 0 1"]),
      Worked(x + "y = x[0, 3:1]", ["y": "i32[0]"]),
      Worked(x + "const k = 1\ny = x[k, k + 1]", ["y": "i32 6"]),
      Worked(x + "y = x[dim(x, 0) - 1, 0]", ["y": "i32 4"]),
      Worked(x + "y = shape(x)[1]\nz = [5, 6, 7][-1]", ["y": "i32 4", "z": "i32 7"]),
      Worked("input x: f32[n] = [1, 2, 3]\ny = x[n - 1]\nz = x[:n - 1]", ["y": "f32 3", "z": "f32[2] 1 2"]),
    ])
  }

  @Test func `an entry out of range is reported at its bracket`() {
    let x = "input x: i32[2, 4] = zeros\n"
    assertDiagnoses([
      Mistake(x + "y = x⟦1⟧[2]", .at(1, "index 2 is out of range for an axis of size 2", id: "index-out-of-range")),
      Mistake(x + "y = x⟦1⟧[0, -5]", .at(1, "index -5 is out of range for an axis of size 4")),
      Mistake(x + "y = x⟦1⟧[0, 0, 0]", .at(1, "3 indices for i32[2, 4], which has rank 2", id: "index-out-of-range")),
      Mistake(x + "y = x⟦1⟧[0, ::0]", .at(1, "index: a step is a whole number other than 0, not 0")),
      Mistake(x + "y = x[⟦1⟧0.5]", .at(1, "an index is a whole number, not a number", id: "not-constant")),
      Mistake(
        x + "y = x[⟦1⟧x]",
        .at(1, "an index is a whole number known before the graph runs", fix: "gather(x, indices) takes a tensor")),
      Mistake("y = [1, 2]⟦1⟧[2]", .at(1, "index 2 of a list of 2", id: "index-out-of-range")),
      Mistake("y = shape(⟦1⟧q)[2]", .at(1, "no value named 'q'")),
    ])
  }
}
