import Foundation
import Testing

/// What appears on a terminal: a moving line and colour, unless they are not wanted.
struct TerminalTests {
  /// Runs a line on a terminal of its own, with all that it shows.
  private func onTerminal(_ place: Workplace, _ line: String, _ variables: String) throws -> String? {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/script") else { return nil }
    return try place.shell("\(variables) script -qec '\"$FLOWRUN\" \(line)' /dev/null").output
  }

  private static let slow = """
    param w: f32[256, 256] = glorot_uniform
    h = w
    repeat 20 {
      h = tanh(h @ w)
    }
    loss = sum(h ** 2)
    train {
      minimize: loss
      optimizer: sgd(lr: 1e-6)
      steps: 100_000
    }

    """

  @Test func `progress moves on one line, with rate and remaining time`() throws {
    let place = try Workplace()
    try place.write(Self.slow, "slow.flow")
    let line = "train slow.flow --no-checkpoint --time-limit 1"
    guard let moving = try onTerminal(place, line, "TERM=xterm NO_COLOR=") else { return }
    #expect(moving.contains(#/\r\x1B\[Kstep \d+/100000  loss \S+  \S+ steps/s  ETA [\d:]+/#), "\(moving)")
    for variables in ["TERM=dumb", "TERM=xterm NO_COLOR=1"] {
      let plain = try onTerminal(place, line, variables) ?? ""
      #expect(!plain.contains("\u{1B}") && plain.contains("out of time"), "\(variables): \(plain)")
    }
    let never = try onTerminal(place, line + " --color never", "TERM=xterm NO_COLOR=") ?? ""
    #expect(!never.contains("\u{1B}"))
  }

  @Test func `messages are coloured on a terminal, or where it is asked for`() throws {
    let place = try Workplace()
    try place.write("x = 1 +\n", "bad.flow")
    #expect(try !place.run("check", "bad.flow").errors.contains("\u{1B}["))
    #expect(try place.run("check", "bad.flow", "--color", "always").errors.contains("\u{1B}["))
    guard let shown = try onTerminal(place, "check bad.flow", "TERM=xterm NO_COLOR=") else { return }
    #expect(shown.contains("\u{1B}["))
    #expect(try onTerminal(place, "check bad.flow", "TERM=xterm NO_COLOR=1")?.contains("\u{1B}[") == false)
  }
}
