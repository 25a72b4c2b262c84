import Foundation
import Testing

/// Which states are kept, when a training stops early, and what it goes on from.
struct RetentionTests {
  /// The regression with other settings in its train block.
  private func workplace(_ settings: String) throws -> Workplace {
    let place = try Regression.workplace()
    try place.write(
      Regression.graph.replacingOccurrences(of: "  epochs: 4\n", with: "  epochs: 4\n\(settings)"), "lin.flow")
    return place
  }

  private func step(_ name: String, _ place: Workplace) throws -> Int? {
    (try place.run("inspect", name, "--json").json()["attributes"] as? [String: Any])?["step"] as? Int
  }

  @Test func `the latest, some earlier ones and the best are there`() throws {
    let place = try workplace("  checkpoint: save(\"lin.h5\", every: 3, keep: 2, best: \"validation.rows\")\n")
    try place.write("", ".lin.h5.tmp-999999999-0")
    try place.write("", ".other.h5.tmp-999999999-0")
    let outcome = try place.run("train", "lin.flow", "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let files = place.names.filter { $0.hasSuffix(".h5") && $0 != "d.h5" }
    #expect(files == ["lin.best.h5", "lin.h5", "lin.step-000015.h5", "lin.step-000018.h5"])
    #expect(try files.map { try step($0, place) } == [5, 20, 15, 18])
    #expect(!place.exists(".lin.h5.tmp-999999999-0") && place.exists(".other.h5.tmp-999999999-0"))
    // All of it over again replaces all of it.
    #expect(try place.run("train", "lin.flow", "--force", "--steps", "9", "-q").code == 0)
    #expect(place.names.filter { $0.contains("step") } == ["lin.step-000006.h5", "lin.step-000009.h5"])
  }

  @Test func `a damaged checkpoint is skipped for the newest that is intact`() throws {
    let place = try workplace("  checkpoint: save(\"lin.h5\", every: 3, keep: 2)\n")
    #expect(try place.run("train", "lin.flow", "-q").code == 0)
    let whole = try place.bytes("lin.h5")
    var damaged = whole
    damaged[damaged.count / 2] ^= 1
    for file in ["lin.h5", "lin.step-000018.h5"] {
      var bytes = try place.bytes(file)
      bytes.removeLast(100)
      try bytes.write(to: URL(fileURLWithPath: place.path(file)))
    }
    let outcome = try place.run("train", "lin.flow", "--resume")
    #expect(outcome.code == 0)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count > 3 && lines[0].hasPrefix("warning: lin.h5: not a valid HDF5 file"), "\(outcome.errors)")
    #expect(
      lines[1].hasPrefix("warning: ./lin.step-000018.h5: ") || lines[1].hasPrefix("warning: lin.step-000018.h5: "))
    #expect(lines[2].hasSuffix("lin.step-000015.h5 instead [damaged-checkpoint]"))
    #expect(try place.bytes("lin.h5") == whole)
    for file in place.names where file.hasPrefix("lin") && file.hasSuffix(".h5") { try place.write("", file) }
    #expect(try place.run("train", "lin.flow", "--resume").code == 65)
  }

  @Test func `no better epoch for a while is the end`() throws {
    let place = try workplace("  stop: early(on: \"validation.rows\", patience: 2)\n")
    let outcome = try place.run("train", "lin.flow", "--json", "--epochs", "50")
    #expect(try outcome.lines().map { $0["event"] as? String } == ["epoch", "epoch", "epoch", "done"])
    #expect(try outcome.lines().last?["reason"] as? String == "early")
    #expect(outcome.errors.hasPrefix("") && place.exists("lin.h5"))
    let again = try place.run("train", "lin.flow", "--resume", "--epochs", "50", "--json")
    #expect(try again.lines().map { $0["event"] as? String } == ["done"])
  }

