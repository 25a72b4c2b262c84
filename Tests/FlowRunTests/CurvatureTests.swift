import Foundation
import Testing

/// `curvature`, and what `check` tells of gradients.
struct CurvatureTests {
  private static let quadratic = """
    param w: f64[2] = [1, 2]
    param unused = 1.0
    input x: f64[n, 2] = [[1, 0], [0, 1]]
    y = x @ w
    loss = 3 * y[0] ** 2 + 0.5 * y[1] ** 2 + y[0] * y[1] + 5 * sum(w)
    output loss

    """

  @Test func `the Hessian of a quadratic has the eigenvalues and the trace that it must`() throws {
    let place = try Workplace()
    try place.write(Self.quadratic, "q.flow")
    let report = try place.run("curvature", "q.flow", "--wrt", "w", "--probes", "8", "--json").json()
    #expect(report["graph"] as? String == "q" && report["of"] as? String == "loss")
    #expect(report["wrt"] as? [String] == ["w"] && report["size"] as? Int == 2 && report["converged"] as? Bool == true)
    // [[6, 1], [1, 1]]
    for (key, sign) in [("largest", 1.0), ("smallest", -1.0)] {
      let value = try #require((report[key] as? [String: Double])?["value"])
      #expect(abs(value - (7 + sign * 29.0.squareRoot()) / 2) < 1e-12)
    }
    let trace = try #require(report["trace"] as? [String: Any])
    let (value, error) = (try #require(trace["value"] as? Double), try #require(trace["standard_error"] as? Double))
    #expect(abs(value - 7) <= 4 * error && error <= 2 && trace["probes"] as? Int == 8)
    // A second matrix: another point, another seed, all parameters, one that nothing depends on.
    let text = try place.run("curvature", "q.flow", "--feed", "x=[[2, 0], [0, 2]]", "--probes", "0", "--seed", "4")
      .output
    let lines = text.split(separator: "\n")
    #expect(lines.count == 4 && lines[0] == "Hessian of loss by w, unused: 3 x 3")
    #expect(
      lines[1].hasPrefix("largest eigenvalue   24.77033") && lines[2].hasPrefix("smallest eigenvalue  "), "\(text)")
  }

  @Test func `data and its rows can be others, and the bits depend on no thread`() throws {
    let place = try Workplace()
    let digits = Workplace.sample("digits.flow")
    let data = "hdf5(\"\(Workplace.samples)/data/digits.h5\", image: \"test/image\", label: \"test/label\")"
    func largest(_ arguments: String...) throws -> Double? {
      let outcome = try place.run(
        ["curvature", digits, "--iterations", "3", "--probes", "0", "--wrt", "logits.*", "--json", "-q"] + arguments)
      return (try outcome.json()["largest"] as? [String: Double])?["value"]
    }
    let first = try largest("--threads", "1")
    #expect(try first != nil && largest("--threads", "2") == first)
    #expect(try largest("--rows", "8") != first && largest("--rows", "8") == largest("--set", "train.batch=8"))
    #expect(try largest("--data", data) != first)
    let short = try place.run("curvature", digits, "--iterations", "2", "--probes", "1", "--rows", "4")
    #expect(short.code == 0 && short.errors.contains("have not settled after 2 iterations"))
    #expect(short.output.contains("(1 probe)") && !short.output.contains("±"))
  }

  @Test(arguments: [
    (["--of", "zz"], 64, "no value named 'zz'"), (["--wrt", "ww"], 64, "no value named 'ww'"),
    (["--of", "y"], 65, "needs a floating scalar"), (["--iterations", "0"], 64, "--iterations is 1 to"),
    (["--probes=-1"], 64, "--probes is 0 to"), (["--rows", "0"], 64, "--rows is at least 1"),
    (["--data", "csv"], 64, "'csv' is no data set"), (["--weights", "none.h5"], 66, "no such file"),
    (["--feed", "x=[[1e200, 0], [0, 1]]"], 65, "is not finite"),
  ])
  func `what is asked for wrongly is told with its exit code`(
    _ arguments: [String], _ code: Int32, _ message: String
  ) throws {
    let place = try Workplace()
    try place.write(Self.quadratic, "q.flow")
    let outcome = try place.run(["curvature", "q.flow"] + arguments)
    #expect(outcome.code == code && outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test(arguments: [
    (
      "y = sum(w)\noutput loss, s = sum(y), t = y * 2", "it feeds 's', 't', 'y', which the target does not depend on",
      "no-gradient"
    ),
    ("", "nothing uses it", "no-gradient"),
    ("loss = a + sum(stop_gradient(w))", "'stop_gradient' cuts it", "every path through here"),
    ("loss = a + sum(floor(w))", "'floor' has gradient zero", "no-gradient"),
    ("loss = a + cast(argmax(w), f32)", "the gradient is undefined: loss", "stop_gradient cuts a path"),
    ("loss = a + sum(where(w > 1, 1.0, 2.0))", "'greater' has gradient zero", "no-gradient"),
    ("loss = a + sum(w * stop_gradient(w)) ", nil, "no-gradient"), ("loss = a + sum(w)", nil, "no-gradient"),
  ])
  func `check warns of parameters that receive no gradient, and says why`(
    _ text: String, _ reason: String?, _ note: String
  ) throws {
    let place = try Workplace()
    let loss = text.contains("loss = ") ? "" : "loss = a * 2\n"
    let output = text.contains("output") ? "" : "output loss\n"
    try place.write(
      "param a = 1.0\nparam w = [1.0, 2.0]\n\(loss)\(text)\n\(output)train {\n  minimize: loss\n}\n", "c.flow")
    let outcome = try place.run("check", "c.flow", "--json")
    #expect(outcome.code == 0)
    let warnings = try outcome.json()["warnings"] as? [[String: Any]] ?? []
    guard let reason else {
      #expect(warnings.isEmpty && outcome.errors.isEmpty, "\(outcome.errors)")
      return
    }
    try #require(warnings.count == 1)
    #expect(warnings[0]["line"] as? Int == 2 && (warnings[0]["message"] as? String)?.contains(reason) == true)
    #expect(outcome.errors.hasPrefix("c.flow:2:7: warning: ") && outcome.errors.contains(note), "\(outcome.errors)")
    #expect(outcome.errors.contains(reason), "\(outcome.errors)")
  }
}
