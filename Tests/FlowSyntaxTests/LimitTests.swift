import FlowDiagnostics
import FlowLanguage
import Testing

@Suite struct LimitTests {
  private func ids(_ text: String) -> [String] { parse(text, file: 0).diagnostics.map(\.id) }

  private func times(_ count: Int, _ text: String) -> String { String(repeating: text, count: count) }

  @Test(arguments: [
    ("(", "x", ")"), ("[", "x", "]"), ("f(", "x", ")"), ("x[", "0", "]"), ("-", "x", ""), ("not ", "x", ""),
    ("2 ** ", "x", ""), ("f(axis: ", "x", ")"),
  ])
  func `256 levels are read, more are a fault`(_ open: String, _ inner: String, _ close: String) {
    #expect(ids("y = " + times(256, open) + inner + times(256, close) + "\n") == [])
    #expect(ids("y = " + times(257, open) + inner + times(257, close) + "\n") == ["nesting-limit"])
    #expect(ids("y = " + times(20_000, open)).contains("nesting-limit"))
  }

  @Test func `blocks have the same limit`() {
    #expect(ids(times(256, "repeat 2 {\n") + "x = 1\n" + times(256, "}\n")) == [])
    #expect(ids(times(257, "repeat 2 {\n") + "x = 1\n" + times(257, "}\n") + "y = 1\n") == ["nesting-limit"])
    #expect(ids(times(100_000, "if a {\n") + "x = 1\n" + times(100_000, "}\n")) == ["nesting-limit"])
    #expect(ids("if a {}" + times(100_000, " else if a {}")) == ["nesting-limit"])
    #expect(ids(times(100_000, "{")).allSatisfy { $0 != "" })
  }

  @Test(arguments: ["-", "and"])
  func `a chain of operators is one level, however long`(_ sign: String) {
    let text = "y = x" + times(30_000, " \(sign) x") + "\n"
    let tree = sound(text)
    let canonical = format(tree)
    let isStable = format(sound(canonical)) == canonical
    #expect(isStable)
    let outline = dump(tree, of: SourceFile(name: "t.flow", text: text))
    #expect(outline.utf8.count > 30_000)
  }

  @Test func `chains inside one another stay within the height that walks can bear`() {
    let text = "y = " + times(200, "(") + "x" + times(200, times(60, " + x[0][1]") + ")") + "\n"
    let tree = sound(text)
    let isStable = format(sound(format(tree))) == format(tree)
    #expect(isStable)
    #expect(ids("y = x" + times(10_000, "[0]")) == ["nesting-limit"])
  }

  @Test func `a file has at most 16 MiB`() {
    #expect(ids("#" + times((16 << 20) - 1, "a")) == [])
    #expect(ids("#" + times(16 << 20, "a")) == ["file-limit"])
    #expect(decode(Array(repeating: 0x20, count: (16 << 20) + 1), name: "t", file: 0).fault?.id == "file-limit")
  }

  @Test func `many faults are all found`() {
    #expect(ids(times(1000, "y = )\n")).count == 1000)
  }
}

@Suite struct DecodingTests {
  @Test func `a byte order mark is dropped`() {
    let (source, fault) = decode([0xEF, 0xBB, 0xBF] + Array("x = 1".utf8), name: "t.flow", file: 0)
    #expect(source.text == "x = 1")
    #expect(fault == nil)
  }

  @Test(
    arguments: [
      ([0x61, 0x0A, 0xC3, 0xA9, 0xFF, 0x62], 4), ([0xC3], 0), ([0xED, 0xA0, 0x80], 0), ([0x61, 0xC0, 0x80], 1),
      ([0x61, 0xE5, 0x80], 1),
    ] as [([UInt8], UInt32)])
  func `what is not UTF-8 is reported at its first byte`(_ bytes: [UInt8], _ offset: UInt32) {
    let (source, fault) = decode(bytes, name: "t.flow", file: 3)
    #expect(fault?.id == "invalid-utf8")
    #expect(fault?.span == SourceSpan(file: 3, start: offset, end: offset + 1))
    #expect(source.text.contains("\u{FFFD}"))
  }

  @Test func `random bytes are read without a trap`() {
    var random = SeededGenerator(state: 1)
    for _ in 0..<300 {
      let bytes = (0..<200).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      _ = parse(decode(bytes, name: "t.flow", file: 0).source.text, file: 0)
    }
  }
}

@Suite struct OutlineTests {
  @Test func `each part with its place`() {
    let text = "output y = f(x[0, 1:], axis: -1) + 2.0\n"
    #expect(
      dump(sound(text), of: SourceFile(name: "t.flow", text: text)) == """
        output 1:1
          y 1:8
            + 1:34
              call f 1:12
                index 1:15
                  name x 1:14
                  0 1:16
                  range 1:19
                    start 1:19
                      1 1:19
                label axis 1:24
                  - 1:30
                    1 1:31
              2.0 1:36

        """)
  }
}
