import Flow
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowTraining

/// Where a training saves, and what may be there already.
struct CheckpointTarget {
  /// nil for nowhere.
  let path: String?
  /// With what the file says of when and what to keep.
  let saving: TrainingSettings.Saving?
  private let files: CheckpointFiles?
  private let resumes: Bool
  private let replaces: Bool

  init(_ command: TrainCommand, _ bench: Workbench, _ settings: TrainingSettings) {
    let named = command.checkpoint ?? (command.resume && bench.file.checkpoint != nil ? bench.file.path : nil)
    let standard = settings.saving?.path ?? "\(bench.file.path == "-" ? "stdin" : Path.stem(of: bench.file.path)).h5"
    let path = command.noCheckpoint ? nil : named ?? standard
    self.path = path
    saving = path.map { path in
      var saving = settings.saving ?? TrainingSettings.Saving(path: path)
      saving.path = path
      return saving
    }
    files = saving.map(CheckpointFiles.init)
    resumes = command.resume
    replaces = command.force
  }

  /// Refuses, before any work, what would lose something.
  func check(_ settings: TrainingSettings, _ file: GraphFile) throws(Failure) {
    guard let path else { return }
    if file.checkpoint == nil, file.path != "-", Path.isSame(file.path, path) {
      throw Failure(.badData, id: "bad-checkpoint", "the checkpoint '\(path)' is the graph file itself")
    }
    for request in requests(settings) where Path.isSame(file.located(request.path), path) {
      throw Failure(
        .badData, id: "bad-checkpoint", "the checkpoint '\(path)' is also a source of data", at: request.span,
        help: "--checkpoint another.h5")
    }
    if file.readPaths.contains(where: { Path.isSame($0, path) }) {
      throw Failure(
        .badData, id: "bad-checkpoint", "the checkpoint '\(path)' is also a file that the graph loads",
        help: "--checkpoint another.h5")
    }
    let exists = files?.isThere ?? false
    if resumes && !exists {
      throw Failure(
        .missingInput, id: "missing-file", "\(path): no checkpoint to resume from", help: "train without --resume first"
      )
    }
    if exists && !resumes && !replaces {
      throw Failure(
        .cannotCreate, id: "exists", "\(path): there is a checkpoint already",
        help: "--resume goes on from it, --force starts over, --checkpoint names another")
    }
    try failing { () throws(FileError) in try AtomicFile.checkWritable(path) }
  }

  /// Keeps others from saving to the same place until what is returned goes; nil where nothing is saved.
  func lock() throws(Failure) -> FileLock? {
    guard let path else { return nil }
    guard let lock = try failing({ () throws(FileError) in try FileLock(for: path) }) else {
      throw Failure(.busy, id: "busy", "\(path): another process is writing this checkpoint")
    }
    files?.removeOrphans()
    return lock
  }

  /// The newest state that is intact; says which newer ones are not.
  func load(_ console: Console) throws(Failure) -> Checkpoint? {
    guard let files else { return nil }
    let (checkpoint, path, skipped) = try failing { () throws(FileError) in try files.newestIntact() }
    for fault in skipped { console.say("warning: \(fault.description): skipped [damaged-checkpoint]") }
    if !skipped.isEmpty { console.say("warning: going on from \(path) instead [damaged-checkpoint]") }
    return checkpoint
  }

  /// Says what differs between the checkpoint and what goes on from it.
  func reportChanges(since checkpoint: Checkpoint, _ plan: TrainingPlan, _ console: Console) {
    let progress = checkpoint.progress
    console.say("resuming \(path ?? "") after step \(progress.step), epoch \(progress.epoch)")
    if checkpoint.source != plan.source {
      let lines = LineChanges(from: checkpoint.source, to: plan.source).lines(most: 10)
      console.say(
        (["warning: the graph has changed since the checkpoint:"] + lines.map { "  \($0)" }).joined(separator: "\n"))
    }
  }

  private func requests(_ settings: TrainingSettings) -> [DataRequest] {
    var requests = [settings.data].compactMap(\.self)
    if case .data(let request)? = settings.validation { requests.append(request) }
    return requests
  }
}
