import FlowGraph
import FlowOperations
import Foundation
import Testing

@Test func `the documentation lists every law`() throws {
  let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Documentation/Simplification.md")
  let text = try String(contentsOf: path, encoding: .utf8)
  let listed = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
  let expected = Rewrite.builtIn.map { "| `\($0.name)` | `\($0.law)` | \($0.accuracy.text) |" }
  #expect(listed == expected, "the table is:\n\(expected.joined(separator: "\n"))")
}

extension Rewrite.Accuracy {
  fileprivate var text: String {
    switch self {
    case .exact: "exact"
    case .rounding(let units): "\(units) units"
    case .stable(let units): "stable, \(units) units"
    }
  }
}
