import FlowTraining

/// What a training says while it runs: one moving line on a terminal, elsewhere a plain line at intervals.
struct Progress {
  private let console: Console
  private let clock = ContinuousClock()
  private let started: ContinuousClock.Instant
  private var shown: ContinuousClock.Instant?
  private var isLineOpen = false
  private let firstStep: Int

  /// Seconds between two plain lines.
  private static let plainInterval = 10.0
  private static let movingInterval = 0.1

  init(_ console: Console, firstStep: Int) {
    self.console = console
    self.firstStep = firstStep
    started = clock.now
  }

  var seconds: Double { started.duration(to: clock.now).inSeconds }

  /// A step is done.
  mutating func step(_ step: Int, total: Int?, loss: Double) {
    guard !console.isQuiet else { return }
    let interval = console.isInteractive ? Self.movingInterval : Self.plainInterval
    let last = shown ?? started
    guard last.duration(to: clock.now).inSeconds >= interval else { return }
    shown = clock.now
    let line = text(step, total, loss)
    if console.isInteractive {
      console.sayInPlace("\r\u{1B}[K\(line)")
      isLineOpen = true
    } else {
      console.say(line)
    }
  }

  /// Ends the moving line, so that a whole one can follow.
  mutating func close() {
    guard isLineOpen else { return }
    console.sayInPlace("\r\u{1B}[K")
    isLineOpen = false
  }

  private func text(_ step: Int, _ total: Int?, _ loss: Double) -> String {
    let rate = Double(step - firstStep) / max(seconds, 1e-9)
    var text = "step \(step)\(total.map { "/\($0)" } ?? "")  loss \(shortText(loss))  \(shortText(rate)) steps/s"
    if let total, rate > 0 { text += "  ETA \(durationText(Double(total - step) / rate))" }
    return text
  }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// A number with so many significant digits.
func shortText(_ value: Double, digits: Int = 4) -> String {
  guard value.isFinite, value != 0 else { return "\(value)" }
  let least = (1..<digits).reduce(1.0) { power, _ in power * 10 }
  var scale = 1.0
  var magnitude = value.magnitude
  while magnitude < least && scale < 1e18 { (magnitude, scale) = (magnitude * 10, scale * 10) }
  let rounded = (value * scale).rounded() / scale
  return rounded == rounded.rounded() && rounded.magnitude < 1e15 ? "\(Int(rounded))" : "\(rounded)"
}

/// Seconds as `1:05` or `2:03:04`.
func durationText(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "?" }
  let whole = Int(seconds.rounded(.up))
  func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  let (hours, minutes) = (whole / 3600, whole / 60 % 60)
  return hours > 0 ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
}
