import Testing

/// Mistakes that are seldom made, and what is said of them.
@Suite struct `An odd text` {
  @Test func `with a definition that returns nothing`() {
    assertDiagnoses(
      "def f(x) { y = x }\nz = ⟦1⟧f(1)",
      [.at(1, "'f' returns nothing", fix: "end its block with return", id: "wrong-arity")])
  }

  @Test func `with two arguments of one name`() {
    assertDiagnoses(
      "def f(x, ⟦1⟧x) { return x }\ny = f(1, 2)", [.at(1, "'f' has two arguments 'x'", id: "duplicate-name")])
    assertDiagnoses("def f(x, ⟦1⟧x: 2) { return x }", [.at(1, "'f' has two arguments 'x'", id: "duplicate-name")])
  }

  @Test func `with a number that fits nowhere is told at the number`() {
    assertDiagnoses("y = ⟦1⟧3000000000", [.at(1, "3000000000 does not fit in i32", id: "bad-literal")])
    assertDiagnoses("y = ⟦1⟧-3000000000", [.at(1, "-3000000000 does not fit in i32", id: "bad-literal")])
  }

  @Test func `that minimizes whole numbers is told to cast`() {
    assertDiagnoses(
      "loss = 3\ntrain { minimize: ⟦1⟧loss }",
      [.at(1, "'minimize' needs a floating scalar, not i32", fix: "cast it to f32")])
    assertDiagnoses(
      "param w = [1.0, 2.0]\ntrain { minimize: ⟦1⟧w }",
      [.at(1, "'minimize' needs a floating scalar, not f32[2]", fix: "sum or mean it")])
  }
}
