import FlowGraph
import FlowOperations
import Foundation
import Testing

@Suite struct `The built-in operations` {
  @Test(arguments: Registry.builtIn().names)
  func `say in one line what they do`(name: String) throws {
    let entry = try #require(Registry.builtIn()[name])
    #expect(entry.manual.summary.hasSuffix("."))
    #expect(!entry.manual.summary.contains("\n"))
    #expect(!entry.manual.shapes.isEmpty)
    #expect(!entry.manual.gradient.isEmpty)
  }

  /// The operation, the closed set of opcodes, and the vector kernel.
  @Test(arguments: ["tanh", "asinh", "cosh"])
  func `are named in three files at most`(name: String) throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources")
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    let word = try Regex("\\b\(name)\\b")
    let naming = try files.compactMap { $0 as? URL }.filter { file in
      guard ["swift", "c", "h"].contains(file.pathExtension) else { return false }
      return try String(contentsOf: file, encoding: .utf8).contains(word)
    }
    #expect((1...3).contains(naming.count), "\(naming.map(\.lastPathComponent))")
  }
}
