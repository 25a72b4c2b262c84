import Foundation
import Testing

/// The documentation's Python runs as it stands.
struct SnippetTests {
  @Test(.enabled(if: Interpreter.has("h5py")))
  func `what Documentation/Checkpoint.md shows`() throws {
    let place = try Workplace()
    try place.run("train", Workplace.sample("digits.flow"), "--checkpoint", "digits.h5", "--steps", "2", "-q")
    let path = URL(fileURLWithPath: Workplace.samples).deletingLastPathComponent()
      .appendingPathComponent("Documentation/Checkpoint.md")
    let text = try String(contentsOf: path, encoding: .utf8)
    let snippets = text.components(separatedBy: "```python\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
    #expect(snippets.count == 3)
    for snippet in snippets {
      let outcome = try Interpreter.run(snippet, in: place)
      #expect(outcome.code == 0, "\(snippet)\n\(outcome.errors)")
    }
  }
}
