import Foundation
import Testing

/// `draw`: pictures, and the text that they are made from.
struct DrawTests {
  private static let graph = """
    input x: f32[n, 2]
    state seen: f32 = 0.0
    h = x
    repeat 2 { h = dense(h, units: 3, activation: tanh) }
    update seen = seen + 2 * mean(h)
    unused = exp(x)
    output y = cast(h * 3, f64)

    """

  private func dot(_ arguments: String...) throws -> [String] {
    let place = try Workplace()
    try place.write(Self.graph, "g.flow")
    let outcome = try place.run(["draw", "g.flow", "-o", "g.dot"] + arguments)
    #expect(outcome.code == 0 && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome.errors)")
    return try place.text("g.dot").split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  @Test func `what a graph is made of has its shape, its type and its frame`() throws {
    let lines = try dot()
    func box(_ label: String) -> String? {
      lines.first { $0.contains("[label=\"\(label)\"") }.flatMap { $0.split(separator: " ").first }.map(String.init)
    }
    func shape(_ label: String) -> Bool { lines.contains { $0.contains("[label=\"\(label)\", shape=") } }
    #expect(shape("x\\nf32[n, 2]") && shape("h.0.w\\nf32[2, 3]") && shape("seen\\nf32") && shape("y"))
    #expect(box("mul(3)") != nil && box("cast(dtype: f64)\\ny") != nil && box("exp\\nunused") == nil)
    let (x, linear, tanh) = (
      try #require(box("x\\nf32[n, 2]")), try #require(box("linear")), try #require(box("tanh\\nh"))
    )
    #expect(lines.contains("\(x) -> \(linear) [label=\"f32[n, 2]\"]"))
    #expect(lines.contains("\(linear) -> \(tanh) [label=\"f32[n, 3]\"]"))
    #expect(lines.contains { $0.hasSuffix("style=dashed, constraint=false]") })
    // Each iteration's operations stand in its own frame, which ends with its brace.
    let frame = try #require(lines.firstIndex(of: "subgraph \"cluster_h.0\" {"))
    let end = try #require(lines[frame...].firstIndex(of: "}"))
    let inner = lines[frame..<end]
    #expect(inner.contains { $0.hasPrefix("\(linear) ") } && inner.contains { $0.hasPrefix("\(tanh) ") })
    #expect(inner.contains { $0.contains("h.0.w") } && !inner.contains { $0.contains("h.1.w") })
  }

  @Test func `scopes beyond the depth are one box each`() throws {
    let closed = try dot("--depth", "0")
    #expect(closed.contains { $0.contains("label=\"h\", shape=component") } && !closed.contains { $0.contains("h.0") })
    let half = try dot("--depth", "1")
    #expect(
      half.contains { $0.contains("label=\"h.0\", shape=component") } && half.contains("subgraph \"cluster_h\" {"))
    let (scope, x) = (try #require(closed.first { $0.contains("shape=component") }), "[label=\"f32[n, 2]\"]")
    #expect(closed.contains { $0.contains("-> \(scope.split(separator: " ")[0]) \(x)") })
  }

  @Test func `pictures are drawn by Graphviz, and told to need it where it is missing`() throws {
    let place = try Workplace()
    try place.write(Self.graph, "g.flow")
    let missing = try place.run("draw", "g.flow", "-o", "g.svg", variables: ["PATH": "/nonexistent"])
    #expect(missing.code == 66 && missing.errors.contains("no program 'dot'") && missing.errors.contains("-o file.dot"))
    #expect(!place.exists("g.svg"))
    if try place.shell("command -v dot").code != 0 { return }
    for (name, start) in [
      ("g.svg", Array("<?xml".utf8)), ("g.png", [0x89] + Array("PNG".utf8)), ("g.pdf", Array("%PDF".utf8)),
    ] {
      #expect(try place.run("draw", "g.flow", "-o", name).code == 0)
      #expect(try place.bytes(name).starts(with: start))
    }
  }

  @Test(arguments: [
    (["-o", "g.txt"], 64, "not a picture"), ([], 64, "Missing expected argument"),
    (["-o", "no/g.dot"], 73, "cannot create"),
    (["-o", "g.dot", "--depth=-1"], 64, "--depth is at least 0"),
    (["-o", "g.svg", "--set", "count=3000"], 65, "a picture of 3002 boxes: the limit is 2000"),
  ])
  func `what is asked for wrongly is told with its exit code`(
    _ arguments: [String], _ code: Int32, _ message: String
  ) throws {
    let place = try Workplace()
    try place.write("const count = 2\ninput x = 1.0\ny = x\nrepeat count { y = sin(y) }\noutput y\n", "g.flow")
    let outcome = try place.run(["draw", "g.flow"] + arguments)
    #expect(outcome.code == code && outcome.output.isEmpty && outcome.errors.contains(message), "\(outcome.errors)")
  }
}
