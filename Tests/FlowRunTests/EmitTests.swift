import Foundation
import Testing

/// `grad --emit`: gradients as a graph file.
struct EmitTests {
  /// Every sample, and what to differentiate where that is not plain.
  private static let samples: [(name: String, of: String?)] = [
    ("affine_softmax", "loss_onehot"), ("apples", nil), ("conv", nil), ("curvature", nil), ("digits", nil),
    ("digits_conv", nil), ("gates", nil), ("higher", "second"), ("miniflow", nil), ("neuron", nil), ("outputs", nil),
    ("regularized", nil), ("repeat", nil), ("repeated", nil), ("two_layer", nil), ("xor_sigmoid", nil),
    ("xor_softmax", nil),
  ]

  /// What an emitted file has to give: the target, and each gradient under its name.
  private func expected(_ report: [String: Any], prefix: String = "grad.") throws -> NSDictionary {
    let gradients = try #require(report["gradients"] as? [String: Any])
    let target = try #require(report["of"] as? String)
    var outputs = Dictionary(uniqueKeysWithValues: gradients.map { (prefix + $0, $1) })
    outputs[target] = report["value"]
    return outputs as NSDictionary
  }

  private func outputs(_ place: Workplace, _ text: String, _ arguments: String...) throws -> NSDictionary {
    try place.write(text, "emitted.flow")
    let outcome = try place.run(["run", "emitted.flow", "--json"] + arguments)
    return try #require(try outcome.json()["outputs"] as? NSDictionary, "\(outcome.errors)")
  }

  private func grad(_ place: Workplace, _ arguments: [String]) throws -> Outcome {
    try place.run(["grad", "-q"] + arguments)
  }

  @Test(arguments: samples.map(\.name))
  func `every sample's gradients are a file with the same bits`(_ name: String) throws {
    let place = try Workplace()
    let target = Self.samples.first { $0.name == name }?.of.map { ["--of", $0] } ?? []
    for mode in [[], ["--training", "--seed", "3"]] {
      let arguments = [Workplace.sample("\(name).flow")] + target + mode
      let direct = try grad(place, arguments + ["--json"])
      // A sample's plugin may not be there, or one of its derivatives.
      if direct.code == 69 || direct.errors.contains("not-available") { return }
      let emitted = try grad(place, arguments + ["--emit"])
      // Without a train block there is no place for a seed; no sample without one draws numbers.
      #expect(try outputs(place, emitted.output) == expected(direct.json()), "\(arguments)")
    }
  }

  @Test func `names inside scopes and patterns are variables, and an emitted file has gradients itself`() throws {
    let place = try Workplace()
    let arguments = [Workplace.sample("repeat.flow"), "--wrt", "h.*.w,h.0.b"]
    let direct = try grad(place, arguments + ["--json"]).json()
    #expect((direct["gradients"] as? [String: Any])?.keys.sorted() == ["h.0.b", "h.0.w", "h.1.w", "h.2.w"])
    let emitted = try grad(place, arguments + ["--emit"]).output
    #expect(try outputs(place, emitted) == expected(direct))
    // The derivative of a gradient's norm: of the emitted file, and emitted again.
    try place.write(emitted + "norm = sum(grad.h.1.w ** 2)\noutput norm\n", "norm.flow")
    let second = try grad(place, ["norm.flow", "--of", "norm", "--wrt", "h.0.w,h.2.b", "--json"]).json()
    let again = try grad(place, ["norm.flow", "--of", "norm", "--wrt", "h.0.w,h.2.b", "--emit"])
    #expect(try outputs(place, again.output) == expected(second))
    let numbers = try #require((second["gradients"] as? [String: [String: Any]])?["h.0.w"]?["data"] as? [[Double]])
    #expect(numbers.joined().contains { abs($0) > 1e-6 })
  }

