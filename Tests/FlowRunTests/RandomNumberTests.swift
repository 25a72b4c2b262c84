import Foundation
import Testing

/// Holds the engine's random numbers against the program that Documentation/RandomNumbers.md shows.
@Suite struct `The documented random numbers` {
  @Test func `are those that the engine draws`() throws {
    let place = try Workplace()
    let document = URL(fileURLWithPath: Workplace.samples).deletingLastPathComponent()
      .appendingPathComponent("Documentation/RandomNumbers.md")
    let text = try String(contentsOf: document, encoding: .utf8)
    let program = try #require(text.components(separatedBy: "```python\n").last?.components(separatedBy: "```").first)
    try place.write(
      program + """
        import json
        print(json.dumps([uniform(7, "initial w", 0, i) for i in range(5)] + [normal(7, "y.noise.return", 0, i) for i in range(5)]))
        """, "numbers.py")
    try place.write(
      """
      def noise() { return normal(shape: [5], dtype: f64) }
      param w: f64[5] = uniform
      y = noise()
      output w, y
      """, "random.flow")
    let python = try place.shell("python3 numbers.py")
    let documented = try #require(try JSONSerialization.jsonObject(with: Data(python.output.utf8)) as? [Double])
    let outputs = try #require(
      try place.run("run", "random.flow", "--seed", "7", "--json").json()["outputs"] as? [String: [String: Any]])
    let drawn = try ["w", "y"].flatMap { try #require(outputs[$0]?["data"] as? [Double]) }
    #expect(zip(drawn, documented).allSatisfy { abs($0 - $1) <= 1e-15 * max(1, abs($1)) })
    #expect(drawn.count == documented.count && drawn.prefix(5) == documented.prefix(5))
  }
}
