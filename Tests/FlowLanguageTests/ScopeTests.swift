import FlowDiagnostics
import FlowGraph
import FlowLanguage
import Testing

/// Language §4: what parameters are called.
struct ScopeTests {
  /// A program and the names of its variables, in the order of their declaration.
  private struct Naming {
    let text: String
    let names: [String]

    init(_ text: String, _ names: String...) {
      self.text = definitions + text
      self.names = names
    }
  }

  private func check(_ table: [Naming], sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
    for row in table {
      let names = try program(row.text, sourceLocation: sourceLocation).graph.variables.dropFirst().map(\.name).filter {
        !$0.hasPrefix("@")
      }
      #expect(names == row.names, "\(row.text)", sourceLocation: sourceLocation)
    }
  }

  @Test func `a scope is named after the variable, inside an expression also after the definition`() throws {
    try check([
      Naming("h = layer(x)", "h.w"),
      Naming("h = layer(x, bias: true)", "h.w", "h.b"),
      Naming("c1 = relu(layer(x))", "c1.layer.w"),
      Naming("c = layer(x) + layer(x)", "c.layer.w", "c.layer_2.w"),
      // The outer call stands first in the text, the inner one is expanded first.
      Naming("c = relu(layer(layer(x)))", "c.layer_2.w", "c.layer.w"),
      Naming("c = layer(layer(x))", "c.layer.w", "c.w"),
      Naming("c = layer(x) + block(x)", "c.layer.w", "c.block.inner.w"),
      Naming("output score = layer(x)", "score.w"),
      Naming("a, b = pair(x)\ndef pair(x) { return layer(x), layer(x) }", "a.layer.w", "a.layer_2.w"),
      Naming("_, b = pair(x)\ndef pair(x) { return layer(x), layer(x) }", "b.layer.w", "b.layer_2.w"),
    ])
  }

  @Test func `a return names the definition alone`() throws {
    try check([
      Naming("h = twice(x)", "h.layer_2.w", "h.layer.w"),
      Naming("h = block(x)", "h.inner.w"),
      Naming("h = stack(x)", "h.x.0.w", "h.x.1.w"),
      Naming("h = outer(x)\ndef outer(x) { return block(x) }", "h.block.inner.w"),
    ])
  }

  @Test func `repeat adds the iteration and goes on counting`() throws {
    try check([
      Naming("h = x\nrepeat 2 { h = layer(h) }", "h.0.w", "h.1.w"),
      Naming("c = x\nrepeat 2 { c = relu(layer(c)) }", "c.0.layer.w", "c.1.layer.w"),
      Naming("h = x\nrepeat 2 { repeat 2 { h = layer(h) } }", "h.0.0.w", "h.0.1.w", "h.1.0.w", "h.1.1.w"),
      Naming("h = x\nrepeat 2 { h = layer(h) }\nrepeat 2 { h = layer(h) }", "h.0.w", "h.1.w", "h.2.w", "h.3.w"),
      Naming("h = x\nrepeat 2 {\n  h = layer(h)\n  h = layer(h)\n}", "h.0.w", "h_2.0.w", "h.1.w", "h_2.1.w"),
      Naming("c = x\nrepeat 1 {\n  c = relu(layer(c))\n  c = relu(layer(c))\n}", "c.0.layer.w", "c.0.layer_2.w"),
      Naming("h = layer(x)\nrepeat 2 { h = layer(h) }", "h.w", "h_2.0.w", "h_2.1.w"),
      Naming("h = x\nrepeat 2 { h = stack(h) }", "h.0.x.0.w", "h.0.x.1.w", "h.1.x.0.w", "h.1.x.1.w"),
      Naming("h = x\nrepeat 2 {\n  g = layer(h)\n  h = relu(g)\n}", "g.0.w", "g.1.w"),
    ])
  }

