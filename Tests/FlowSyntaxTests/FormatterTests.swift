import FlowLanguage
import Foundation
import Testing

/// The graphs beside the tests.
enum Samples {
  static var names: [String] {
    let folder = Bundle.module.resourceURL?.appending(path: "Graphs")
    let files = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path) } ?? []
    return files.filter { $0.hasSuffix(".flow") }.sorted()
  }

  static func text(_ name: String) throws -> String {
    let url = try #require(Bundle.module.resourceURL).appending(path: "Graphs").appending(path: name)
    return try String(contentsOf: url, encoding: .utf8)
  }
}

@Suite struct FormatterTests {
  @Test func `there are samples`() {
    #expect(Samples.names.count > 20)
  }

  @Test(arguments: Samples.names)
  func `the canonical form of a sample is itself canonical and means the same`(_ name: String) throws {
    let tree = sound(try Samples.text(name))
    let canonical = format(tree)
    #expect(format(sound(canonical)) == canonical)
    #expect(meaning(sound(canonical)) == meaning(tree))
    #expect(canonical.split(separator: "\n").allSatisfy { $0.count <= 120 || $0.hasPrefix("#") })
  }

  @Test(arguments: Samples.names.filter { !["outliers.flow"].contains($0) })
  func `the samples are written in the canonical form`(_ name: String) throws {
    let text = try Samples.text(name)
    #expect(format(sound(text)) == text)
  }

  @Test(arguments: [
    ("y=a+b*c", "y = a + b * c"), ("y = (a + b) * c", "y = (a + b) * c"), ("y = (a * b) + c", "y = a * b + c"),
    ("y = a - (b - c)", "y = a - (b - c)"), ("y = (a - b) - c", "y = a - b - c"), ("y = -(x ** 2)", "y = -x ** 2"),
    ("y = (-x) ** 2", "y = (-x) ** 2"), ("y = 2 ** (-1)", "y = 2 ** -1"), ("y = (a ** b) ** c", "y = (a ** b) ** c"),
    ("y = a ** (b ** c)", "y = a ** b ** c"), ("y = (-a) * b", "y = -a * b"), ("y = -(a * b)", "y = -(a * b)"),
    ("y = not (a and b)", "y = not (a and b)"), ("y = (not a) and b", "y = not a and b"),
    ("y = not (a < b)", "y = not a < b"), ("y = (a < b) == c", "y = (a < b) == c"), ("y = --x", "y = --x"),
    ("y = ((x))[0, 1:, ::2, :]", "y = x[0, 1:, ::2, :]"), ("y = (a + b)[-1]", "y = (a + b)[-1]"),
    ("y = f(x,axis:1,)", "y = f(x, axis: 1)"),
    ("y = [1, 2.0, 1e-3, 1_000, 0.10, 1E5,]", "y = [1, 2.0, 1e-3, 1_000, 0.1, 1e5]"),
    ("y = inf + nan", "y = inf + nan"), ("y = -9223372036854775808", "y = -9223372036854775808"),
    (#"y = "a\"\\\n\t\u{1}\u{e9}""#, #"y = "a\"\\\n\t\u{1}é""#), ("x = cast(y,f32)", "x = cast(y, f32)"),
    ("input  x :f32 [ n , 2*m ]=zeros", "input x: f32[n, 2 * m] = zeros"), ("state s: f32[] = 0", "state s: f32 = 0"),
    ("param w:dtype(x)[shape(x)]", "param w: dtype(x)[shape(x)]"), ("a,_=f(x)", "a, _ = f(x)"),
    ("output  a,b=f(x)", "output a, b = f(x)"), ("def f(x,n:1){return x,n}", "def f(x, n: 1) { return x, n }"),
    ("repeat 3 as i{x=f(x)}", "repeat 3 as i { x = f(x) }"),
    ("if a{}else if b{x=1}else{x=2}", "if a {} else if b { x = 1 } else { x = 2 }"),
    ("train{minimize:loss}", "train { minimize: loss }"),
    ("h.0.w = f(param: 1, f32: 2)", "h.0.w = f(param: 1, f32: 2)"),
    ("flow 1", "flow 1"), ("import \"a.flow\"", "import \"a.flow\""),
    ("y = 5e-324 + 1e22 + 123456789012345680000.0", "y = 5e-324 + 1e22 + 1.2345678901234568e20"),
  ])
  func `one statement`(_ written: String, _ canonical: String) {
    #expect(format(sound(written)) == canonical + "\n")
    #expect(format(sound(canonical)) == canonical + "\n")
  }

  @Test func `comments and blank lines are kept`() {
    let text = """


      # Head.


      # Second.

      x = 1 # one
      # above y
      y = f(x, # first
        2) # last
      if a { # opening
        # first
        x = 2


        # end of then
      } else { # else
        y = 3
        # end of else
      } # closed
      repeat 2 { x = 1 } # one line
      train {
        # why
        batch: 1 # small
        # rest
      }

      # tail
      """
    let canonical = """
      # Head.

      # Second.

      x = 1  # one
      # above y
      # first
      y = f(x, 2)  # last
      if a {  # opening
        # first
        x = 2

        # end of then
      } else {
        # else
        y = 3
        # end of else
        # closed
      }
      repeat 2 { x = 1 }  # one line
      train {
        # why
        batch: 1  # small
        # rest
      }

      # tail

      """
    #expect(format(sound(text)) == canonical)
    #expect(format(sound(canonical)) == canonical)
    #expect(format(sound(text.replacing("\n", with: "\r\n"))) == canonical)
  }

  @Test func `long lines are broken inside brackets and after operators`() {
    let name = String(repeating: "n", count: 30)
    let sum = "y = " + (1...8).map { "\(name)\($0)" }.joined(separator: " + ")
    let call = "y = function(" + (1...8).map { "\(name)\($0)" }.joined(separator: ", ") + ", axis: 1)"
    let nested = "y = \(name)(\(name)(\(name)(\(name), \(name), \(name)), \(name)), \(name) * \(name) + \(name))"
    let head = "if " + (1...8).map { "\(name)\($0)" }.joined(separator: " and ") + " { x = 1 }"
    let outputs = "output " + (1...8).map { "\(name)\($0)" }.joined(separator: ", ")
    for text in [sum, call, nested, head, outputs] {
      let canonical = format(sound(text))
      #expect(canonical.split(separator: "\n").allSatisfy { $0.count <= 120 })
      #expect(format(sound(canonical)) == canonical)
      #expect(meaning(sound(canonical)) == meaning(sound(text)))
    }
  }
}
