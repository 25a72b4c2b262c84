import FlowGraph
import FlowOperations
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
}
