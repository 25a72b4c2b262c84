import Foundation
import Testing

/// A training that was stopped and resumed ends in the same bytes as one that was not.
@Suite(.timeLimit(.minutes(2)))
struct StopTests {
  /// The checkpoint of a training that nobody stopped.
  private func whole(_ place: Workplace, _ arguments: [String] = []) throws -> Data {
    let process = try place.process(
      Workplace.program, ["train", "lin.flow", "--checkpoint", "whole.h5", "-q"] + arguments)
    try process.run()
    let outcome = try place.outcome(process)
    try #require(outcome.code == 0, "\(outcome.errors)")
    return try place.bytes("whole.h5")
  }

  @Test(arguments: [1, 4, 5, 6, 10, 13, 19, 20])
  func `after any number of steps`(_ steps: Int) throws {
    let place = try Regression.workplace()
    let whole = try whole(place)
    #expect(try place.run("train", "lin.flow", "--steps", "\(steps)", "--threads", "1", "-q").code == 0)
    #expect(try place.run("train", "lin.flow", "--resume", "--threads", "4", "-q").code == 0)
    #expect(try place.bytes("lin.h5") == whole)
  }

  @Test func `step by step, from the checkpoint alone`() throws {
    let place = try Regression.workplace()
    let whole = try whole(place, ["--steps", "12", "--seed", "9"])
    #expect(try place.run("train", "lin.flow", "--seed", "9", "--steps", "0", "-q").code == 0)
    for steps in 1...12 {
      #expect(try place.run("train", "lin.h5", "--resume", "--steps", "\(steps)", "-q").code == 0)
    }
    #expect(try place.bytes("lin.h5") == whole)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `by a signal at any moment`(_ signal: Int32) throws {
    let place = try Regression.workplace()
    let epochs = ["--epochs", "150", "--set", "train.optimizer.lr=0.001"]
    let whole = try whole(place, epochs)
    var stops = 0
    var arguments = ["train", "lin.flow", "-q"] + epochs
    var generator = SystemRandomNumberGenerator()
    while stops < 200 {
      let process = try place.process(Workplace.program, arguments)
      try process.run()
      let delay = Double.random(in: 0.02...0.4, using: &generator)
      Thread.sleep(forTimeInterval: delay)
      kill(process.processIdentifier, signal)
      let outcome = try place.outcome(process)
      if process.terminationReason == .uncaughtSignal {
        #expect(outcome.code == signal)
      } else if outcome.code == 0 {
        break
      } else {
        #expect(outcome.code == 128 + signal, "after \(delay) s: \(outcome.errors)")
        stops += 1
      }
      if place.exists("lin.h5"), arguments.last != "--resume" { arguments.append("--resume") }
    }
    #expect(stops > 0)
    #expect(try place.bytes("lin.h5") == whole)
    #expect(place.names.allSatisfy { !$0.contains("lock") && !$0.contains("tmp") })
  }

  /// The seconds of processor time that a process has had: unlike time itself, it tells how far it got on a busy machine.
  private func processorTime(of process: Process) -> Double {
    let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
    let fields = text?.split(separator: ")").last?.split(separator: " ") ?? []
    let ticks = fields.count > 12 ? (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0) : 0
    return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/stat")))
  func `a second signal ends a long validation at once`() throws {
    let place = try Workplace()
    try place.write("x = uniform(shape: [2_000_000], dtype: f32)\noutput x, few = x[0:2]\n", "make.flow")
    try #require(try place.run("run", "make.flow", "--output", "d.h5").code == 0)
    try place.write(
      """
      input x: f32[n]
      param w = 0.5
      loss = mse(w * x, x)
      train {
        minimize: loss
        data: hdf5("d.h5", x: "few")
        validation: hdf5("d.h5", x: "x")
        batch: 1
      }

      """, "long.flow")
    let process = try place.process(Workplace.program, ["train", "long.flow", "-q"])
    try process.run()
    // To the validation it takes a tenth of that, and the validation minutes.
    while process.isRunning, processorTime(of: process) < 1 { Thread.sleep(forTimeInterval: 0.02) }
    kill(process.processIdentifier, SIGINT)
    Thread.sleep(forTimeInterval: 0.2)
    try #require(process.isRunning)
    let asked = Date.now
    kill(process.processIdentifier, SIGINT)
    let outcome = try place.outcome(process)
    #expect(process.terminationReason == .uncaughtSignal && outcome.code == SIGINT)
    #expect(Date.now.timeIntervalSince(asked) < 5)
    #expect(!place.exists("long.h5"))
  }

  @Test func `two cannot save to one place`() throws {
    let place = try Regression.workplace()
    let process = try place.process(Workplace.program, ["train", "lin.flow", "-q", "--epochs", "10000000"])
    try process.run()
    while !place.exists("lin.h5") { Thread.sleep(forTimeInterval: 0.02) }
    let other = try Workplace()
    let times = try (0..<3).map { _ in
      try ContinuousClock().measure {
        let refused = try other.run(
          "train", place.path("lin.flow"), "--checkpoint", place.path("lin.h5"), "--force")
        #expect(refused.code == 75 && refused.errors.contains("another process is writing this checkpoint"))
      }
    }
    #expect(try #require(times.min()) < .seconds(1), "\(times)")
    #expect(process.isRunning)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let next = try place.run("train", "lin.flow", "--resume", "--epochs", "1", "-q")
    #expect(next.code == 0, "\(next.errors)")
  }

  @Test func `what changed since is told line by line`() throws {
    let place = try Regression.workplace()
    try place.run("train", "lin.flow", "--steps", "4", "-q")
    let same = try place.run("train", "lin.flow", "--resume", "--steps", "4")
    #expect(same.errors.hasPrefix("resuming lin.h5 after step 4, epoch 0\ndone after 4 steps"))
    let other = try place.run(
      "train", "lin.flow", "--resume", "--set", "train.batch=20", "--seed", "3", "--epochs", "1")
    #expect(
      other.errors.hasPrefix(
        """
        resuming lin.h5 after step 4, epoch 0
        warning: the graph has changed since the checkpoint:
          -   batch: 8
          +   batch: 20
          +   seed: 3

        """), "\(other.errors)")
    #expect(other.code == 0 && other.output.hasPrefix("epoch 1  step 6"))
  }

  @Test func `a time limit saves and says so`() throws {
    let place = try Regression.workplace()
    let outcome = try place.run("train", "lin.flow", "--epochs", "10000000", "--time-limit", "0.3", "--json")
    #expect(outcome.code == 0)
    let last = try #require(try outcome.lines().last)
    #expect(last["reason"] as? String == "time-limit" && last["checkpoint"] as? String == "lin.h5")
    #expect(place.exists("lin.h5"))
  }
}
