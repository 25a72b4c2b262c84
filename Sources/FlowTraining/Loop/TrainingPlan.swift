package import FlowFiles
package import FlowGraph
package import FlowLanguage

/// Everything that decides how a training goes: the file's settings with what the command line overrides.
package struct TrainingPlan: Sendable {
  package var graphName: String
  /// The text that checkpoints carry.
  package var source: String
  package var registry: Registry
  /// Resolved with `training` true.
  package var program: Program
  /// Resolved with `training` false: for validation.
  package var evaluation: Program
  package var settings: TrainingSettings
  package var evaluationSettings: TrainingSettings
  package var seed: Int64
  /// How many epochs and steps there are to be in total; whichever ends first.
  package var epochs: Int?
  package var steps: Int?
  /// Where and when to save; nil for nowhere.
  package var saving: TrainingSettings.Saving?
  /// A path of the file's, as seen from the working folder.
  package var resolvePath: @Sendable (String) -> String
  /// The formats of plugins that its data may be in.
  package var formats: [TensorFormat] = []
  /// Seconds after which training stops.
  package var timeLimit: Double?

  /// - Precondition: both programs have a `train` block.
  package init?(graphName: String, source: String, registry: Registry, program: Program, evaluation: Program) {
    guard let settings = program.training, let evaluationSettings = evaluation.training else { return nil }
    self.graphName = graphName
    self.source = source
    self.registry = registry
    self.program = program
    self.evaluation = evaluation
    self.settings = settings
    self.evaluationSettings = evaluationSettings
    seed = settings.seed
    (epochs, steps) = (settings.epochs, settings.steps)
    saving = settings.saving
    resolvePath = { $0 }
  }

  /// Where to save; nil for nowhere.
  package var checkpoint: String? {
    get { saving?.path }
    set {
      guard let newValue else {
        saving = nil
        return
      }
      saving?.path = newValue
      saving = saving ?? TrainingSettings.Saving(path: newValue)
    }
  }

  /// The epochs after which training ends; nil where only steps end it. Neither given: one epoch.
  var lastEpoch: Int? { epochs ?? (steps == nil ? 1 : nil) }

  /// The steps after which training ends; nil where there is no such number.
  func totalSteps(batchesPerEpoch: Int) -> Int? {
    let stepsPerEpoch = (batchesPerEpoch - 1) / settings.accumulate + 1
    let byEpochs = lastEpoch.map { $0.multipliedReportingOverflow(by: stepsPerEpoch) }
    let epochs = byEpochs.flatMap { $0.overflow ? nil : $0.partialValue }
    return [epochs, steps].compactMap(\.self).min()
  }
}
