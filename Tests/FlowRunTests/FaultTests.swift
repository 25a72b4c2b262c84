import Foundation
import Testing

/// Whatever a system call says while a checkpoint is saved: an error, the checkpoint before it intact, and no crash.
@Suite(.serialized)
struct FaultTests {
  private static let source =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Faults/faults.c").path

  /// A library that makes calls fail, built for the test; nil where there is no C compiler.
  private func library(_ place: Workplace) throws -> String? {
    let path = place.path("faults.so")
    let built = try place.shell("cc -shared -fPIC -o '\(path)' '\(Self.source)' -ldl")
    if built.code != 0 { print("notice: no C compiler, a test of failing system calls is skipped: \(built.errors)") }
    return built.code == 0 ? path : nil
  }

  /// The function, the error's number, and whether the training ends well all the same.
  static let faults: [(function: String, number: Int32, isHarmless: Bool)] = [
    ("open", EIO, false), ("write", EIO, false), ("write", ENOSPC, false), ("write", 0, true), ("fsync", EIO, false),
    ("rename", EIO, false), ("close", EIO, false),
  ]

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self")), arguments: faults)
  func `each call in turn`(_ fault: (function: String, number: Int32, isHarmless: Bool)) throws {
    let place = try Regression.workplace()
    guard let library = try library(place) else { return }
    try FileManager.default.createDirectory(atPath: place.path("checkpoints"), withIntermediateDirectories: false)
    func train(_ epochs: String, _ variables: [String: String] = [:]) throws -> Outcome {
      try place.run(
        "train", "lin.flow", "--checkpoint", "checkpoints/c.h5", "--resume", "--epochs", epochs, "-q",
        variables: variables)
    }
    try place.run("train", "lin.flow", "--checkpoint", "checkpoints/c.h5", "--epochs", "1", "-q")
    let before = try place.bytes("checkpoints/c.h5")
    #expect(try train("2").code == 0)
    let after = try place.bytes("checkpoints/c.h5")
    var count = 0
    while count < 40 {
      try before.write(to: URL(fileURLWithPath: place.path("checkpoints/c.h5")))
      try? FileManager.default.removeItem(atPath: place.path("fired"))
      let outcome = try train(
        "2",
        [
          "LD_PRELOAD": library, "FLOW_FAULT": "\(fault.function) \(count + 1) \(fault.number)",
          "FLOW_FAULT_FIRED": place.path("fired"),
        ])
      guard place.exists("fired") else { break }
      count += 1
      let now = try place.bytes("checkpoints/c.h5")
      // Nothing is lost where the folder, already flushed, does not close.
      let isHarmless = fault.isHarmless || fault.function == "close" && now == after
      #expect(outcome.code == 74 || isHarmless && outcome.code == 0, "call \(count): \(outcome.errors)")
      #expect(now == before && !fault.isHarmless || now == after, "call \(count)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("checkpoints")) == ["c.h5"])
    }
    #expect(count > 0 && count < 40)
    #expect(try train("2").code == 0 && place.bytes("checkpoints/c.h5") == after)
  }

  /// Long by FLOW_KILL_COUNT: see Scripts/kill-while-saving.
  @Test func `killed at any moment, it goes on from what it said was saved`() throws {
    let kills = ProcessInfo.processInfo.environment["FLOW_KILL_COUNT"].flatMap(Int.init) ?? 12
    let place = try Regression.workplace()
    var acknowledged = 0
    for kill in 0..<kills {
      let process = try place.process(
        Workplace.program,
        ["train", "lin.flow", "-v", "--epochs", "100000000", "--set", "train.optimizer.lr=0.0001"]
          + (place.exists("lin.h5") ? ["--resume"] : []))
      try process.run()
      Thread.sleep(forTimeInterval: Double.random(in: 0.05...0.35))
      Foundation.kill(process.processIdentifier, SIGKILL)
      let outcome = try place.outcome(process)
      try #require(process.terminationReason == .uncaughtSignal, "kill \(kill): \(outcome.errors)")
      let saved = outcome.errors.split(separator: "\n").last {
        $0.hasPrefix("saved lin.h5 after step ") && $0.last != " "
      }
      if let step = saved?.split(separator: " ").last.flatMap({ Int($0) }) { acknowledged = step }
      guard place.exists("lin.h5") else { continue }
      let attributes = try place.run("inspect", "lin.h5", "--json").json()["attributes"] as? [String: Any]
      let step = try #require(attributes?["step"] as? Int, "kill \(kill)")
      // The last line may be cut off in the middle of a number.
      #expect(step >= acknowledged || String(acknowledged).hasPrefix(String(step)), "kill \(kill)")
      acknowledged = min(acknowledged, step)
    }
    #expect(acknowledged > 0)
    let last = try place.run("train", "lin.flow", "--resume", "--epochs", "1", "-q")
    #expect(last.code == 0, "\(last.errors)")
    #expect(place.names.allSatisfy { !$0.contains("tmp-") && !$0.contains("lock") }, "\(place.names)")
  }
}
