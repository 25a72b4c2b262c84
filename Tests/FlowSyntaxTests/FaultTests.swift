import Testing

@Suite struct FaultTests {
  @Test func `an unclosed bracket is reported at the next token that cannot go on`() {
    assertDiagnoses(
      "input x = 1.0\ny = exp(x\n⟦1⟧z = 2 ⟦2⟧3",
      [
        .at(1, "expected-token", "expected ',' or ')', found 'z'"),
        .at(2, "expected-token", "expected the end of the line, found '3'"),
      ])
  }

  @Test func `an unclosed bracket behind a comma is reported at the next statement`() {
    assertDiagnoses(
      "y = exp(x,\n⟦1⟧z = 2\n", [.at(1, "expected-token", "expected ',' or ')', found 'z'")])
  }

  @Test func `an unclosed bracket at the end of the text`() {
    assertDiagnoses("y = exp(x⟦1⟧\n\n", [.at(1, "expected-token", "expected ',' or ')', found the end of the text")])
    assertDiagnoses("y = [1,⟦1⟧\n", [.at(1, "expected-token", "expected a value, found the end of the text")])
  }

  @Test func `a fault inside many lines of brackets says nothing of the lines after it`() {
    assertDiagnoses(
      "y = f([1, 2,\n  3 ⟦1⟧$ 4,\n  5, 6], axis: 1)\nz = ⟦2⟧)\n",
      [
        .at(1, "unknown-character", "no use for '$' here"), .at(2, "expected-token", "expected a value, found ')'"),
      ])
  }

  @Test func `a missing value`() {
    assertDiagnoses("y =⟦1⟧\nz = 1\n", [.at(1, "expected-token", "expected a value, found the end of the line")])
    assertDiagnoses("y = 1 +⟦1⟧", [.at(1, "expected-token", "expected a value, found the end of the text")])
    assertDiagnoses("y = -⟦1⟧\nx = 2", [.at(1, "expected-token", "expected a value, found the end of the line")])
  }

  @Test func `a call that is given no name`() {
    assertDiagnoses(
      "relu⟦1⟧(x)",
      [.at(1, "expected-token", "expected '=', found '('", fix: "a statement gives a value a name: y = ...")])
  }

  @Test func `two statements on a line`() {
    assertDiagnoses(
      "a = 1 ⟦1⟧b = 2\nrepeat 2 { a = 1 ⟦2⟧b = 2 }\n",
      [
        .at(1, "expected-newline", "one statement a line", fix: "begin a new line here"),
        .at(2, "expected-newline", "one statement a line", fix: "begin a new line here"),
      ])
  }

  @Test func `comparisons in a chain`() {
    assertDiagnoses(
      "y = a < b ⟦1⟧< c", [.at(1, "comparison-chain", "comparisons do not chain", fix: "join two with 'and'")])
  }

  @Test func `a positional argument after a label`() {
    assertDiagnoses(
      "y = f(x, axis: 1, ⟦1⟧2)\ndef g(x: 1, ⟦2⟧y) { return x }",
      [
        .at(1, "positional-after-label", "labelled arguments come last", fix: "move this before the first label"),
        .at(2, "positional-after-label", "labelled arguments come last", fix: "move this before the first label"),
      ])
  }

  @Test func `reserved words as names`() {
    let fix = "choose another name, such as 'input_'"
    assertDiagnoses("⟦1⟧input = 3", [.at(1, "reserved-word", "'input' is reserved", fix: fix)])
    assertDiagnoses("param ⟦1⟧input = 3", [.at(1, "reserved-word", "'input' is reserved", fix: fix)])
    assertDiagnoses("y = f(⟦1⟧input)", [.at(1, "reserved-word", "'input' is reserved", fix: fix)])
  }

