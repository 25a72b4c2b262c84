import Foundation
import Testing

/// The commands that say something about a file or about the program.
struct CommandTests {
  private static let commands = [
    "run", "grad", "train", "eval", "check", "gradcheck", "curvature", "show", "draw", "diff", "fmt", "ops", "inspect",
    "profile", "export", "convert",
  ]

  @Test(arguments: commands)
  func `help has an example first`(_ command: String) throws {
    let outcome = try Workplace().run(command, "--help")
    let lines = outcome.output.split(separator: "\n")
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    #expect(lines[0].hasPrefix("OVERVIEW: "))
    #expect(lines.first { $0.hasPrefix("Example: flowrun \(command)") } != nil, "\(outcome.output)")
    #expect(lines.firstIndex { $0.hasPrefix("Example:") } ?? 9 <= 2)
  }

  @Test func `the version names what decides the bits`() throws {
    let lines = try Workplace().run("--version").output.split(separator: "\n").map { $0.split(separator: " ")[0] }
    #expect(lines == ["flowrun", "Swift", "HDF5", "OpenBLAS", "oneDNN"])
  }

  @Test func `check counts without running`() throws {
    let outcome = try Workplace().run("check", Workplace.sample("digits.flow"), "--json")
    #expect(
      outcome.output.hasPrefix(
        #"""
        {"graph": "digits", "inputs": {"image": {"dtype": "u8", "shape": ["n", 64]}, "label": {"dtype": "i32", "shape": ["n"]}}, \#
        "parameters": {"h.w": {"dtype": "f32", "shape": [64, 128]}, "h.b": {"dtype": "f32", "shape": [128]}, \#
        "logits.w": {"dtype": "f32", "shape": [128, 10]}, "logits.b": {"dtype": "f32", "shape": [10]}}, \#
        "outputs": {"logits": {"dtype": "f32", "shape": ["n", 10]}, "loss": {"dtype": "f32", "shape": []}, \#
        "accuracy": {"dtype": "f32", "shape": []}}, "nodes": \#

        """#), "\(outcome.output)")
    let summary = try outcome.json()
    #expect(Set(summary.keys) == ["graph", "inputs", "parameters", "outputs", "nodes", "flops", "peak_bytes"])
    // Two matrix products of a batch of 32 rows, two operations a multiplication.
    let products: Int = 2 * 32 * (64 * 128 + 128 * 10)
    let flops = try #require(summary["flops"] as? Int)
    #expect(flops > products)
  }

  @Test func `a profile names what ran, forward, backward and in updates, and traces each block`() throws {
    let place = try Workplace()
    try place.write(
      "input x: f32[8, 3] = uniform(0, 1)\nloss = mean(square(dense(x, units: 2)))\ntrain {\n  minimize: loss\n  optimizer: sgd\n}\n",
      "small.flow")
    let outcome = try place.run("profile", "small.flow", "--steps", "4", "--trace", "trace.json", "--json")
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let profile = try outcome.json()
    let operations = try #require(profile["operations"] as? [[String: Any]])
    let linear = try #require(operations.first { $0["operation"] as? String == "linear" })
    #expect(linear["phase"] as? String == "forward" && linear["flops"] as? Int == 2 * 8 * 3 * 2)
    #expect(linear["bytes"] as? Int == 4 * (8 * 3 + 3 * 2 + 2 + 8 * 2))
    #expect(Set(operations.compactMap { $0["phase"] as? String }) == ["forward", "backward", "update"])
    #expect(operations.contains { $0["phase"] as? String == "backward" && $0["operation"] as? String == "matmul" })
    let text = Data(try place.bytes("trace.json"))
    let trace = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    let events = try #require(trace["traceEvents"] as? [[String: Any]])
    // Four steps, each with every operation in one block.
    #expect(events.count == 4 * operations.count)
    #expect(try place.run("profile", "small.flow", "--trace", "none/trace.json").code == 73)
  }

  @Test func `check lists all errors as JSON, on standard output`() throws {
    let place = try Workplace()
    try place.write("x = 1.0\ny = softmx(x)\nz = x + w\n", "bad.flow")
    let outcome = try place.run("check", "bad.flow", "--json")
    #expect(outcome.code == 65 && outcome.errors.isEmpty)
    #expect(
      outcome.output == """
        {"errors": [{"file": "bad.flow", "line": 2, "column": 5, "id": "unknown-operation", "message": \
        "no operation named 'softmx'", "help": "did you mean 'softmax'?"}, {"file": "bad.flow", "line": 3, "column": 9, \
        "id": "unknown-name", "message": "no value named 'w'", "help": null}]}

        """, "\(outcome.output)")
    #expect(try place.run("check", "bad.flow").output.isEmpty)
    #expect(try place.run("check", "none.flow", "--json").code == 66)
  }

  @Test(arguments: ["graph", "gradients"])
  func `what show prints is a graph file`(_ stage: String) throws {
    let place = try Workplace()
    for sample in ["two_layer.flow", "digits.flow", "regularized.flow"] {
      let shown = try place.run("show", Workplace.sample(sample), "--stage", stage)
      #expect(shown.code == 0, "\(shown.errors)")
      let checked = try place.run("check", "-", input: shown.output)
      #expect(checked.code == 0, "\(sample): \(checked.errors)")
    }
  }

  @Test(arguments: ["syntax", "plan"])
  func `show prints the other stages too`(_ stage: String) throws {
    let outcome = try Workplace().run("show", Workplace.sample("apples.flow"), "--stage", stage)
    #expect(outcome.code == 0 && !outcome.output.isEmpty && outcome.errors.isEmpty)
  }

  @Test func `fmt prints, checks and writes in place`() throws {
    let place = try Workplace()
    try place.write("x=1 # one\n\n\n\ny = x+1\n", "a.flow")
    let canonical = "x = 1  # one\n\ny = x + 1\n"
    #expect(try place.run("fmt", "a.flow").output == canonical)
    #expect(try place.run("fmt", "-", input: "x=1").output == "x = 1\n")
    let checked = try place.run("fmt", "--check", "a.flow")
    #expect(checked.code == 1 && checked.output.isEmpty && checked.errors == "a.flow: not in canonical form\n")
    #expect(try place.run("fmt", "-i", "a.flow").code == 0)
    #expect(try place.text("a.flow") == canonical)
    #expect(try place.run("fmt", "--check", "a.flow").code == 0)
    #expect(try place.run("fmt", "-i", "--check", "a.flow").code == 64)
    #expect(try place.run("fmt", "none.flow").code == 66)
  }

  @Test func `every operation and definition is listed and described`() throws {
    let place = try Workplace()
    let listed = try place.run("ops", "--json").json()
    let operations = try #require(listed["operations"] as? [[String: Any]])
    let definitions = try #require(listed["definitions"] as? [[String: Any]])
    let names = (operations + definitions).compactMap { $0["name"] as? String }
    #expect(names.contains("softmax") && names.contains("dense") && Set(names).count == names.count)
    let table = try place.run("ops").output
    for name in names { #expect(table.contains("  \(name)")) }
    #expect(try place.run("ops", "adam").output.contains("def adam(w, g"))
    #expect(try place.run("ops", "softmax").output.contains("gradient: "))
    let unknown = try place.run("ops", "softmx")
    #expect(unknown.code == 64 && unknown.errors.contains("did you mean 'softmax'?"))
  }

  @Test func `inspect lists attributes and tensors in the file's order`() throws {
    let place = try Regression.workplace()
    try place.run("train", "lin.flow", "--epochs", "1", "-q")
    let outcome = try place.run("inspect", "lin.h5")
    let lines = outcome.output.split(separator: "\n")
    #expect(
      lines.prefix(6) == [
        "format: flow.checkpoint", "version: 1", "graph: lin", "step: 5", "epoch: 1", "engine: flow 0.1.0",
      ])
    #expect(lines[6] == "params/" && lines[7].hasPrefix("  w ") && lines[7].contains("f32[3]  12 bytes"))
    let json = try place.run("inspect", "lin.h5", "--json").json()
    #expect((json["tensors"] as? [[String: Any]])?.first?["name"] as? String == "params/w")
    let tensor = try place.run("inspect", "lin.h5", "--tensor", "state/seen", "--json")
    #expect(tensor.output == #"{"state/seen": {"dtype": "f32", "shape": [], "data": 5.0}}"# + "\n")
    #expect(try place.run("inspect", "lin.h5", "--tensor", "state/sen").code == 65)
    #expect(try place.run("inspect", "none.h5").code == 66)
  }

  @Test func `a checkpoint stands for its graph`() throws {
    let place = try Regression.workplace()
    try place.run("train", "lin.flow", "--epochs", "2", "-q")
    for command in [["run"], ["grad"], ["eval"], ["check"], ["show"]] {
      let process = try place.process(Workplace.program, command + ["lin.h5"])
      try process.run()
      #expect(try place.outcome(process).code == 0, "\(command)")
    }
    let held = try place.run("run", "lin.h5", "--fetch", "w,b", "--json").output
    #expect(try place.run("run", "lin.flow", "--weights", "lin.h5", "--fetch", "w,b", "--json").output == held)
    let bytes = Array(try place.bytes("lin.h5"))
    try Data(bytes[..<(bytes.count / 2)]).write(to: URL(fileURLWithPath: place.path("half.h5")))
    let half = try place.run("run", "half.h5")
    #expect(half.code == 65 && half.output.isEmpty)
  }

  @Test func `the digits are read, and the checkpoint gives the same numbers`() throws {
    let place = try Workplace()
    let trained = try place.run("train", Workplace.sample("digits.flow"), "--json").lines()
    let last = try #require(trained.dropLast().last?["validation"] as? [String: Double])
    #expect(try #require(last["accuracy"]) >= 0.965)
    let held = try place.run("eval", "digits.h5", "--json").json()
    #expect(held["minimize"] as? Double == last["minimize"] && held["rows"] as? Int == 360)
    let logits = try place.run("run", "digits.h5", "--fetch", "logits", "--json").output
    let given = try place.run(
      "run", Workplace.sample("digits.flow"), "--weights", "digits.h5", "--fetch", "logits", "--json")
    #expect(given.output == logits && given.errors.isEmpty)
  }
}