  @Test func `batches whose gradients are averaged are as good as one`() throws {
    let place = try workplace("  shuffle: false\n")
    let plain = Regression.graph.replacingOccurrences(of: " + 0.01 * noise", with: "")
      .replacingOccurrences(of: "momentum(lr: 0.05)", with: "adam(lr: 0.05)\n  clip_norm: 0.5\n  shuffle: false")
    try place.write(plain, "one.flow")
    try place.write(plain.replacingOccurrences(of: "  batch: 8\n", with: "  batch: 3\n  accumulate: 3\n"), "many.flow")
    try place.write(plain.replacingOccurrences(of: "  batch: 8\n", with: "  batch: 9\n"), "one.flow")
    for name in ["one", "many"] { #expect(try place.run("train", "\(name).flow", "-q").code == 0) }
    // 40 rows: four steps of nine and one of four an epoch, in one batch or in two.
    #expect(try step("many.h5", place) == 20 && step("one.h5", place) == 20)
    for name in ["params/w", "params/b"] {
      #expect(
        try place.run("inspect", "many.h5", "--tensor", name, "--json").code == 0)
    }
    #expect(try place.run("export", "one.h5", "-o", "one.npz", "-q").code == 0)
    try place.write("input w: f32[3] = load(\"many.h5\", \"params/w\")\noutput w\n", "w.flow")
    #expect(try place.run("run", "w.flow", "--expect", "one.npz", "--rtol", "1e-3", "-q").code == 0)
    #expect(try place.run("inspect", "many.h5").output.contains("@sum") == false)
    let whole = try place.bytes("many.h5")
    for steps in ["3", "7", "20"] {
      let more = steps == "3" ? ["--force"] : ["--resume"]
      let process = try place.process(Workplace.program, ["train", "many.flow", "-q", "--steps", steps] + more)
      try process.run()
      #expect(try place.outcome(process).code == 0)
    }
    #expect(try place.bytes("many.h5") == whole)
  }

  /// A folder `small` on a disk of its own; false, with a notice, where none can be mounted.
  private func mount(_ size: String, in place: Workplace) throws -> Bool {
    try FileManager.default.createDirectory(atPath: place.path("small"), withIntermediateDirectories: false)
    let isMounted = try place.shell("mount -t tmpfs -o size=\(size) tmpfs small").code == 0
    if !isMounted { print("notice: no small disk can be mounted here, a test of a full one is skipped") }
    return isMounted
  }

  @Test func `a disk that cannot hold a checkpoint is told before the training`() throws {
    let place = try Regression.workplace()
    guard try mount("16k", in: place) else { return }
    defer { _ = try? place.shell("umount small") }
    let outcome = try place.run("train", "lin.flow", "--checkpoint", "small/c.h5", "--json")
    #expect(outcome.code == 74 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("small/c.h5: input/output error: no space left: about "))
  }

  @Test(.timeLimit(.minutes(2)))
  func `a disk that fills up during the training leaves the last checkpoint`() throws {
    let place = try Regression.workplace()
    guard try mount("512k", in: place) else { return }
    defer { _ = try? place.shell("umount small") }
    let arguments = ["train", "lin.flow", "--checkpoint", "small/c.h5", "--epochs", "100000000", "-q"]
    let process = try place.process(Workplace.program, arguments)
    try process.run()
    while process.isRunning, !place.exists("small/c.h5") { Thread.sleep(forTimeInterval: 0.01) }
    // Several times, for what the last save freed is free again.
    let other = try Workplace()
    while process.isRunning { try other.shell("cat /dev/zero >>'\(place.path("small/filler"))' 2>&1") }
    let outcome = try place.outcome(process)
    #expect(process.terminationReason == .exit && outcome.code == 74, "\(outcome.errors)")
    #expect(outcome.errors.contains("small/c.h5: input/output error: no space left on device"), "\(outcome.errors)")
    let saved = try #require(try step("small/c.h5", place))
    try FileManager.default.removeItem(atPath: place.path("small/filler"))
    #expect(try place.run(arguments + ["--resume", "--steps", "\(saved + 1)"]).code == 0)
    #expect(try step("small/c.h5", place) == saved + 1)
  }

  @Test(.enabled(if: Interpreter.has("tensorboard")))
  func `TensorBoard reads the metrics`() throws {
    let place = try Regression.workplace()
    #expect(try place.run("train", "lin.flow", "--tensorboard", "runs/a", "-q").code == 0)
    let outcome = try Interpreter.run(
      """
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      a = EventAccumulator('runs/a'); a.Reload()
      assert sorted(a.Tags()['scalars'])[:2] == ['training/loss', 'training/minimize'], a.Tags()
      assert [e.step for e in a.Scalars('validation/minimize')] == [5, 10, 15, 20]
      """, in: place)
    #expect(outcome.code == 0, "\(outcome.errors)")
  }
}
