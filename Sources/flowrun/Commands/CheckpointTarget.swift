import Flow
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowTraining

/// Where a training saves, and what may be there already.
struct CheckpointTarget {
  /// nil for nowhere.
  let path: String?
  private let resumes: Bool
  private let replaces: Bool

  init(_ command: TrainCommand, _ bench: Workbench, _ settings: TrainingSettings) {
    let named = command.checkpoint ?? (command.resume && bench.file.checkpoint != nil ? bench.file.path : nil)
    let standard = settings.checkpoint ?? "\(bench.file.path == "-" ? "stdin" : Path.stem(of: bench.file.path)).h5"
    path = command.noCheckpoint ? nil : named ?? standard
    resumes = command.resume
    replaces = command.force
  }

  /// Refuses, before any work, what would lose something.
  func check(_ settings: TrainingSettings, _ file: GraphFile) throws(Failure) {
    guard let path else { return }
    for request in requests(settings) where Path.absolute(file.located(request.path)) == Path.absolute(path) {
      throw Failure(
        .badData, id: "bad-checkpoint", "the checkpoint '\(path)' is also a source of data", at: request.span,
        help: "--checkpoint another.h5")
    }
    let exists = Path.exists(path)
    if resumes && !exists {
      throw Failure(.missingInput, id: "missing-file", "\(path): no checkpoint to resume from", help: "train without --resume first")
    }
    if exists && !resumes && !replaces {
      throw Failure(
        .cannotCreate, id: "exists", "\(path): there is a checkpoint already",
        help: "--resume goes on from it, --force starts over, --checkpoint names another")
    }
    try failing { () throws(FileError) in try AtomicFile.checkWritable(path) }
  }

  func load() throws(Failure) -> Checkpoint? {
    guard let path else { return nil }
    return try failing { () throws(FileError) in try Checkpoint(reading: path) }
  }

  /// Says what differs between the checkpoint and what goes on from it.
  func reportChanges(since checkpoint: Checkpoint, _ plan: TrainingPlan, _ console: Console) {
    let progress = checkpoint.progress
    console.say("resuming \(path ?? "") after step \(progress.step), epoch \(progress.epoch)")
    if checkpoint.source != plan.source { console.say("warning: the graph file has changed since the checkpoint") }
    if progress.seed != plan.seed { console.say("warning: the seed was \(progress.seed), now \(plan.seed)") }
  }

  private func requests(_ settings: TrainingSettings) -> [DataRequest] {
    var requests = [settings.data].compactMap(\.self)
    if case .data(let request)? = settings.validation { requests.append(request) }
    return requests
  }
}
