import FlowDiagnostics
import FlowFiles
import FlowGraph
import FlowLanguage
package import FlowRuntime
import FlowTensor

/// Trains: a stream of events, each drawn by `next`.
///
/// Between two calls the state is whole; whoever draws may stop at any event, or ask for the end with `stop`.
package final class TrainingLoop {
  private let plan: TrainingPlan
  private let step: TrainingStep
  private let data: TrainingData
  private let session: Session
  /// Of the batches before the last one of a step.
  private let summing: Session?
  private let files: CheckpointFiles?
  private let store: VariableStore
  private let defaults: InputDefaults
  private let validation: MetricsPass?
  /// The reported metrics' own states at their first values.
  private let freshStates: State

  private var progress: Checkpoint.Progress
  private var sums: MetricSums
  private let batchesPerEpoch: Int
  private let totalSteps: Int?
  private var order: [Int] = []
  private var orderedEpoch = -1
  private var pending: [TrainingEvent] = []
  private var savedAt: (step: Int, time: ContinuousClock.Instant)?
  private var reasonToStop: TrainingEvent.Reason?
  private let started = ContinuousClock.now
  private var isDone = false

  /// - Parameters:
  ///   - state: tensors to start from, by variable; the others start from their own first values.
  ///   - progress: where an earlier run stopped.
  package init(
    _ plan: TrainingPlan, state: State = [:], progress: Checkpoint.Progress? = nil, executor: Executor
  ) throws(Failure) {
    self.plan = plan
    step = try TrainingStep(plan.program, plan.settings, registry: plan.registry)
    data = try TrainingData(
      plan.settings, seed: plan.seed, graph: plan.program.graph, formats: plan.formats, resolve: plan.resolvePath)
    let filled = (data.training?.data.filledInputs ?? []).union([step.weight].compactMap(\.self))
    self.progress = data.resuming(progress) ?? Checkpoint.Progress(seed: plan.seed)
    batchesPerEpoch = data.training?.batches.batchCount ?? 1
    totalSteps = plan.totalSteps(batchesPerEpoch: batchesPerEpoch)
    sums = MetricSums(plan.settings, rows: self.progress.rows, sums: self.progress.sums)
    let fetches = [plan.settings.minimize] + plan.settings.report.map(\.value)
    try step.graph.checkFilled(filled, fetching: fetches, step.graph.updates, by: plan.settings.data)
    defaults = try InputDefaults(step.graph, fed: filled, seed: plan.seed, executor: executor)
    let inputs = try Self.inputs(step.graph, data, defaults)
    let first = try Self.firstState(step.graph, plan.seed, state, inputs, executor)
    files = plan.saving.map(CheckpointFiles.init)
    try failing { [files] () throws(FileError) in
      try files?.checkRoom(Checkpoint.byteCount(first, source: plan.source))
    }
    store = VariableStore(first)
    session = Session(
      step.graph, fetching: fetches, updates: step.graph.updates, store: store, executor: executor)
    summing = step.summing.map { [store] in
      Session($0, fetching: fetches, updates: $0.updates, store: store, executor: executor)
    }
    for (variable, tensor) in defaults.fixed {
      session.feed(variable, tensor)
      summing?.feed(variable, tensor)
    }
    let metricStates = Set(plan.settings.report.flatMap(\.states).map { plan.program.graph.variables[$0].name })
    freshStates = try evaluating { [step, plan] () throws(SessionError) in
      try step.graph.initialState(seed: plan.seed, executor: executor) { metricStates.contains($0.name) }
    }
    let held = data.validation
    validation = try held.map { [store] held throws(Failure) in
      try MetricsPass(
        plan.evaluation, plan.evaluationSettings, filled: held.data.filledInputs, from: held.data.request,
        seed: plan.seed, store: store, executor: executor)
    }
    pending = warnings.map(TrainingEvent.warning)
  }

  /// The next event; nil after `done`.
  ///
  /// - Fails: where data cannot be read, a step fails, the loss is no longer finite, or a checkpoint cannot be saved.
  package func next() throws(Failure) -> TrainingEvent? {
    while pending.isEmpty {
      if isDone { return nil }
      try advance()
    }
    return pending.removeFirst()
  }

  /// Ends the training after the step that runs: the state is saved, and `done` follows.
  package func stop(_ reason: TrainingEvent.Reason) { reasonToStop = reason }

  /// Parameters, states and slots as they are now.
  package var state: State { session.state }

  // MARK: One step

  private func advance() throws(Failure) {
    if let reason = reasonToEnd { return try finish(reason) }
    if progress.batch == 0 { beginEpoch() }
    let loss = try runStep()
    progress.step += 1
    pending.append(.step(progress.step, total: totalSteps, loss: loss))
    if progress.batch >= batchesPerEpoch { return try endEpoch() }
    if isStepDue { try save(isKept: true) }
  }

  private var reasonToEnd: TrainingEvent.Reason? {
    if let steps = plan.steps, progress.step >= steps { return .steps }
    if let epochs = plan.lastEpoch, progress.epoch >= epochs { return .epochs }
    if let stop = plan.settings.stop, progress.batch == 0, let standing = progress.history.standing(by: stop.on),
      standing.epochsSinceBest >= stop.patience
    {
      return .early
    }
    if let reasonToStop { return reasonToStop }
    if let limit = plan.timeLimit, started.duration(to: .now) / .seconds(1) >= limit { return .timeLimit }
    return nil
  }

  private func beginEpoch() {
    sums.clear()
    for (name, tensor) in freshStates { store[name] = tensor }
  }

  /// The batches of one step, and the mean of the loss over its rows.
  private func runStep() throws(Failure) -> Double {
    let end = min(progress.batch + plan.settings.accumulate, batchesPerEpoch)
    let loss =
      end - progress.batch == 1
      ? try run(session, rows(ofBatch: progress.batch), number: 0, share: 1) : try runBatches(progress.batch..<end)
    progress.batch = end
    return loss
  }

  private func runBatches(_ range: Range<Int>) throws(Failure) -> Double {
    var batches: [[Int]] = []
    for index in range { batches.append(rows(ofBatch: index)) }
    let rowCount = Double(batches.reduce(0) { $0 + max($1.count, 1) })
    var loss = 0.0
    for (number, rows) in batches.enumerated() {
      let share = Double(max(rows.count, 1)) / rowCount
      let session = number == batches.count - 1 ? session : summing ?? session
      loss += try run(session, rows, number: number, share: share) * share
    }
    return loss
  }

  /// None where there is no data.
  private func rows(ofBatch index: Int) -> [Int] {
    guard let (_, batches) = data.training else { return [] }
    if orderedEpoch != progress.epoch {
      order = batches.order(epoch: progress.epoch)
      orderedEpoch = progress.epoch
    }
    return batches.batch(index, of: order)
  }

  /// One batch of a step; gives its loss.
  private func run(_ session: Session, _ rows: [Int], number: Int, share: Double) throws(Failure) -> Double {
    var batch = try data.training?.data.batch(rows) ?? []
    if let weight = step.weight { batch.append((weight, Tensor(scalar: share))) }
    for (variable, tensor) in batch { session.feed(variable, tensor) }
    for (variable, tensor) in try defaults.changingTensors(beside: batch) { session.feed(variable, tensor) }
    let draw = Int64(progress.step) &* Int64(plan.settings.accumulate) &+ Int64(number)
    session.setCounter(seed: plan.seed, step: Int64(progress.step), draw: draw)
    try evaluating(step: progress.step + 1) { () throws(SessionError) in try session.evaluate() }
    let loss = session.scalar(0) ?? .nan
    if !loss.isFinite { throw notFinite(loss) }
    sums.add(session, rows: max(rows.count, 1))
    session.commit()
    return loss
  }

  private func notFinite(_ loss: Double) -> Failure {
    let graph = plan.program.graph
    let name = graph.title(of: plan.settings.minimize)
    return Failure(
      .badData, id: "not-finite",
      "the loss '\(name)' is \(loss.isNaN ? "nan" : "\(loss)") in step \(progress.step + 1)",
      at: graph.span(of: plan.settings.minimize) ?? plan.settings.span,
      help: "lower the learning rate, or find the first such value with --check-numerics")
  }

  // MARK: Epochs

  private func endEpoch() throws(Failure) {
    let training = sums.metrics
    var held: TrainingEvent.Metrics?
    if let validation, let (data, batches) = data.validation { held = try validation.run(data, batches).metrics }
    progress.epoch += 1
    progress.batch = 0
    note(training, held)
    pending.append(
      .epoch(TrainingEvent.Epoch(number: progress.epoch, step: progress.step, training: training, validation: held)))
    let isBest = plan.saving?.best.flatMap { progress.history.standing(by: $0)?.isBest } ?? false
    if isBest || isSaveDue { try save(isKept: isSaveDue, isBest: isBest) }
  }

  private func note(_ training: TrainingEvent.Metrics, _ held: TrainingEvent.Metrics?) {
    progress.history.append("minimize", training.minimize)
    for (name, value) in training.report { progress.history.append("report/\(name)", value) }
    guard let held else { return }
    progress.history.append("validation/minimize", held.minimize)
    for (name, value) in held.report { progress.history.append("validation/\(name)", value) }
  }

  // MARK: Saving

  private var isStepDue: Bool {
    plan.saving?.every.map { progress.step.isMultiple(of: $0) } ?? false
  }

  /// After so many steps, else every epoch; where an epoch is one step without data, at most once a second.
  private var isSaveDue: Bool {
    guard files != nil else { return false }
    if plan.saving?.every != nil { return isStepDue }
    guard data.training == nil else { return true }
    return savedAt.map { $0.time.duration(to: .now) > .seconds(1) } ?? (started.duration(to: .now) > .seconds(1))
  }

  /// Saves the state, unless a parameter is no longer a number.
  ///
  /// - Parameters:
  ///   - isKept: whether it is one of the earlier states that are kept.
  ///   - isBest: whether its epoch is the best so far.
  private func save(isKept: Bool, isBest: Bool = false) throws(Failure) {
    guard let files, undefinedParameter == nil else { return }
    var progress = progress
    // Between two epochs there is nothing to sum on.
    (progress.rows, progress.sums) = progress.batch == 0 ? (0, []) : (sums.rows, sums.sums)
    let checkpoint = Checkpoint(
      graphName: plan.graphName, source: plan.source, graph: step.graph, state: session.state, progress: progress)
    try failing { () throws(FileError) in try files.save(checkpoint, isKept: isKept, isBest: isBest) }
    savedAt = (progress.step, .now)
    pending.append(.saved(path: files.latest, step: progress.step))
  }

  /// A parameter that a step left without a number: no checkpoint takes the place of one from before.
  private var undefinedParameter: Graph.Variable? {
    guard plan.checkpoint != nil else { return nil }
    return step.graph.variables.first { $0.role == .parameter && store[$0.name]?.hasNaN == true }
  }

  private func finish(_ reason: TrainingEvent.Reason) throws(Failure) {
    if let parameter = undefinedParameter {
      throw Failure(
        .badData, id: "not-finite", "the parameter '\(parameter.name)' is nan after step \(progress.step)",
        at: parameter.span, help: "lower the learning rate; nothing was saved since")
    }
    if savedAt?.step != progress.step { try save(isKept: false) }
    isDone = true
    pending.append(.done(reason, step: progress.step, checkpoint: plan.checkpoint))
  }

  // MARK: Beginning

  private var warnings: [Diagnostic] {
    data.warnings
      + step.untrained.map { name in
        Diagnostic(
          .warning, id: "disconnected", "'\(name)' receives no gradient: the loss does not depend on it",
          at: step.graph.variable(named: name)?.span)
      }
  }

  /// Given tensors, and for the other variables their own first values.
  private static func firstState(
    _ graph: Graph, _ seed: Int64, _ given: State, _ inputs: [Int: Tensor], _ executor: Executor
  ) throws(Failure) -> State {
    let own = try evaluating { () throws(SessionError) in
      try graph.initialState(seed: seed, inputs: inputs, executor: executor) {
        $0.role.isKept && given[$0.name] == nil
      }
    }
    return own.merging(given) { _, tensor in tensor }
  }

  /// The inputs of the first batch, where variables take their sizes from them.
  private static func inputs(
    _ graph: Graph, _ data: TrainingData, _ defaults: InputDefaults
  ) throws(Failure) -> [Int: Tensor] {
    guard graph.variables.contains(where: { $0.role.isKept && $0.type.shape.sizes == nil }) else { return [:] }
    var batch: [(variable: Int, tensor: Tensor)] = []
    if let (data, batches) = data.training { batch = try data.batch(batches.batch(0, of: batches.order(epoch: 0))) }
    return Dictionary((try defaults.tensors(beside: batch) + batch).map { ($0.variable, $0.tensor) }) { $1 }
  }
}
