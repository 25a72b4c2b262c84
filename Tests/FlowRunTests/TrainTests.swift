import Foundation
import Testing

/// A small regression with all that must survive a stop: random nodes, a state, a metric with a state, momentum, held rows.
enum Regression {
  static let data = """
    x = uniform(shape: [50, 3], dtype: f32)
    y = x @ [1.0, 2.0, 3.0]
    label = cast(x[:, 0] > 0.5, i32)
    short = y[0:40]
    empty = x[0:0]
    wide = cast(x, f64)
    holed = where(x[:, 0] == max(x[:, 0]), nan, y)
    wrong = where(x[:, 0] == max(x[:, 0]), 9, label)
    output x, y, label, short, empty, wide, holed, wrong

    """

  static let graph = """
    input x: f32[n, 3]
    input y: f32[n]
    param w: f32[3] = zeros
    param b = 0.0
    state seen = 0.0
    def total(v) {
      state sum: f32 = 0.0
      update sum = sum + v
      return sum + v
    }
    noise = uniform(shape: shape(y), dtype: f32)
    loss = mse(x @ w + b + 0.01 * noise, y)
    rows = total(cast(dim(x, 0), f32))
    update seen = seen + 1.0
    train {
      minimize: loss
      report: [loss, rows]
      data: hdf5("d.h5", x: "x", y: "y")
      validation: 0.2
      optimizer: momentum(lr: 0.05)
      batch: 8
      epochs: 4
    }

    """

  static func workplace() throws -> Workplace {
    let place = try Workplace()
    try place.write(data, "make.flow")
    try place.write(graph, "lin.flow")
    let made = try place.run("run", "make.flow", "--output", "d.h5")
    try #require(made.code == 0, "\(made.errors)")
    return place
  }
}

/// `train`: events, checkpoints, what it refuses.
struct TrainTests {
  private func number(_ value: Any?) -> Double? { value as? Double }

