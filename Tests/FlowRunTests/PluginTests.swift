import Foundation
import Testing

/// Graphs that ask for plugins; those of this repository lie beside the program.
struct PluginTests {
  @Test func `a graph runs, is differentiated and trained with its plugin, and its checkpoint alone too`() throws {
    let place = try Workplace()
    let sample = Workplace.sample("xor_sigmoid.flow")
    let run = try place.run("run", sample, "--fetch", "loss", "--json")
    #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(try place.run("train", sample, "--epochs", "3", "--checkpoint", "c.h5", "-q").code == 0)
    #expect(try place.run("train", "c.h5", "--resume", "--epochs", "4", "-q").code == 0)
    #expect(try place.run("grad", "c.h5", "--of", "objective", "--wrt", "w1").code == 0)
  }

  @Test func `the text of a graph asks for the plugins of its operations`() throws {
    let place = try Workplace()
    try place.write("plugin \"ClippedRelu\"\ninput x: f64[2] = [-1, 2]\noutput y = sum(clipped_relu(x))\n", "a.flow")
    try place.write(try place.run("show", "a.flow", "--stage", "gradients").output, "b.flow")
    let text = try place.text("b.flow")
    #expect(text.hasPrefix("plugin \"ClippedRelu\"\n"), "\(text)")
    #expect(try place.run("run", "b.flow", "--fetch", "grad.x", "--json").output.contains("[0.0, 1.0]"))
  }

  @Test func `a plugin's operation refuses what it does not take as a built-in does`() throws {
    let place = try Workplace()
    try place.write("plugin \"ClippedRelu\"\ninput x: i32[2]\noutput y = clipped_relu(x)\n", "a.flow")
    let outcome = try place.run("check", "a.flow")
    #expect(outcome.code == 65)
    #expect(
      outcome.errors.hasPrefix(
        "a.flow:3:12: error: clipped_relu: takes floating numbers, not i32[2] [dtype-mismatch]"), "\(outcome.errors)")
  }

  @Test(arguments: [
    ("plugin \"Clipped\"", "a.flow:1:1: error: no plugin 'Clipped': there is no libClipped", "missing-plugin"),
    ("plugin \"./ClippedRelu\"", "a.flow:1:1: error: './ClippedRelu' is no plugin's name", "plugin-path"),
  ])
  func `a plugin that is not there`(_ text: String, _ message: String, _ id: String) throws {
    let place = try Workplace()
    try place.write("\(text)\noutput y = 1.0\n", "a.flow")
    let outcome = try place.run("run", "a.flow")
    #expect(outcome.code == 69)
    #expect(outcome.errors.hasPrefix(message) && outcome.errors.contains("[\(id)]"), "\(outcome.errors)")
  }

  @Test func `watched, and in processes of their own, plugins compute the same bits`() throws {
    let place = try Workplace()
    let sample = Workplace.sample("xor_softmax.flow")
    func trained(_ options: String...) throws -> Data {
      let process = try place.process(
        Workplace.program, ["train", sample, "--epochs", "5", "--checkpoint", "c.h5", "--force", "-q"] + options)
      try process.run()
      let outcome = try place.outcome(process)
      #expect(outcome.code == 0, "\(outcome.errors)")
      return try place.bytes("c.h5")
    }
    let plain = try trained()
    #expect(try trained("--isolate-plugins") == plain)
    #expect(try trained("--check-plugins") == plain)
  }

  @Test func `every plugin here passes its check`() throws {
    let place = try Workplace()
    for name in ["ClippedRelu", "FocalLoss", "Moments", "Swish"] {
      let outcome = try place.run("plugins", "check", name, "--json")
      #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
      let operations = try #require(try outcome.json()["operations"] as? [[String: Any]])
      #expect(
        operations.allSatisfy { ($0["findings"] as? [String]) == [] && !(($0["passed"] as? [Any]) ?? []).isEmpty })
    }
  }

  @Test func `an operation's manual is found in a plugin that nobody named`() throws {
    let outcome = try Workplace().run("ops", "swish")
    #expect(outcome.code == 0)
    #expect(
      outcome.output.hasPrefix("swish: x -> y\n") && outcome.output.contains("plugin Swish 1.0.0"), "\(outcome.output)")
  }

  @Test func `list says what is there, and why one is refused`() throws {
    let place = try Workplace()
    try place.write("no library", "libBad.so")
    let outcome = try place.run("plugins", "list", "--json", "--plugin-path", place.folder)
    let plugins = try #require(try outcome.json()["plugins"] as? [[String: Any]])
    let errors = plugins.first { $0["name"] as? String == "Bad" }?["error"] as? [String: Any]
    #expect(errors?["id"] as? String == "not-a-library")
    let swish = plugins.first { $0["name"] as? String == "Swish" }
    #expect(swish?["operations"] as? [String] == ["swish"] && swish?["error"] is NSNull)
  }

  @Test func `a new plugin's folder has all that it takes, and is not made twice`() throws {
    let place = try Workplace()
    #expect(try place.run("plugins", "new", "Cube").code == 0)
    #expect(try place.text("Cube/Sources/Cube.swift").contains("static let name = \"cube\""))
    #expect(try place.run("plugins", "new", "Cube").code == 73)
    #expect(try place.run("plugins", "new", "cube").code == 64)
    #expect(try place.run("plugins", "new", "Other", "--kit", "nowhere").code == 66)
  }
}
