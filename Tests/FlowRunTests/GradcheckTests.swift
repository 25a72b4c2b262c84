import Foundation
import Testing

/// `gradcheck`: what it prints and how it ends. That it catches wrong rules is proved where rules can be planted.
struct GradcheckTests {
  @Test(
    arguments: [
      "affine_softmax", "apples", "conv", "curvature", "digits", "digits_conv", "gates", "higher", "miniflow", "neuron",
      "outputs", "regularized", "repeat", "repeated", "two_layer", "xor_sigmoid", "xor_softmax",
    ])
  func `every sample passes`(_ name: String) throws {
    let place = try Workplace()
    let batch = name.hasPrefix("digits") ? ["--set", "train.batch=2"] : []
    let arguments = ["gradcheck", Workplace.sample("\(name).flow"), "--order", "2", "--json"] + batch
    let outcome = try place.run(arguments)
    // A sample's plugin may not be there, or one of its derivatives.
    if outcome.code == 69 || outcome.errors.contains("not-available") { return }
    #expect(outcome.code == 0, "\(outcome.errors)")
    let report = try outcome.json()
    #expect((report["comparisons"] as? Int ?? 0) > (report["operations"] as? Int ?? 0))
    #expect((report["failures"] as? [Any])?.isEmpty == true)
    #expect(try #require(report["largest_error"] as? Double) < 1e-6)
  }

  @Test func `what is compared, at a kink, and left out is told`() throws {
    let place = try Workplace()
    try place.write(
      """
      input x: f32[3] = [0, 1, -2]
      param w: f32[3] = [1, 2, 3]
      y = gradient_reverse(x * w)
      z = sum(relu(x) * stop_gradient(w))
      output y, z

      """, "k.flow")
    let outcome = try place.run("gradcheck", "k.flow", "--seed", "3")
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    let lines = outcome.output.split(separator: "\n")
    try #require(lines.count == 6)
    #expect(lines[0].hasPrefix("'z' by 'x'  ") && lines[1].hasPrefix("'z' by 'w'  "))
    #expect(
      lines[2].hasPrefix("k.flow:4:9: the gradient of 'relu' by its input 'x': agrees, but for 1 results at a kink"))
    #expect(lines[3].hasPrefix("k.flow:3:5: 'gradient_reverse' is not compared: its gradient is declared not"))
    #expect(lines[4].hasPrefix("k.flow:4:19: 'stop_gradient' is not compared"))
    #expect(lines[5].contains("none differs"))
    let doubts = try place.run("gradcheck", "k.flow", "--json").json()["doubts"] as? [[String: Any]]
    #expect(doubts?.first?["verdict"] as? String == "agrees" && doubts?.first?["kinks"] as? Int == 1)
    // Other targets, variables and values.
    let fed = try place.run("gradcheck", "k.flow", "--of", "z", "--wrt", "x", "--feed", "x=[1, 2, 3]", "--json").json()
    #expect((fed["doubts"] as? [Any])?.isEmpty == true && fed["of"] as? [String] == ["z"])
  }

  @Test(arguments: [
    (["--of", "zz"], 64, "--of: no value named 'zz'"), (["--wrt", "ww"], 64, "--wrt: no value named 'ww'"),
    (["--rtol=-1"], 64, "at least 0"), (["--order", "3"], 64, "--order is 1 or 2"), (["--of", "i"], 65, "'i' is i32"),
    (["--of", "c"], 65, "'c' does not depend on 'x'"), (["--feed", "x=[1]"], 65, "takes f32[2], not f32[1]"),
    (["--weights", "none.h5"], 66, "no such file"),
  ])
  func `what is asked for wrongly is told with its exit code`(
    _ arguments: [String], _ code: Int32, _ message: String
  ) throws {
    let place = try Workplace()
    try place.write("input x = [1.0, 2.0]\ni = 3 * 2\nc = 2.0\ny = x * x\noutput y, c, i\n", "g.flow")
    let outcome = try place.run(["gradcheck", "g.flow"] + arguments)
    #expect(outcome.code == code && outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }
}
