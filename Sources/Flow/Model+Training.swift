import FlowFiles
import FlowLanguage
import FlowTraining

extension Model {
  /// The averages over an epoch, weighted by rows.
  public struct Metrics: Sendable {
    public let loss: Double
    /// What the file reports, by name.
    public let report: [String: Double]
  }

  /// What `train` tells of an epoch.
  public struct Epoch: Sendable {
    /// Counted from 1.
    public let number: Int
    /// The steps done so far.
    public let step: Int
    public let training: Metrics
    /// nil where the file names no validation.
    public let validation: Metrics?
  }

  /// Trains as the file's `train` block says, from the model's parameters on; the model has the trained ones afterwards.
  ///
  /// - Parameters:
  ///   - epochs: how many in total; nil for the file's.
  ///   - steps: how many in total; nil for the file's.
  ///   - checkpoint: where to save, replacing what is there; nil for nowhere.
  ///   - onEpoch: called after each epoch; false ends the training.
  /// - Fails: where the file has no `train` block, data cannot be read, a step fails, or the loss is no longer finite.
  public mutating func train(
    epochs: Int? = nil, steps: Int? = nil, checkpoint: String? = nil, onEpoch: (Epoch) -> Bool = { _ in true }
  ) throws(ModelError) {
    do {
      var plan = try plan(savingTo: checkpoint)
      if let epochs { plan.epochs = epochs }
      if let steps { plan.steps = steps }
      let state = try evaluation.state(for: plan.program.graph)
      let loop = try TrainingLoop(plan, state: state, executor: evaluation.executor)
      var step = 0
      while let event = try loop.next() {
        if case .done(_, let last, _) = event { step = last }
        if case .epoch(let epoch) = event, !onEpoch(Epoch(epoch)) { loop.stop(.interrupted) }
      }
      evaluation.weights = .trained(loop.state, step: step)
    } catch {
      throw ModelError(error, sources)
    }
  }

  private func plan(savingTo checkpoint: String?) throws(Failure) -> TrainingPlan {
    var sources = sources
    let training = try evaluation.file.resolve(
      evaluation.registry, ResolveOptions(isTraining: true), into: &sources)
    let file = evaluation.file
    let plan = TrainingPlan(
      graphName: file.name, source: file.source(for: checkpoint.map { Path.folder(of: $0) } ?? "."),
      registry: evaluation.registry, program: training,
      evaluation: evaluation.program)
    guard var plan else {
      throw Failure(.badData, id: "no-train-block", "\(file.path): the file has no train block")
    }
    plan.seed = evaluation.seed
    plan.checkpoint = checkpoint
    plan.resolvePath = { file.located($0) }
    plan.formats = file.formats
    return plan
  }
}

extension Model.Epoch {
  init(_ epoch: TrainingEvent.Epoch) {
    self.init(
      number: epoch.number, step: epoch.step, training: Model.Metrics(epoch.training),
      validation: epoch.validation.map(Model.Metrics.init))
  }
}

extension Model.Metrics {
  init(_ metrics: TrainingEvent.Metrics) {
    self.init(
      loss: metrics.minimize, report: Dictionary(metrics.report.map { ($0.name, $0.value) }) { first, _ in first })
  }
}
