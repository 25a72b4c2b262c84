import FlowDiagnostics
import FlowLanguage
import Testing

@Suite struct OverrideTests {
  private static let file = """
    const width = 64

    train {
      minimize: loss
      data: hdf5("a.h5", x: "x")
      optimizer: adam(lr: cosine(1e-3, steps: 10))
      batch: 32
    }

    """

  @Test(arguments: [
    ("width=256", "const width = 256"), ("train.batch = 16", "  batch: 16"),
    ("train.epochs=3", "  batch: 32\n  epochs: 3"), ("train.optimizer.lr=0.01", "  optimizer: adam(lr: 0.01)"),
    ("train.optimizer.lr.steps=-5", "  optimizer: adam(lr: cosine(1e-3, steps: -5))"),
    ("train.optimizer.lr.0=1e-2", "  optimizer: adam(lr: cosine(1e-2, steps: 10))"),
    ("train.optimizer.beta=[1, 2]", "  optimizer: adam(lr: cosine(1e-3, steps: 10), beta: [1, 2])"),
    ("train.data.0=\"b.h5\"", "  data: hdf5(\"b.h5\", x: \"x\")"), ("train.optimizer=sgd", "  optimizer: sgd"),
  ])
  func `a constant, a setting or an argument is changed or added`(_ text: String, _ line: String) throws {
    let tree = try overriding(sound(Self.file), with: Override(text, file: 1))
    #expect(("\n" + format(tree)).contains("\n" + line + "\n"))
  }

  @Test func `an argument of an optimizer that the file leaves out`() throws {
    let tree = try overriding(sound("train { minimize: loss }"), with: Override("train.optimizer.lr=0.1", file: 1))
    #expect(format(tree).contains("  optimizer: sgd(lr: 0.1)\n"))
  }

  @Test(arguments: [
    ("widht=3", "no constant named 'widht'", "did you mean 'width'?"),
    ("train.batch.x=3", "'train.batch' has no arguments", "set train.batch itself"),
    ("train.optimizer.a.b=3", "the file does not set 'train.optimizer.a'", nil),
    ("train.data.3=3", "no argument 3 of 'hdf5'", nil),
  ])
  func `nothing to change`(_ text: String, _ message: String, _ help: String?) throws {
    let change = try Override(text, file: 1)
    let fault = #expect(throws: Diagnostic.self) { try overriding(sound(Self.file), with: change) }
    #expect(fault?.message == message)
    #expect(fault?.help == help)
    #expect(fault?.span?.file == 1)
  }

  @Test(arguments: ["", "x", "=3", "x=", "x=1 2", "x=$", "x=(1", "a..b=1", "x==3", "x=\"a"])
  func `what is no change`(_ text: String) {
    #expect(throws: Diagnostics.self) { try Override(text, file: 0) }
  }

  @Test(arguments: ["[[1, 2]]", "-1", "hdf5(\"f.h5\", image: \"train/image\")", "[1,\n 2]"])
  func `a lone expression`(_ text: String) throws {
    _ = try parseExpression(text, file: 0)
  }

  @Test(arguments: ["", "1 2", "[1", "x = 1", "1\n2", ")"])
  func `what is no lone expression`(_ text: String) {
    #expect(throws: Diagnostics.self) { try parseExpression(text, file: 0) }
  }
}
