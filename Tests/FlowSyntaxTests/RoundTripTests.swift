import FlowDiagnostics
import FlowLanguage
import Testing

/// What a tree says without its places: its outline, with all of them at one.
func meaning(_ tree: SyntaxTree) -> String {
  dump(tree, of: SourceFile(name: "", text: "")).replacing(#/ 1:\d+\n/#, with: "\n")
}

@Suite struct RoundTripTests {
  @Test(arguments: 0..<300 as Range<UInt64>)
  func `a random tree reads back as it was printed`(_ seed: UInt64) {
    var trees = RandomTrees(seed: seed)
    let tree = trees.tree()
    let text = format(tree)
    let again = sound(text)
    #expect(meaning(again) == meaning(tree), "\(text)")
    #expect(format(again) == text)
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `a damaged text is read to its end with every fault in it`(_ seed: UInt64) throws {
    var trees = RandomTrees(seed: seed)
    var bytes = Array(format(trees.tree()).utf8)
    for _ in 0..<5 {
      let place = Int.random(in: 0..<bytes.count, using: &trees.random)
      let signs = Array("()[]{}=,:\"#\n.$0a\\".utf8)
      bytes[place] = signs[Int.random(in: 0..<signs.count, using: &trees.random)]
    }
    let source = decode(bytes, name: "t.flow", file: 0).source
    let (_, diagnostics) = parse(source.text, file: 0)
    for diagnostic in diagnostics {
      let span = try #require(diagnostic.span)
      #expect(span.start <= span.end && span.end <= source.text.utf8.count)
    }
  }
}
