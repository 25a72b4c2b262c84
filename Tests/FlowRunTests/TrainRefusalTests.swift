import Foundation
import Testing

/// What a training refuses, at its place, and before it has lost anything.
struct TrainRefusalTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// Replacements in the regression's graph.
    var changes: [(String, String)] = []
    var arguments: [String] = []
    var code: Int32 = 65
    /// How standard error begins: the place and the message.
    let message: String

    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(
      name: "no data file", changes: [("\"d.h5\"", "\"e.h5\"")], code: 66,
      message: "lin.flow:18:9: error: e.h5: no such file"),
    Case(
      name: "no such tensor", changes: [("y: \"y\"", "y: \"z\"")],
      message: "lin.flow:18:30: error: d.h5: no tensor named 'z'"),
    Case(
      name: "unknown format", changes: [("hdf5(", "hdf(")], message: "lin.flow:18:9: error: no data format named 'hdf'"),
    Case(
      name: "wrong dtype", changes: [("x: \"x\"", "x: \"wide\"")],
      message: "lin.flow:18:22: error: 'x' is f32[n, 3], its data 'wide' is f64[50, 3]"),
    Case(
      name: "wrong shape", changes: [("x: \"x\"", "x: \"y\"")],
      message: "lin.flow:18:22: error: 'x' is f32[n, 3], its data 'y' is f32[50]"),
    Case(
      name: "columns of unlike lengths", changes: [("y: \"y\"", "y: \"short\"")],
      message: "lin.flow:18:30: error: 'x' has 50 rows and 'y' 40"),
    Case(
      name: "no rows", changes: [("x: \"x\", y: \"y\"", "x: \"empty\"")],
      message: "lin.flow:18:9: error: d.h5: the data set has no rows"),
    Case(
      name: "no columns", changes: [(", x: \"x\", y: \"y\"", "")],
      message: "lin.flow:18:9: error: the data set names no inputs"),
    Case(
      name: "an input without data", changes: [("x: \"x\", y: \"y\"", "x: \"x\"")],
      message: "lin.flow:18:9: error: nothing fills 'y'"),
    Case(
      name: "an input without data to validate on",
      changes: [("validation: 0.2", "validation: hdf5(\"d.h5\", x: \"x\")")],
      message: "lin.flow:19:15: error: nothing fills 'y'"),
    Case(
      name: "an input without anything",
      changes: [("  data: hdf5(\"d.h5\", x: \"x\", y: \"y\")\n  validation: 0.2\n", "")],
      message: "lin.flow:1:7: error: nothing fills 'x'"),
    Case(
      name: "nobody is left to validate on", changes: [("0.2", "0.001")],
      message: "lin.flow:18:9: error: of 50 rows none is left"),
    Case(
      name: "no full batch", changes: [("[n", "[60"), ("[n", "[60"), ("  batch: 8\n", "")],
      message: "lin.flow:18:9: error: 40 rows make no full batch of 60"),
    Case(
      name: "another batch than the inputs take", changes: [("[n", "[10"), ("[n", "[10")],
      message: "lin.flow:15:1: error: the inputs take 10 rows, but 'batch' is 8"),
    Case(
      name: "a loss that is no number", changes: [("y: \"y\"", "y: \"holed\"")],
      arguments: ["--set", "train.batch=40"], message: "lin.flow:12:8: error: the loss 'loss' is nan in step 1"),
    Case(
      name: "a label out of range",
      changes: [
        ("input y: f32[n]", "input y: i32[n]"), ("y: \"y\"", "y: \"wrong\""),
        ("mse(x @ w + b + 0.01 * noise, y)", "softmax_cross_entropy(dense(x, units: 2), y)"), ("noise =", "_ ="),
        ("shape(y)", "[1]"),
      ],
      arguments: ["-q", "--set", "train.batch=50", "--set", "train.validation=hdf5(\"d.h5\", x: \"x\", y: \"label\")"],
      message: "lin.flow:12:8: error: softmax_cross_entropy: class 9 of row"),
    Case(
      name: "the data as the checkpoint", arguments: ["--checkpoint", "d.h5", "--force"],
      message: "lin.flow:18:9: error: the checkpoint 'd.h5' is also a source of data"),
    Case(
      name: "the data behind a link as the checkpoint", arguments: ["--checkpoint", "link.h5", "--force"],
      message: "lin.flow:18:9: error: the checkpoint 'link.h5'"),
    Case(
      name: "the graph as the checkpoint", arguments: ["--checkpoint", "lin.flow", "--force"],
      message: "flowrun: error: the checkpoint 'lin.flow' is the graph file"),
    Case(
      name: "no folder for the checkpoint", arguments: ["--checkpoint", "no/c.h5"], code: 73,
      message: "flowrun: error: no/c.h5: cannot create"),
    Case(
      name: "no folder for the metrics", arguments: ["--metrics", "no/m.jsonl"], code: 73,
      message: "flowrun: error: no/m.jsonl: cannot create"),
    Case(
      name: "no such weights", arguments: ["--weights", "none.h5"], code: 66,
      message: "flowrun: error: none.h5: no such file"),
    Case(
      name: "weights of another shape", changes: [("w: f32[3]", "w: f32[1, 3]"), ("x @ w", "sum(x * w, axis: 1)")],
      arguments: ["--weights", "w.h5"], message: "lin.flow:3:7: error: w.h5: 'params/w' is f32[3], but 'w' is f32[1, 3]"
    ),
    Case(
      name: "contrary options", arguments: ["--resume", "--force"], code: 64,
      message: "Error: --resume and --force exclude each other"),
    Case(
      name: "an unknown setting", arguments: ["--set", "train.bach=3"], code: 64,
      message: "--set:1:1: error: no setting named 'bach'"),
  ]

  @Test(arguments: cases)
  func `what is wrong is told at its place`(_ row: Case) throws {
    let place = try Regression.workplace()
    try place.run("train", "lin.flow", "--checkpoint", "w.h5", "--steps", "1", "-q")
    try FileManager.default.createSymbolicLink(atPath: place.path("link.h5"), withDestinationPath: "d.h5")
    var graph = Regression.graph
    for (old, new) in row.changes {
      let range = try #require(graph.range(of: old), "\(old)")
      graph.replaceSubrange(range, with: new)
    }
    try place.write(graph, "lin.flow")
    let data = try place.bytes("d.h5")
    let process = try place.process(Workplace.program, ["train", "lin.flow"] + row.arguments)
    try process.run()
    let outcome = try place.outcome(process)
    #expect(outcome.code == row.code)
    #expect(outcome.errors.hasPrefix(row.message), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(!place.exists("lin.h5"))
    #expect(try place.bytes("d.h5") == data)
  }

  @Test func `rows that make no full batch are dropped with a warning`() throws {
    let place = try Regression.workplace()
    try place.write(
      Regression.graph.replacingOccurrences(of: "[n", with: "[9").replacingOccurrences(of: "  batch: 8\n", with: ""),
      "lin.flow")
    let outcome = try place.run("train", "lin.flow", "--json")
    #expect(outcome.code == 0)
    #expect(
      outcome.errors.hasPrefix("lin.flow:18:9: warning: the last 4 of 40 rows are dropped: the inputs take 9 at a time")
    )
    #expect(try outcome.lines().first?["step"] as? Int == 4)
  }

  @Test func `a full disk is an error, and the checkpoint before it stays`() throws {
    let place = try Regression.workplace()
    try place.run("train", "lin.flow", "--epochs", "1", "-q")
    let before = try place.bytes("lin.h5")
    let outcome = try place.shell("(ulimit -f 4; exec \"$FLOWRUN\" train lin.flow --resume -q 2>&1 | cat)")
    #expect(outcome.output.contains("lin.h5: input/output error"))
    let code = try place.shell("(ulimit -f 4; \"$FLOWRUN\" train lin.flow --resume -q 2>/dev/null; exit $?)")
    #expect(code.code == 74)
    #expect(try place.bytes("lin.h5") == before)
    #expect(place.names.allSatisfy { !$0.contains("tmp") })
  }

  @Test func `parameters that are no longer numbers do not take a checkpoint's place`() throws {
    let place = try Workplace()
    try place.write("param w = 1.0\ntrain { minimize: w }", "w.flow")
    try place.run("train", "w.flow", "-q")
    let before = try place.bytes("w.h5")
    let outcome = try place.run("train", "w.flow", "--resume", "--steps", "2", "--set", "train.optimizer.lr=nan", "-q")
    #expect(outcome.code == 65)
    #expect(outcome.errors.hasPrefix("w.flow:1:7: error: the parameter 'w' is nan after step 2"), "\(outcome.errors)")
    #expect(try place.bytes("w.h5") == before)
  }

  @Test func `a reader that goes away ends the program without a word`() throws {
    let place = try Regression.workplace()
    let outcome = try place.shell("\"$FLOWRUN\" train lin.flow --no-checkpoint --epochs 2000 --json | head -n 1")
    #expect(outcome.output.split(separator: "\n").count == 1 && outcome.errors.isEmpty)
    let full = try place.shell("\"$FLOWRUN\" ops > /dev/full")
    #expect(full.code == 74 && full.errors.contains("cannot write the output"))
  }
}
