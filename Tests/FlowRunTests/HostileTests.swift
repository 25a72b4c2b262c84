import Foundation
import Testing

/// Libraries that are broken, or mean harm: each is a message and an exit code of its own.
struct HostileTests {
  /// The file with the C source of all of them.
  private static let source: String = {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Hostile/bad.c").path
  }()

  private static let headers: String = {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/CFlowPlugin/include").path
  }()

  /// Compiles the template; the library's name goes into it.
  private static func compile(_ name: String, _ macros: [String], in place: Workplace) throws {
    let stated = macros.contains { $0.hasPrefix("NAME=") }
    let all = macros + (stated ? [] : ["NAME=\"\(name)\""])
    let arguments =
      ["-w", "-shared", "-fPIC", "-I", headers, source, "-o", place.path("lib\(name).so")] + all.map { "-D\($0)" }
    let process = try place.process("/usr/bin/env", ["cc"] + arguments)
    try process.run()
    let outcome = try place.outcome(process)
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  /// The library of the template as it is, compiled once.
  private static let good = Result {
    let place = try Workplace()
    try compile("Good", ["OPERATION=\"good\""], in: place)
    return try place.bytes("libGood.so")
  }

  private static func make(_ library: HostileLibrary, in place: Workplace) throws {
    try good.get().write(to: URL(fileURLWithPath: place.path("libGood.so")))
    switch library.making {
    case .compiled(let macros): try compile("Bad", macros, in: place)
    case .changed(let change):
      try change(place.bytes("libGood.so")).write(to: URL(fileURLWithPath: place.path("libBad.so")))
    case .shell(let line): try place.shell(line)
    }
  }

  @Test(arguments: HostileLibrary.files + HostileLibrary.loads + HostileLibrary.calls)
  func `a hostile library is a message`(_ library: HostileLibrary) throws {
    let place = try Workplace()
    try Self.make(library, in: place)
    try place.write("plugin \"Bad\"\n\(library.graph)\n", "a.flow")
    let process = try place.process(
      Workplace.program, ["run", "a.flow", "--plugin-path", place.folder] + library.arguments)
    try process.run()
    let outcome = try place.outcome(process)
    #expect(outcome.code == library.code, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("[\(library.id)]"), "\(outcome.errors)")
    #expect(outcome.errors.contains(library.message), "\(outcome.errors)")
    try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.folder)
  }

  @Test func `a trap in a training step names the step, and leaves the checkpoint as it was`() throws {
    let place = try Workplace()
    try Self.compile("Bad", ["FORWARD=if(x[0]<-2)__builtin_trap()"], in: place)
    try place.write(
      """
      plugin "Bad"
      param w: f64[2] = [1, 1]
      loss = sum(bad(w))
      train {
        minimize: loss
        optimizer: sgd(lr: 1.0)
        steps: 2
        checkpoint: "c.h5"
      }
      """, "a.flow")
    #expect(try place.run("train", "a.flow", "--plugin-path", place.folder, "-q").code == 0)
    let before = try place.bytes("c.h5")
    let outcome = try place.run("train", "a.flow", "--plugin-path", place.folder, "--resume", "--steps", "9", "-q")
    #expect(outcome.code == 70)
    #expect(outcome.errors.contains("operation 'bad' of plugin Bad 1.0.0: stopped by a trap"), "\(outcome.errors)")
    #expect(outcome.errors.contains("in step 3"), "\(outcome.errors)")
    #expect(try place.bytes("c.h5") == before)
    #expect(place.names.filter { $0.contains(".tmp") } == [])
  }

  @Test func `a plugin's format of files is read for data and load`() throws {
    let place = try Workplace()
    let plugins = URL(fileURLWithPath: Self.source).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Plugins/SVMLight").path
    let process = try place.process("/usr/bin/make", ["-s", "-C", plugins, "FOLDER=\(place.folder)"])
    try process.run()
    #expect(try place.outcome(process).code == 0)
    try place.write("1 1:0.5 3:2\n# a comment\n-1 2:4\n2 1:1 2:1 3:1\n", "rows.txt")
    try place.write(
      """
      plugin "SVMLight"
      input x: f64[n, 3]
      input y: f64[n]
      param w: f64[3] = zeros
      param first: f64[3, 3] = load("rows.txt", "x", format: "svmlight")
      loss = mean((x @ w - y) ** 2) + 0.0 * sum(first)
      output first
      train {
        minimize: loss
        data: svmlight("rows.txt", x: "x", y: "y")
        epochs: 2
        batch: 2
      }
      """, "a.flow")
    let run = try place.run("run", "a.flow", "--plugin-path", place.folder, "--json")
    #expect(run.output.contains("[[0.5, 0.0, 2.0], [0.0, 4.0, 0.0], [1.0, 1.0, 1.0]]"), "\(run.output)\(run.errors)")
    let trained = try place.run("train", "a.flow", "--plugin-path", place.folder, "--no-checkpoint", "--json")
    #expect(trained.code == 0 && trained.output.contains("\"step\": 4"), "\(trained.output)\(trained.errors)")
    try place.write("1 0:5\n", "rows.txt")
    let bad = try place.run("run", "a.flow", "--plugin-path", place.folder)
    #expect(bad.code == 65 && bad.errors.contains("line 1: an index is not in"), "\(bad.errors)")
  }
}
