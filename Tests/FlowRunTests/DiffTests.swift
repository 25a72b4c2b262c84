import Foundation
import Testing

/// `diff`: in what two files of tensors differ.
struct DiffTests {
  /// Values of a graph, as a file.
  private func write(_ place: Workplace, _ outputs: String, _ name: String) throws {
    let outcome = try place.run("run", "-", "--output", name, input: outputs + "\n")
    try #require(outcome.code == 0, "\(outcome.errors)")
  }

  @Test func `values are compared by name, across formats, within tolerances`() throws {
    let place = try Workplace()
    try write(place, "output a = [1.0, 2.0, nan], b = [[1, 2], [3, 4]], c = 5.0", "x.h5")
    try write(place, "output a = [1.0, 2.5, nan], b = [[1, 2], [3, 9]], d = 5.0", "y.json")
    let outcome = try place.run("diff", "x.h5", "y.json")
    #expect(outcome.code == 1 && outcome.errors.isEmpty)
    #expect(
      outcome.output == """
        c: only in x.h5
        d: only in y.json
        a: 1 of 3 differ, the most by 0.5 at [1]: 2, 2.5; root mean square 0.2887
        b: 1 of 4 differ, the most by 5 at [1, 1]: 4, 9; root mean square 2.5
        4 of 4 tensors differ

        """)
    let report = try place.run("diff", "x.h5", "y.json", "--rtol", "0.5", "--json").json()
    let tensors = try #require(report["tensors"] as? [[String: Any]])
    #expect(tensors.map { $0["name"] as? String } == ["b"] && tensors[0]["index"] as? [Int] == [1, 1])
    #expect(tensors[0]["differing"] as? Int == 1 && tensors[0]["largest"] as? Double == 5)
    #expect(report["only_a"] as? [String] == ["c"] && report["only_b"] as? [String] == ["d"])
    #expect(report["equal"] as? Bool == false)
    let same = try place.run("diff", "x.h5", "x.h5")
    #expect(same.code == 0 && same.output == "none of 3 tensors differs\n")
  }

  @Test func `types, shapes and whole numbers that no double can tell apart are told`() throws {
    let place = try Workplace()
    try write(place, "output x = cast([9007199254740992, 1], i64)", "a.npy")
    try write(place, "output x = cast([9007199254740992, 1], i64) + 1", "b.npy")
    try write(place, "output x = cast([9007199254740992, 1], f64)", "c.npy")
    try write(place, "output x = [1]", "d.npy")
    #expect(try place.run("diff", "a.npy", "a.npy").output == "none of 1 tensor differs\n")
    #expect(try place.run("diff", "a.npy", "b.npy").output.hasPrefix("(unnamed): 2 of 2 differ"))
    #expect(try place.run("diff", "a.npy", "c.npy").output == "(unnamed): i64[2], f64[2]\n1 of 1 tensor differs\n")
    #expect(try place.run("diff", "a.npy", "d.npy").output.hasPrefix("(unnamed): i64[2], i32[1]\n"))
    #expect(try place.run("diff", "a.npy", "d.npy", "--json").json()["equal"] as? Bool == false)
  }

  @Test func `two checkpoints differ in their texts and steps too`() throws {
    let place = try Workplace()
    try place.write("param w = 1.0\nloss = w ** 2\ntrain {\n  minimize: loss\n  epochs: 2\n}\n", "m.flow")
    #expect(try place.run("train", "m.flow", "--checkpoint", "a.h5", "-q").code == 0)
    #expect(try place.run("train", "m.flow", "--checkpoint", "b.h5", "-q", "--set", "train.epochs=3").code == 0)
    let lines = try place.run("diff", "a.h5", "b.h5").output.split(separator: "\n")
    #expect(lines.contains("step: 2, 3") && lines.contains("  -   epochs: 2") && lines.contains("  +   epochs: 3"))
    #expect(lines.contains { $0.hasPrefix("params/w: 1 of 1 differ, the most by ") })
    #expect(try place.run("diff", "a.h5", "b.h5", "--atol", "1e9").code == 1)
    #expect(try place.run("diff", "a.h5", "a.h5").code == 0)
  }

  @Test(arguments: [
    (["x.h5", "none.h5"], 66, "no such file"), (["x.h5"], 64, "Missing expected argument"),
    (["x.h5", "x.h5", "--atol=-1"], 64, "at least 0"), (["x.h5", "m.txt"], 65, "format of the file is not known"),
  ])
  func `what is asked for wrongly is told with its exit code`(
    _ arguments: [String], _ code: Int32, _ message: String
  ) throws {
    let place = try Workplace()
    try write(place, "output a = 1.0", "x.h5")
    try place.write("hello", "m.txt")
    let outcome = try place.run(["diff"] + arguments)
    #expect(outcome.code == code && outcome.output.isEmpty && outcome.errors.contains(message), "\(outcome.errors)")
  }
}