  @Test func `a scope never takes a name in use`() throws {
    try check([
      Naming("param h.w: f32 = 1\nh = layer(x)", "h.w", "h_2.w"),
      Naming("h_2 = layer(x)\nh = x\nrepeat 1 {\n  h = layer(h)\n  h = layer(h)\n}", "h_2.w", "h.0.w", "h_3.0.w"),
      Naming("param h.0.w: f32 = 1\nh = x\nrepeat 2 { h = layer(h) }", "h.0.w", "h_2.0.w", "h.1.w"),
    ])
  }

  @Test func `a definition passed as an argument opens its own scope`() throws {
    try check([
      Naming("h = apply(x, layer)\ndef apply(x, f) { return f(x) }", "h.layer.w"),
      Naming("h = apply(x, f: layer)\ndef apply(x, f: relu) { return f(x) }", "h.layer.w"),
      Naming("h = apply(x)\ndef apply(x, f: layer) { return f(x) }", "h.layer.w"),
      Naming("h = apply(x)\ndef apply(x, f: layer) {\n  y = f(x)\n  return y\n}", "h.y.w"),
      Naming(
        "h = dense(x, units: 2, activation: prelu)\ndef prelu(x) {\n  param slope: f32 = 0.1\n  return where(x > 0, x, slope * x)\n}",
        "h.w", "h.b", "h.prelu.slope"),
    ])
  }

  @Test func `adding a line elsewhere renames nothing`() throws {
    let before = ["h.w", "c.layer.w", "g.0.w", "g.1.w"]
    let text = "h = layer(x)\n%\nc = relu(layer(h))\ng = c\nrepeat 2 { g = layer(g) }\nz = g"
    for line in [
      "", "extra = layer(h)", "extra = relu(layer(layer(h)))", "repeat 2 { k = layer(x) }", "param p: f32 = 1",
    ] {
      let names = try program(definitions + text.replacing("%", with: line)).graph.variables.map(\.name)
      #expect(names.filter(before.contains) == before, "\(line): \(names)")
    }
  }

  @Test func `a member is a parameter of the current binding`() {
    let lines = definitions
    assertEvaluates([
      Worked(lines + "h = layer(x)\noutput s = sum(h.w)", ["s": "f32 3"]),
      Worked(
        lines + "c = relu(layer(x) + layer(x))\noutput s = sum(c.layer.w) + 10 * sum(c.layer_2.w)", ["s": "f32 33"]),
      Worked(lines + "h = block(x)\noutput s = sum(h.inner.w)", ["s": "f32 3"]),
      Worked(
        "input x: f32[1] = ones\ndef f(x, a) {\n  param w: f32[1] = constant(a)\n  return x * w\n}\nh = f(x, 2.0)\ns = sum(h.w)\nrepeat 2 as i { h = f(h, 1.0 * i + 5.0) }\noutput s, t = sum(h.w), u = sum(h_2.0.w)",
        ["s": "f32 2", "t": "f32 6", "u": "f32 5"]),
      Worked(
        "input x: f32[1] = ones\ndef f(x) {\n  y = dense(x, units: 1, initializer: ones)\n  return y + sum(y.w)\n}\noutput h = f(x)",
        ["h": "f32[1] 2"]),
    ])
    assertDiagnoses([
      Mistake(
        lines + "h = layer(x)\ny = ⟦1⟧h.v",
        .at(1, "'h' has no parameter 'v'", fix: "did you mean 'h.w'?", id: "unknown-name")),
      Mistake(
        "h = 1.0\ny = ⟦1⟧h.w",
        .at(1, "'h' has no parameter 'w'", fix: "no call that it was assigned from has parameters")),
      Mistake("y = ⟦1⟧h.w", .at(1, "no value named 'h.w'")),
    ])
  }
}

private let definitions = """
  input x: f32[2, 3] = ones
  def layer(x, bias: false) {
    param w: f32[3, 3] = eye
    if bias {
      param b: f32[3] = zeros
      return x @ w + b
    }
    return x @ w
  }
  def twice(x) { return layer(layer(x)) }
  def block(x) {
    inner = layer(x)
    return inner + x
  }
  def stack(x) {
    repeat 2 { x = layer(x) }
    return x
  }

  """
