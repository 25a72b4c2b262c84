import Foundation
import Testing

/// `run` and `grad`: what goes in, what comes out.
struct EvaluateTests {
  private static let graph = """
    input x: f32[n, 2] = [[1.0, 2.0]]
    input k: i32 = 3
    input q: f64[2, 2] = [[1.0, 2.0], [3.0, 4.0]]
    input b: bool = true
    input u: u8[3] = [1, 2, 3]
    param w: f32[2] = [0.5, -1.0]
    y = x * w
    h = dense(y, units: 2, initializer: ones)
    z = k + 1
    nb = not b
    output y, z, nb, u, q

    """

  private func workplace() throws -> Workplace {
    let place = try Workplace()
    try place.write(Self.graph, "m.flow")
    return place
  }

  @Test func `the price of two apples and its gradients`() throws {
    let place = try Workplace()
    let value = try place.run("run", Workplace.sample("apples.flow"), "--json")
    #expect(
      value.output == #"{"graph": "apples", "outputs": {"price": {"dtype": "f32", "shape": [], "data": 220.0}}}"# + "\n"
    )
    let gradients = try place.run("grad", Workplace.sample("apples.flow"), "--json")
    #expect(
      gradients.output == """
        {"graph": "apples", "of": "price", "value": {"dtype": "f32", "shape": [], "data": 220.0}, "gradients": {\
        "apple": {"dtype": "f32", "shape": [], "data": 2.2}, "count": {"dtype": "f32", "shape": [], "data": 110.0}, \
        "tax": {"dtype": "f32", "shape": [], "data": 200.0}}}

        """)
    #expect(value.errors.isEmpty && gradients.errors.isEmpty)
  }

  @Test(arguments: [
    ("x=[[1, -2]]", "y", "y: f32[1, 2] =\n [[0.5, 2.0]]"), ("x=[[-1, -inf]]", "y", "y: f32[1, 2] =\n [[-0.5,  inf]]"),
    ("k=-5", "z", "z: i32 = -4"), ("k= 5", "z", "z: i32 = 6"), ("k=1_000", "z", "z: i32 = 1001"),
    ("k=2.0", "z", "z: i32 = 3"), ("b=false", "nb", "nb: bool = true"),
    ("u=[255, 0, 7]", "u", "u: u8[3] = [255,   0,   7]"),
    ("x=x.csv", "y", "y: f32[2, 2] =\n [[ 0.5, -2.0],\n  [ 1.5, -4.0]]"),
    ("x=x.json", "y", "y: f32[1, 2] =\n [[2.0, 3.0]]"),
    ("x=[[1, 2]]", "h.w", "h.w: f32[2, 2] =\n [[1.0, 1.0],\n  [1.0, 1.0]]"),
    ("x=[[1, 2]]", "h", "h: f32[1, 2] =\n [[-1.5, -1.5]]"),
    ("x=[[1, 2]]", "w", "w: f32[2] = [ 0.5, -1.0]"),
  ])
  func `what is fed is computed with`(_ feed: String, _ fetch: String, _ expected: String) throws {
    let place = try workplace()
    try place.write("1,2\n3,4\n", "x.csv")
    try place.write(#"{"dtype": "f32", "shape": [1, 2], "data": [[4, -3]]}"#, "x.json")
    let outcome = try place.run("run", "m.flow", "--feed", feed, "--fetch", fetch)
    #expect(outcome.output == expected + "\n")
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
  }

  @Test(
    arguments: [
      (
        "y = tile([1.0], [4000000000000])",
        "h.flow:1:5: error: f32[4000000000000] takes 16000000000000 bytes; this machine"
      ),
      (
        "y = repeat_elements([1], 999999999999, axis: 0)",
        "h.flow:1:5: error: i32[999999999999] takes 3999999999996 bytes"
      ),
      (
        "param w: f32[999999999999] = zeros\ny = sum(w)",
        "h.flow:1:30: error: f32[999999999999] takes 3999999999996 bytes"
      ),
      (
        "y = roll(zeros(shape: [999999999999]), 1, 0)",
        "h.flow:1:5: error: f32[999999999999] takes 3999999999996 bytes"
      ),
      ("y = floor_div(1, 0)", "h.flow:1:5: error: floor_div: a whole number is divided by zero"),
    ])
  func `what the machine cannot hold or compute is told at its place`(_ text: String, _ message: String) throws {
    let place = try Workplace()
    try place.write(text, "h.flow")
    let outcome = try place.run("run", "h.flow")
    #expect(outcome.code == 65 && outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix(message), "\(outcome.errors)")
  }

  @Test(
    arguments: [
      (["--feed", "xx=1"], 64, "no input named 'xx'"), (["--feed", "x"], 64, "not name=value"),
      (["--feed", "k=1", "--feed", "k=2"], 64, "fed twice"), (["--feed", "x=[[1,2],[3]]"], 64, "no nested list"),
      (["--fetch", "yy"], 64, "no value named 'yy'"), (["--fetch", ""], 64, "names nothing"),
      (["--set", "width=3"], 64, "no constant named 'width'"), (["--bogus"], 64, "Unknown option '--bogus'"),
      (["--threads", "0"], 64, "--threads is 1 to 1024"), (["--rtol=-1"], 64, "at least 0"),
      (["--output", "o.txt"], 64, "format of the file is not known"), (["--output", "no/o.h5"], 73, "cannot create"),
      (["--output", "o.npy"], 65, "holds one tensor"),
      (["--feed", "k=2.5"], 65, "takes i32"), (["--feed", "k=99999999999"], 65, "not every value of i64 fits"),
      (["--feed", "u=[1, 2, 256]"], 65, "not every value"), (["--feed", "b=0"], 65, "takes bool"),
      (["--feed", "x=[1, 2]"], 65, "takes f32[n, 2], not f32[2]"), (["--feed", "x=[]"], 65, "not f32[0]"),
      (["--feed", "x=none.npy"], 66, "no such file"), (["--expect", "none.h5"], 66, "no such file"),
      (["--weights", "none.h5"], 66, "no such file"), (["--weights", "m.flow"], 65, "format of the file is not known"),
    ] as [([String], Int32, String)])
  func `what is asked for wrongly is told with its exit code, on standard error alone`(
    _ arguments: [String], _ code: Int32, _ message: String
  ) throws {
    let place = try workplace()
    let process = try place.process(Workplace.program, ["run", "m.flow"] + arguments)
    try process.run()
    let outcome = try place.outcome(process)
    #expect(outcome.code == code)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test(arguments: ["o.h5", "o.json"])
  func `an output is read back and agrees`(_ name: String) throws {
    let place = try workplace()
    #expect(try place.run("run", "m.flow", "--fetch", "y,h.w,z", "--output", name).output.isEmpty)
    #expect(try place.run("run", "m.flow", "--fetch", "y,h.w,z", "--expect", name).code == 0)
    let other = try place.run("run", "m.flow", "--fetch", "y,h.w,z", "--expect", name, "--feed", "k=4")
    #expect(other.code == 1)
    #expect(other.errors == "z: 1 of 1 elements differ, most at 0: 5.0, expected 4.0\n")
    #expect(try place.run("run", "m.flow", "--expect", name, "--fetch", "z", "--feed", "k=4", "--atol", "1").code == 0)
  }

  @Test(arguments: ["o.npy", "o.csv"])
  func `one value goes to a file of one tensor`(_ name: String) throws {
    let place = try workplace()
    #expect(try place.run("run", "m.flow", "--fetch", "q", "--output", name).code == 0)
    #expect(try place.run("run", "m.flow", "--fetch", "q", "--expect", name).code == 0)
    #expect(try place.run("run", "m.flow", "--fetch", "q", "--feed", "q=\(name)").code == 0)
    #expect(try place.run("run", "m.flow", "--fetch", "q", "--feed", "q=[[1,2],[3,5]]", "--expect", name).code == 1)
  }

  @Test func `not a number and infinities are texts in JSON, and read back`() throws {
    let place = try workplace()
    let outcome = try place.run("run", "m.flow", "--fetch", "q", "--feed", "q=[[nan, -inf], [inf, 0.1]]", "--json")
    #expect(outcome.output.contains(#""data": [["nan", "-inf"], ["inf", 0.1]]"#))
    try place.write(outcome.output, "o.json")
    #expect(try place.run("run", "m.flow", "--fetch", "q", "--feed", "q=o.json:q", "--expect", "o.json").code == 0)
  }

  @Test(arguments: ["1", "2", "4"])
  func `the bits do not depend on the threads`(_ threads: String) throws {
    let place = try Workplace()
    let arguments = ["run", Workplace.sample("digits.flow"), "--json", "--seed", "-7"]
    func output(_ threads: String) throws -> String {
      let process = try place.process(Workplace.program, arguments + ["--threads", threads])
      try process.run()
      return try place.outcome(process).output
    }
    #expect(try output(threads) == output("1"))
  }

  @Test func `standard input is a graph`() throws {
    let place = try Workplace()
    #expect(try place.run("run", "-", input: "x = 1.5\ny = x + 1\n").output == "y: f32 = 2.5\n")
    let wrong = try place.run("run", "-", input: "x = 1 +\n")
    #expect(wrong.code == 65 && wrong.errors.contains("<stdin>:1:"))
  }

  @Test func `a dimension that nothing gives a size is named`() throws {
    let place = try Workplace()
    try place.write("input x: f32[n, 2]\nparam v: f32[3] = ones\ny = mean(v)\nz = x * 2.0\noutput y\n", "z.flow")
    let run = try place.run("run", "z.flow", "--fetch", "z")
    #expect(run.code == 65 && run.errors.hasPrefix("z.flow:1:7: error: nothing gives dimension 'n' of 'x' a size"))
    let gradients = try place.run("grad", "z.flow", "-q")
    #expect(gradients.code == 65 && gradients.errors.contains("nothing gives dimension 'n' of 'grad.x' a size"))
    let fed = try place.run("grad", "z.flow", "--feed", "x=[[1, 2]]", "-q")
    #expect(fed.output.contains("dy/dx: f32[1, 2] =\n [[0.0, 0.0]]"))
  }

  @Test func `a file that is loaded is missing at its place, but not where a checkpoint holds its tensor`() throws {
    let place = try Workplace()
    try place.write("w = [0.5, 1.5]\noutput w\n", "make.flow")
    try place.run("run", "make.flow", "--output", "w.h5")
    try place.write("param w = load(\"w.h5\", \"w\")\nloss = sum(w ** 2)\ntrain {\n  minimize: loss\n}\n", "g.flow")
    #expect(try place.run("train", "g.flow", "--checkpoint", "w.h5", "--force").code == 65)
    #expect(try place.run("train", "g.flow", "-q").code == 0)
    let before = try place.run("run", "g.h5", "--fetch", "w").output
    try FileManager.default.removeItem(atPath: place.path("w.h5"))
    #expect(try place.run("run", "g.h5", "--fetch", "w").output == before)
    let missing = try place.run("run", "g.flow")
    #expect(missing.code == 66 && missing.errors.hasPrefix("g.flow:1:11: error: w.h5: no such file"))
  }

  @Test func `gradients are a graph file`() throws {
    let place = try workplace()
    let emitted = try place.run("grad", "m.flow", "--of", "l", "--wrt", "w,x", "--emit", input: nil)
    #expect(emitted.code == 64)
    try place.write(Self.graph + "l = sum(h)\n", "s.flow")
    let graph = try place.run("grad", "s.flow", "--of", "l", "--wrt", "w,x", "--emit")
    let direct = try place.run("grad", "s.flow", "--of", "l", "--wrt", "w,x", "--json").json()
    let again = try place.run("run", "-", "--json", input: graph.output).json()
    let gradients = try #require(direct["gradients"] as? [String: [String: Any]])
    let outputs = try #require(again["outputs"] as? [String: [String: Any]])
    #expect(gradients["w"]?["data"] as? [Double] == outputs["grad.w"]?["data"] as? [Double])
  }
}