  @Test func `strings`() {
    let fix = #"close it with '"'; a line break is '\n'"#
    assertDiagnoses(
      "x = load(⟦1⟧\"a.h5)\ny = ⟦2⟧$\n",
      [
        .at(1, "unterminated-string", "a string ends on the line where it begins", fix: fix),
        .at(2, "unknown-character", "no use for '$' here"),
      ])
    let escapes = #"the escapes are \" \\ \n \t \u{...}"#
    assertDiagnoses(#"x = "a⟦1⟧\q""#, [.at(1, "bad-escape", #"no escape '\q'"#, fix: escapes)])
    assertDiagnoses(#"x = "⟦1⟧\u{D800}""#, [.at(1, "bad-escape", #"no escape '\u{D800}'"#, fix: escapes)])
    assertDiagnoses(#"x = "⟦1⟧\u{12""#, [.at(1, "bad-escape", #"no escape '\u{12'"#, fix: escapes)])
  }

  @Test(arguments: [
    ("1.", "digits on both sides of the point: '1.0'"), (".5", "digits on both sides of the point: '0.5'"),
    ("12abc", "numbers are 3, 1_000, 2.5, 1e-3; a name begins with a letter"),
    ("1_", "numbers are 3, 1_000, 2.5, 1e-3; a name begins with a letter"),
    ("1__0", "numbers are 3, 1_000, 2.5, 1e-3; a name begins with a letter"),
    ("1.5.2", "numbers are 3, 1_000, 2.5, 1e-3; a name begins with a letter"),
    ("1e", "numbers are 3, 1_000, 2.5, 1e-3; a name begins with a letter"),
  ])
  func `malformed numbers`(_ text: String, _ fix: String) {
    assertDiagnoses("y = ⟦1⟧\(text)\n", [.at(1, "bad-number", "no number is written '\(text)'", fix: fix)])
  }

  @Test func `numbers out of range`() {
    assertDiagnoses(
      "y = ⟦1⟧9223372036854775808 + ⟦2⟧1e999",
      [
        .at(
          1, "number-range", "'9223372036854775808' is out of range",
          fix: "the largest whole number is 9223372036854775807"),
        .at(2, "number-range", "'1e999' is out of range", fix: "the largest real is 1.7976931348623157e308"),
      ])
  }

  @Test func `characters that have no use`() {
    assertDiagnoses(
      "y = 1⟦1⟧;\nz = 2⟦2⟧\0\nw = ⟦3⟧“a”",
      [
        .at(1, "unknown-character", "no use for ';' here", fix: "a line break ends a statement"),
        .at(2, "unknown-character", "no use for the character U+0000 here"),
        .at(3, "unknown-character", "no use for '“' here", fix: #"strings are written "...""#),
      ])
  }

  @Test func `statements where they are not allowed`() {
    assertDiagnoses(
      "x = 1\n⟦1⟧flow 1\nrepeat 2 {\n  ⟦2⟧def f(x) { return x }\n}\n⟦3⟧return x\ndef g(x) {\n  ⟦4⟧input y = 1\n}\n",
      [
        .at(1, "misplaced-statement", "'flow' stands only first in a file"),
        .at(2, "misplaced-statement", "'def' stands only outside of all blocks"),
        .at(3, "misplaced-statement", "'return' stands only in a definition"),
        .at(4, "misplaced-statement", "'input' stands only outside of definitions"),
      ])
  }

  @Test func `a missing brace is reported once, before the next definition or at the end`() {
    let fix = "the block above is not closed"
    assertDiagnoses(
      "def f(x) {\n  if true {\n  return x\n⟦1⟧def g(x) { return x }\n",
      [.at(1, "expected-token", "expected '}', found 'def'", fix: fix)])
    assertDiagnoses(
      "def f(x) {\n  if true {\n  return x⟦1⟧\n",
      [.at(1, "expected-token", "expected '}', found the end of the text", fix: fix)])
  }

  @Test func `braces and else`() {
    assertDiagnoses("x = 1\n⟦1⟧}\ny = 1", [.at(1, "unexpected-brace", "'}' closes no block")])
    assertDiagnoses(
      "if true { a = 1 }\n⟦1⟧else { a = 2 }",
      [.at(1, "misplaced-statement", "'else' stands on the line of the '}' before it")])
    assertDiagnoses(
      "repeat 3⟦1⟧\n{ a = 1 }\n",
      [
        .at(
          1, "expected-token", "expected '{', found the end of the line", fix: "'{' stands on the line of its statement"
        )
      ])
  }

  @Test func `a misspelt statement drops its block without further faults`() {
    assertDiagnoses(
      "dfe ⟦1⟧f(x) {\n  param w = 1\n  return x\n} else {\n  y = ⟦2⟧$\n}\nz = 1\n",
      [
        .at(1, "expected-token", "expected '=', found 'f'"), .at(2, "unknown-character", "no use for '$' here"),
      ])
  }

  @Test func `types`() {
    let fix = "types are f64 f32 f16 bf16 i64 i32 i16 i8 u8 bool"
    assertDiagnoses("input x: ⟦1⟧float[2]", [.at(1, "expected-token", "expected a type, found 'float'", fix: fix)])
    assertDiagnoses(
      "input x⟦1⟧\ny = 1",
      [.at(1, "expected-token", "expected ':' and a type, or '=' and a value, found the end of the line")])
    assertDiagnoses(
      "y = f32⟦1⟧(x)",
      [.at(1, "expected-token", "expected a value, found a call of a type", fix: "cast(x, f32) converts")])
  }

  @Test func `names`() {
    assertDiagnoses(
      "y = ⟦1⟧_", [.at(1, "discarded-name", "'_' discards a result and has no value", fix: "give the result a name")])
    assertDiagnoses("def ⟦1⟧a.b(x) { return x }", [.at(1, "bad-name", "the name of a definition has no points: 'a.b'")])
    assertDiagnoses("h.⟦1⟧0w = 1", [.at(1, "bad-name", "a name or a whole number follows a point, not '0w'")])
  }

  @Test func `settings`() {
    assertDiagnoses(
      "train {\n  minimize: loss\n  batch ⟦1⟧= 3\n  epochs: 2 ⟦2⟧seed: 1\n}\n",
      [
        .at(1, "expected-token", "expected a setting, 'name: value', found '='"),
        .at(2, "expected-newline", "one statement a line", fix: "begin a new line here"),
      ])
  }

  @Test func `versions`() {
    assertDiagnoses(
      "flow ⟦1⟧2", [.at(1, "unsupported-version", "no version 2 of the format", fix: "this program reads 'flow 1'")])
  }
}