  @Test func `a gradient of a gradient has a name of its own`() throws {
    let place = try Workplace()
    var file = Workplace.sample("higher.flow")
    var target = "y"
    // x³·sin x, three times differentiated at 1.3: each step is the file that the one before printed.
    for order in 1...3 {
      let emitted = try grad(place, [file, "--of", target, "--emit"])
      let prefix = String(repeating: "grad.", count: order)
      let direct = try grad(place, [file, "--of", target, "--json"]).json()
      #expect(try outputs(place, emitted.output) == expected(direct, prefix: prefix))
      try place.write(emitted.output, "order\(order).flow")
      (file, target) = ("order\(order).flow", prefix + "x")
    }
    let values = try place.run("run", file, "--json").json()["outputs"] as? [String: [String: Any]]
    let x = 1.3
    let third = 6 * sin(x) + 18 * x * cos(x) - 9 * x * x * sin(x) - x * x * x * cos(x)
    #expect(abs(try #require(values?[target]?["data"] as? Double) - third) < 1e-9)
  }

  @Test func `weights and a checkpoint's parameters are loaded from where they lie`() throws {
    let place = try Workplace()
    try FileManager.default.createDirectory(atPath: place.path("in"), withIntermediateDirectories: true)
    try place.write(
      """
      input x: f32[n, 2] = [[0.5, -1.5]]
      h = dense(x, units: 3, activation: tanh)
      state mean: f32[3] = zeros
      update mean = 0.5 * mean + h[0]
      loss = sum((h - mean) ** 2)

      train {
        minimize: loss
        seed: 4
        epochs: 3
      }

      """, "in/m.flow")
    #expect(try place.run("train", "in/m.flow", "--checkpoint", "in/m.h5", "-q").code == 0)
    for arguments in [["in/m.h5"], ["in/m.flow", "--weights", "in/m.h5"]] {
      let direct = try grad(place, arguments + ["--json"])
      let emitted = try grad(place, arguments + ["--emit"])
      #expect(emitted.output.contains("load(\"\(place.path("in/m.h5"))\", \"state/mean\")"), "\(emitted.output)")
      #expect(try outputs(place, emitted.output) == expected(direct.json()))
    }
    // Without the weights, the first values are others.
    let first = try grad(place, ["in/m.flow", "--json"]).json()
    #expect(try outputs(place, grad(place, ["in/m.flow", "--emit"]).output) == expected(first))
    #expect(try expected(first) != expected(grad(place, ["in/m.h5", "--json"]).json()))
  }

  @Test(arguments: [
    ("input x = 1.0\na = x * 2\nb = x * 3\noutput a, b", [], "2 floating scalar outputs", "--of a or --of b"),
    ("input x = [1.0, 2.0]\noutput x", [], "no floating scalar outputs", "--of takes any scalar"),
    ("input x = [1.0, 2.0]\noutput y = x * 2", ["--of", "y"], "needs a floating scalar, not f32[2]", "sum or mean"),
    ("input x = 1.0\ny = x * 2", ["--wrt", "z*"], "no parameter or floating input matches 'z*'", "--wrt"),
    ("input x = 1.0\ny = x * 2", ["--wrt", "xx"], "no value named 'xx'", "did you mean 'x'?"),
    ("input x = 1.0\ny = x * 2", ["--of", "yy"], "no value named 'yy'", "did you mean 'y'?"),
    ("input i = 1\ninput x = 1.0\ny = x * 2", ["--wrt", "i"], "'i' is i32", "only floating"),
    ("input i = 1\ny = 2.0", [], "no parameters and no floating inputs", "no-variables"),
    ("input x = 1.0\nparam w = 2.0\ny = x * 2", ["--disconnected", "error"], "does not depend on 'w'", "zero"),
  ])
  func `what cannot be differentiated is told, with the choice`(
    _ text: String, _ arguments: [String], _ message: String, _ help: String
  ) throws {
    let place = try Workplace()
    try place.write(text + "\n", "g.flow")
    for end in [["--json"], ["--emit"]] {
      let outcome = try grad(place, ["g.flow"] + arguments + end)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errors.contains(message) && outcome.errors.contains(help), "\(outcome.errors)")
      let isUsage = ["scalar outputs", "no value named", "matches"].contains { message.contains($0) }
      #expect(outcome.code == (isUsage ? 64 : 65))
    }
  }
}
