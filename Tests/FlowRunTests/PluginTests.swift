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
}
