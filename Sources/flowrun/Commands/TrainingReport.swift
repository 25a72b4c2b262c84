import FlowDiagnostics
import FlowFiles
import FlowTraining

/// Shows the events of a training: lines for a person, or JSON.
struct TrainingReport {
  private let console: Console
  private let name: String
  private let json: Bool
  private let metrics: String?
  private let board: EventFile?
  private let sources: SourceMap
  private var progress: Progress
  /// The last epoch, where it was not shown.
  private var held: TrainingEvent.Epoch?
  /// When an epoch of one step is shown again, in seconds.
  private var nextLine = 0.0

  init(
    _ console: Console, name: String, json: Bool, metrics: String?, board: EventFile?, firstStep: Int,
    _ sources: SourceMap
  ) {
    self.console = console
    self.name = name
    self.json = json
    self.metrics = metrics
    self.board = board
    self.sources = sources
    progress = Progress(console, firstStep: firstStep)
  }

  mutating func close() { progress.close() }

  mutating func show(_ event: TrainingEvent) throws(Failure) {
    switch event {
    case .warning(let diagnostic): console.show([diagnostic], sources)
    case .step(let step, let total, let loss): progress.step(step, total: total, loss: loss)
    case .epoch(let epoch):
      try write(Self.json(epoch, seconds: progress.seconds))
      try failing { () throws(FileError) in try board?.add(Self.scalars(epoch), step: epoch.step) }
      progress.close()
      if !json && isShown(epoch) { try console.print(text(epoch)) }
    case .saved(let path, let step):
      if console.isVerbose { console.say("saved \(path) after step \(step)") }
    case .done(let reason, let step, let checkpoint):
      progress.close()
      if let held { try console.print(text(held)) }
      try write(Self.json(reason, step, checkpoint))
      if !json { console.say(text(reason, step, checkpoint)) }
    }
  }

  /// Every epoch; of epochs of one step the first, one a second, and the last.
  private mutating func isShown(_ epoch: TrainingEvent.Epoch) -> Bool {
    held = nil
    guard !console.isQuiet else { return false }
    guard epoch.number == epoch.step, epoch.number > 1, progress.seconds < nextLine else {
      nextLine = progress.seconds + 1
      return true
    }
    held = epoch
    return false
  }

  private func write(_ event: JSON) throws(Failure) {
    if json { try console.print(event.text) }
    if let metrics { try failing { () throws(FileError) in try FileBytes.append(event.text + "\n", to: metrics) } }
  }

  /// What TensorBoard shows of an epoch.
  private static func scalars(_ epoch: TrainingEvent.Epoch) -> [(name: String, value: Double)] {
    func named(_ metrics: TrainingEvent.Metrics, _ prefix: String) -> [(name: String, value: Double)] {
      [(prefix + "minimize", metrics.minimize)] + metrics.report.map { (prefix + $0.name, $0.value) }
    }
    return named(epoch.training, "training/") + (epoch.validation.map { named($0, "validation/") } ?? [])
  }

  // MARK: JSON

  private static func json(_ epoch: TrainingEvent.Epoch, seconds: Double) -> JSON {
    var members: [(String, JSON)] = [
      ("event", "epoch"), ("epoch", .int(Int64(epoch.number))), ("step", .int(Int64(epoch.step))),
      ("minimize", .double(epoch.training.minimize)), ("report", report(epoch.training)),
    ]
    if let held = epoch.validation {
      members.append(
        (
          "validation",
          .object([("minimize", .double(held.minimize))] + held.report.map { ($0.name, .double($0.value)) })
        ))
    }
    members.append(("seconds", .double((seconds * 1e6).rounded() / 1e6)))
    return .object(members)
  }

  private static func report(_ metrics: TrainingEvent.Metrics) -> JSON {
    .object(metrics.report.map { ($0.name, .double($0.value)) })
  }

  private static func json(_ reason: TrainingEvent.Reason, _ step: Int, _ checkpoint: String?) -> JSON {
    .object([
      ("event", "done"), ("reason", .string(reason.rawValue)), ("step", .int(Int64(step))),
      ("checkpoint", checkpoint.map(JSON.string) ?? .null),
    ])
  }

  // MARK: Text

  private func text(_ epoch: TrainingEvent.Epoch) -> String {
    var parts = ["epoch \(epoch.number)", "step \(epoch.step)"] + Self.texts(epoch.training)
    if let held = epoch.validation { parts += ["| validation"] + Self.texts(held) }
    return parts.joined(separator: "  ")
  }

  private static func texts(_ metrics: TrainingEvent.Metrics) -> [String] {
    ["minimize \(shortText(metrics.minimize))"] + metrics.report.map { "\($0.name) \(shortText($0.value))" }
  }

  private func text(_ reason: TrainingEvent.Reason, _ step: Int, _ checkpoint: String?) -> String {
    let why =
      switch reason {
      case .epochs, .steps: "done"
      case .early: "no better any more: stopped early"
      case .interrupted: "interrupted"
      case .timeLimit: "out of time"
      }
    let saved = checkpoint.map { ", saved in \($0)" } ?? ""
    return "\(why) after \(step) step\(step == 1 ? "" : "s") in \(shortText(progress.seconds)) s\(saved)"
  }
}
