package import FlowFiles
package import FlowLanguage

/// The files of one training: the latest state, and beside it earlier ones and the best.
package struct CheckpointFiles: Sendable {
  private let saving: TrainingSettings.Saving
  private let folder: String
  private let stem: String
  private let ending: String

  package init(_ saving: TrainingSettings.Saving) {
    self.saving = saving
    folder = Path.folder(of: saving.path)
    stem = Path.stem(of: saving.path)
    let name = Path.lastPart(of: saving.path)
    ending = String(name.dropFirst(stem.count))
  }

  package var latest: String { saving.path }
  private var best: String { Path.joining(folder, "\(stem).best\(ending)") }

  private func file(step: Int) -> String {
    let digits = String(step)
    return Path.joining(
      folder, stem + Self.mark + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ending)
  }

  private static let mark = ".step-"

  /// The step in the name of an earlier state.
  private func step(in name: String) -> Int? {
    guard name.hasPrefix(stem + Self.mark), name.hasSuffix(ending) else { return nil }
    let digits = name.dropFirst(stem.count + Self.mark.count).dropLast(ending.count)
    return digits.count >= 6 && digits.allSatisfy({ $0.isASCII && $0.isNumber }) ? Int(digits) : nil
  }

  /// The earlier states that are there, the oldest first.
  private var kept: [(step: Int, path: String)] {
    Folder.names(in: folder).compactMap { name in step(in: name).map { ($0, Path.joining(folder, name)) } }
      .sorted { $0.0 < $1.0 }
  }

  // MARK: Before the training

  /// Removes what a killed training left half written. To be called by whoever holds the lock.
  package func removeOrphans() {
    let names = [latest, best].map { String(Path.lastPart(of: $0)) }
    AtomicFile.removeOrphans(in: folder) { names.contains($0) || step(in: $0) != nil }
  }

  /// Proves that what is saved next fits on the disk.
  package func checkRoom(_ byteCount: Int) throws(FileError) {
    let count = 1 + (saving.keep == nil ? 0 : 1) + (saving.best == nil ? 0 : 1)
    let (bytes, overflow) = byteCount.multipliedReportingOverflow(by: count)
    try AtomicFile.checkRoom(overflow ? .max : bytes, for: latest)
  }

  /// Whether a state is there to go on from.
  package var isThere: Bool {
    Path.exists(latest) || saving.keep != nil && !kept.isEmpty || saving.best != nil && Path.exists(best)
  }

  /// The newest state that is intact, and why newer ones are not.
  ///
  /// - Fails: with the reason of the latest, where none is intact.
  package func newestIntact() throws(FileError) -> (
    checkpoint: Checkpoint, path: String, skipped: [FileError]
  ) {
    var skipped: [FileError] = []
    let others = kept.reversed() + (Checkpoint.step(of: best).map { [($0, best)] } ?? [])
    for path in [latest] + others.sorted(by: { $0.0 > $1.0 }).map(\.1) {
      do {
        return (try Checkpoint(reading: path), path, skipped)
      } catch {
        skipped.append(error)
      }
    }
    throw skipped[0]
  }

  // MARK: Saving

  /// Saves a state; a file is deleted only once a newer one was read back.
  ///
  /// - Parameters:
  ///   - isKept: whether the state is also one of the `keep` earlier ones.
  ///   - isBest: whether it is also the best so far.
  package func save(_ checkpoint: Checkpoint, isKept: Bool, isBest: Bool) throws(FileError) {
    let bytes = try checkpoint.bytes(for: latest)
    try AtomicFile.write(bytes, to: latest)
    if isBest, saving.best != nil { try AtomicFile.write(bytes, to: best) }
    guard isKept, let keep = saving.keep else { return }
    let step = checkpoint.progress.step
    try AtomicFile.write(bytes, to: file(step: step))
    // Those of later steps are of a training that this one replaces.
    let own = kept.filter { $0.step <= step }
    let old = kept.filter { $0.step > step } + own.dropLast(keep)
    if old.isEmpty { return }
    _ = try Checkpoint(reading: file(step: step))
    for (_, path) in old { Folder.remove(path) }
  }
}