  @Test func `every epoch is an event, and the end is one`() throws {
    let place = try Regression.workplace()
    let outcome = try place.run("train", "lin.flow", "--json", "--metrics", "m.jsonl")
    let lines = outcome.output.split(separator: "\n")
    let value = #"-?[0-9.e+-]+"#
    for (index, line) in lines.dropLast().enumerated() {
      let report = #""loss": \#(value), "rows": 40\.0"#
      let form = #"""
        \{"event": "epoch", "epoch": \#(index + 1), "step": \#(5 * index + 5), "minimize": \#(value), "report": \{\#(report)\}, \#
        "validation": \{"minimize": \#(value), "loss": \#(value), "rows": 10\.0\}, "seconds": \#(value)\}
        """#
      #expect(try Regex(form).wholeMatch(in: String(line)) != nil, "\(line)")
    }
    #expect(lines.count == 5)
    #expect(lines.last == #"{"event": "done", "reason": "epochs", "step": 20, "checkpoint": "lin.h5"}"#)
    #expect(try place.text("m.jsonl") == outcome.output)
    #expect(outcome.errors.isEmpty)
  }

  @Test func `without a terminal an epoch is a line, and nothing moves`() throws {
    let place = try Regression.workplace()
    let outcome = try place.run("train", "lin.flow", "--steps", "7")
    #expect(outcome.output.hasPrefix("epoch 1  step 5  minimize "))
    #expect(outcome.output.split(separator: "\n").count == 1)
    #expect(outcome.errors.hasPrefix("done after 7 steps in ") && outcome.errors.hasSuffix("saved in lin.h5\n"))
    #expect(!(outcome.output + outcome.errors).contains("\u{1B}"))
    let quiet = try place.run("train", "lin.flow", "--force", "-q")
    #expect(quiet.output.isEmpty && quiet.errors.isEmpty)
  }

  @Test func `without data an epoch is a step, and lines are few`() throws {
    let place = try Workplace()
    try place.write("param w = 0.0\nloss = (w - 3.0) ** 2\ntrain {\n  minimize: loss\n  steps: 300\n}\n", "c.flow")
    let text = try place.run("train", "c.flow", "--no-checkpoint").output.split(separator: "\n")
    #expect(text.count < 100 && text.last?.hasPrefix("epoch 300  step 300") == true)
    let events = try place.run("train", "c.flow", "--json")
    #expect(try events.lines().count == 301)
    #expect(try place.run("run", "c.flow", "--weights", "c.h5", "--fetch", "w").output.contains("= 2.99"))
    #expect(try place.run("train", "c.flow", "--epochs", "1", "--force", "--json").lines().count == 2)
  }

  @Test(arguments: [["--epochs", "0"], ["--steps", "0"], ["--time-limit", "0"]])
  func `no steps at all are a checkpoint of the first values`(_ arguments: [String]) throws {
    let place = try Regression.workplace()
    let process = try place.process(Workplace.program, ["train", "lin.flow", "--json"] + arguments)
    try process.run()
    let outcome = try place.outcome(process)
    #expect(outcome.code == 0)
    #expect(try outcome.json()["step"] as? Int == 0)
    #expect(try place.run("run", "lin.h5", "--fetch", "w").output == "w: f32[3] = [0.0, 0.0, 0.0]\n")
  }

  @Test func `an existing checkpoint is neither lost nor needed twice`() throws {
    let place = try Regression.workplace()
    #expect(try place.run("train", "lin.flow", "--resume").code == 66)
    #expect(try place.run("train", "lin.flow", "--no-checkpoint").code == 0)
    #expect(!place.exists("lin.h5"))
    #expect(try place.run("train", "lin.flow").code == 0)
    let first = try place.bytes("lin.h5")
    let refused = try place.run("train", "lin.flow", "--set", "train.data=csv(\"none.csv\", x: \"x\")")
    #expect(refused.code == 73 && refused.errors.contains("--resume goes on from it, --force starts over"))
    #expect(try place.run("train", "lin.h5").code == 73)
    #expect(try place.bytes("lin.h5") == first)
    #expect(try place.run("train", "lin.flow", "--force", "--threads", "4").code == 0)
    #expect(try place.bytes("lin.h5") == first)
    #expect(place.names.allSatisfy { !$0.contains("lock") && !$0.contains("tmp") })
  }

  @Test func `weights are what a training starts from, and are accounted for`() throws {
    let place = try Regression.workplace()
    try place.run("train", "lin.flow", "--epochs", "1", "-q")
    let whole = try place.run("train", "lin.flow", "--weights", "lin.h5", "--checkpoint", "b.h5", "--steps", "0")
    #expect(whole.errors.hasPrefix("lin.h5: 4 matched, 0 missing, 0 unused\n"))
    try place.write(
      try place.text("lin.flow").replacingOccurrences(of: "param b", with: "param c").replacingOccurrences(
        of: "+ b", with: "+ c"), "o.flow")
    let part = try place.run("train", "o.flow", "--weights", "lin.h5", "--steps", "0")
    #expect(
      part.errors.hasPrefix(
        """
        lin.h5: nothing for c: first values are used
        lin.h5: not used: params/b
        lin.h5: 3 matched, 1 missing, 1 unused

        """), "\(part.errors)")
    let other = try place.run("run", "lin.flow", "--fetch", "w", "--weights", "d.h5")
    #expect(other.code == 0 && other.errors.contains("nothing for w, b"))
  }

  @Test func `a metric with a state starts anew for each epoch and each validation`() throws {
    let place = try Regression.workplace()
    try place.run("train", "lin.flow", "-q")
    #expect(try place.run("eval", "lin.h5", "--json").json()["rows"] as? Int == 10)
    #expect(try place.run("eval", "lin.flow", "--weights", "lin.h5").output.contains("\nrows 10.0\nrows 10\n"))
    let all = try place.run("eval", "lin.h5", "--data", #"hdf5("d.h5", x: "x", y: "y")"#)
    #expect(all.output.hasSuffix("\nrows 50.0\nrows 50\n"))
    #expect(try place.run("run", "lin.h5", "--fetch", "seen").output == "seen: f32 = 20.0\n")
  }
}
