import FlowDiagnostics
import FlowGraph
import FlowTensor

/// The settings of a `train` block: a table of what each is read by.
extension Resolver {
  private struct Draft {
    var minimize: ValueID?
    var report: [TrainingSettings.Report] = []
    var data: DataRequest?
    var validation: TrainingSettings.Validation?
    var optimizer: Definition?
    var clipNorm: Double?
    var batch: Int?
    var epochs: Int?
    var steps: Int?
    var shuffle: Bool?
    var seed: Int64?
    var accumulate: Int?
    var stop: StopDraft?
    var saving: SavingDraft?
  }

  private typealias Reader = (Resolver) -> (Setting, inout Draft) -> Void

  private static var readers: [String: Reader] {
    [
      "minimize": { resolver in { resolver.readMinimize($0, &$1) } },
      "report": { resolver in { resolver.readReport($0, &$1) } },
      "data": { resolver in { $1.data = resolver.request($0.value) } },
      "validation": { resolver in { resolver.readValidation($0, &$1) } },
      "optimizer": { resolver in { $1.optimizer = resolver.optimizer($0.value) } },
      "clip_norm": { resolver in { $1.clipNorm = resolver.positiveNumber($0) } },
      "batch": { resolver in { $1.batch = resolver.positive($0, least: 1) } },
      "epochs": { resolver in { $1.epochs = resolver.positive($0, least: 0) } },
      "steps": { resolver in { $1.steps = resolver.positive($0, least: 0) } },
      "shuffle": { resolver in { $1.shuffle = resolver.flag($0) } },
      "seed": { resolver in
        { $1.seed = resolver.wholeNumber(resolver.evaluate($0.value), "'seed'", at: $0.value.place).map(Int64.init) }
      },
      "accumulate": { resolver in { $1.accumulate = resolver.positive($0, least: 1) } },
      "stop": { resolver in { $1.stop = resolver.stop($0) } },
      "checkpoint": { resolver in { $1.saving = resolver.saving($0) } },
    ]
  }

  func resolveTraining(_ settings: [Setting], at span: SourceSpan) {
    var draft = Draft()
    var seen: [String: SourceSpan] = [:]
    let readers = Self.readers
    for setting in settings {
      let name = setting.name
      if let first = seen.updateValue(name.span, forKey: name.text) {
        report("duplicate-name", "'\(name.text)' is set twice", at: name.span, notes: [.init("first here", at: first)])
      } else if let reader = readers[name.text] {
        reader(self)(setting, &draft)
      } else {
        report(
          "unknown-setting", "no setting named '\(name.text)'", at: name.span,
          help: suggestion(name.text, readers.keys.sorted()))
      }
    }
    if seen["minimize"] == nil { report("missing-setting", "a train block needs 'minimize'", at: span) }
    guard let minimize = draft.minimize, let optimizer = draft.optimizer ?? standardOptimizer(at: span) else { return }
    training = TrainingSettings(
      minimize: minimize, report: draft.report, data: draft.data, validation: draft.validation, optimizer: optimizer,
      clipNorm: draft.clipNorm, batch: draft.batch, epochs: draft.epochs, steps: draft.steps,
      accumulate: draft.accumulate ?? 1, shuffle: draft.shuffle ?? true, seed: draft.seed ?? 0,
      stop: draft.stop.flatMap { stop in
        metric(stop.on, draft).map { TrainingSettings.EarlyStop(on: $0, patience: stop.patience) }
      }, saving: draft.saving.map { saving($0, draft) }, span: span)
  }

  private func saving(_ saving: SavingDraft, _ draft: Draft) -> TrainingSettings.Saving {
    TrainingSettings.Saving(
      path: saving.path, every: saving.every, keep: saving.keep, best: saving.best.flatMap { metric($0, draft) })
  }

  private func metric(_ metric: MetricDraft, _ draft: Draft) -> TrainingSettings.Metric? {
    self.metric(metric, reported: draft.report.map(\.name), hasValidation: draft.validation != nil)
  }

  // MARK: Values

  private func readMinimize(_ setting: Setting, _ draft: inout Draft) {
    prepareScopes(variable: setting.name.text, [setting.value])
    guard let value = tensor(evaluate(setting.value), as: nil, at: setting.value.place) else { return }
    guard value.shape.rank == 0, value.dtype.isFloating else {
      return report(
        "not-a-scalar", "'minimize' needs a floating scalar, not \(value.type)", at: setting.value.place,
        help: value.shape.rank == 0 ? "cast it to f32" : "sum or mean it")
    }
    draft.minimize = value.id
  }

  private func readReport(_ setting: Setting, _ draft: inout Draft) {
    var entries = [setting.value]
    if case .list(let listed) = setting.value.kind { entries = listed }
    for entry in entries {
      guard let report = reported(entry) else { continue }
      guard !draft.report.contains(where: { $0.name == report.name }) else {
        self.report("duplicate-name", "'\(report.name)' is reported twice", at: entry.place)
        continue
      }
      draft.report.append(report)
    }
  }

  private func reported(_ entry: Expression) -> TrainingSettings.Report? {
    let name: String
    var scopes: [(name: String, path: String)] = []
    switch entry.kind {
    case .name(let text):
      name = text
      scopes = frame.bindings[text]?.scopes ?? []
    case .call(let call):
      name = call.callee.text
      scopes = prepareScopes(variable: name, [entry])
    default:
      report("bad-setting", "a reported value needs a name", at: entry.place, help: "give it one above: error = ...")
      return nil
    }
    guard let value = tensor(evaluate(entry), as: nil, at: entry.place) else { return nil }
    guard value.shape.rank == 0 else {
      report(
        "not-a-scalar", "'\(name)' is \(value.type): only scalars are reported", at: entry.place, help: "mean(\(name))")
      return nil
    }
    let states = builder.graph.variables.indices.filter { index in
      let variable = builder.graph.variables[index]
      return variable.role == .state && scopes.contains { variable.name.hasPrefix($0.path + ".") }
    }
    return TrainingSettings.Report(name: name, value: value.id, states: states)
  }

  private func readValidation(_ setting: Setting, _ draft: inout Draft) {
    if case .call = setting.value.kind {
      draft.validation = request(setting.value).map(TrainingSettings.Validation.data)
      return
    }
    let item = evaluate(setting.value)
    guard case .scalar(.real(let fraction)) = item, fraction > 0, fraction < 1 else {
      guard !item.isPoison else { return }
      return report(
        "bad-setting", "'validation' is a data set or a fraction between 0 and 1", at: setting.value.place,
        help: "hdf5(\"file.h5\", x: \"test/x\"), or 0.1")
    }
    draft.validation = .fraction(fraction)
  }

  private func positive(_ setting: Setting, least: Int) -> Int? {
    guard let number = wholeNumber(evaluate(setting.value), "'\(setting.name.text)'", at: setting.value.place) else {
      return nil
    }
    guard number >= least else {
      report("bad-setting", "'\(setting.name.text)' is at least \(least), not \(number)", at: setting.value.place)
      return nil
    }
    return number
  }

  private func positiveNumber(_ setting: Setting) -> Double? {
    let number: Double
    switch evaluate(setting.value) {
    case .scalar(.whole(let value)): number = Double(value)
    case .scalar(.real(let value)): number = value
    case .poison: return nil
    case let item:
      report("bad-setting", "'\(setting.name.text)' is a number, not \(item.kindName)", at: setting.value.place)
      return nil
    }
    guard number > 0 else {
      report("bad-setting", "'\(setting.name.text)' is greater than 0, not \(number)", at: setting.value.place)
      return nil
    }
    return number
  }

  private func flag(_ setting: Setting) -> Bool? {
    switch evaluate(setting.value) {
    case .boolean(let value): return value
    case .poison: return nil
    case let item:
      report("bad-setting", "'\(setting.name.text)' is true or false, not \(item.kindName)", at: setting.value.place)
      return nil
    }
  }

  // MARK: Data

  /// `hdf5("scans.h5", image: "train/image")`: labels are the inputs' names.
  func request(_ expression: Expression) -> DataRequest? {
    guard case .call(let call) = expression.kind, call.arguments.count == 1 else {
      report(
        "bad-setting", "a data set is a format, a path and the inputs' names", at: expression.place,
        help: "hdf5(\"file.h5\", x: \"group/x\")")
      return nil
    }
    guard let path = string(call.arguments[0], "a data set's path is a string"), hasDistinctLabels(call.labels) else {
      return nil
    }
    var fields: [DataRequest.Field] = []
    for label in call.labels {
      guard let field = field(label) else { return nil }
      fields.append(field)
    }
    return DataRequest(format: call.callee.text, path: path, fields: fields, span: call.callee.span)
  }

  private func field(_ label: CallSyntax.Label) -> DataRequest.Field? {
    let name = label.name.text
    guard let source = string(label.value, "'\(name)' is the name of a tensor in the file, a string") else {
      return nil
    }
    guard inputNames.contains(name) else {
      report("unknown-name", "no input named '\(name)'", at: label.name.span, help: suggestion(name, inputNames))
      return nil
    }
    return DataRequest.Field(input: name, source: source, span: label.name.span)
  }

  func string(_ expression: Expression, _ complaint: String) -> String? {
    let item = evaluate(expression)
    if case .string(let text) = item { return text }
    if !item.isPoison { report("bad-setting", complaint, at: expression.place) }
    return nil
  }

  private var inputNames: [String] { builder.graph.variables.filter { $0.role == .input }.map(\.name) }

  // MARK: Optimizers

  private func standardOptimizer(at span: SourceSpan) -> Definition? {
    optimizer(Expression(kind: .name("sgd"), span: span, place: span))
  }

  /// `adam(lr: 1e-3)`, or `adam`: a definition of (w, g) and labelled arguments.
  private func optimizer(_ expression: Expression) -> Definition? {
    let call: CallSyntax
    switch expression.kind {
    case .name(let name): call = CallSyntax(callee: Name(text: name, span: expression.place), arguments: [], labels: [])
    case .call(let given): call = given
    default:
      report("bad-setting", "an optimizer is a definition", at: expression.place, help: "sgd(lr: 0.01)")
      return nil
    }
    guard case .definition(let record)? = findCallable(call.callee.text) else {
      report(
        "unknown-optimizer", "no optimizer named '\(call.callee.text)'", at: call.callee.span,
        help: suggestion(call.callee.text, optimizerNames))
      return nil
    }
    guard record.isOptimizer else {
      report(
        "unknown-optimizer", "'\(call.callee.text)' is no optimizer: it does not take (w, g)", at: call.callee.span,
        help: "def \(call.callee.text)(w, g, lr: 0.01) { update w = w - lr * g }")
      return nil
    }
    return partial(record, call)
  }

  private var optimizerNames: [String] {
    (Array(environment.prelude.values) + Array(environment.user.values)).filter(\.isOptimizer).map(\.syntax.name.text)
      .sorted()
  }

  private func partial(_ record: DefinitionRecord, _ call: CallSyntax) -> Definition? {
    var given: [String: Item] = [:]
    let labelled = record.syntax.parameters.filter { $0.standard != nil }
    guard call.arguments.count <= labelled.count else {
      report(
        "wrong-arity", "'\(call.callee.text)' takes at most \(counted(labelled.count, "setting"))", at: call.callee.span
      )
      return nil
    }
    for (parameter, argument) in zip(labelled, call.arguments) { given[parameter.name.text] = evaluate(argument) }
    guard knows(labelled.map(\.name.text), call.labels, "'\(call.callee.text)' has no argument"),
      hasDistinctLabels(call.labels, beside: Set(given.keys))
    else { return nil }
    for label in call.labels { given[label.name.text] = evaluate(label.value) }
    guard !given.values.contains(where: \.isPoison) else { return nil }
    let arguments = given
    let environment = environment
    let span = ownPlace(call.callee.span)
    return Definition(call.callee.text) { (builder, operands, variable) throws(Diagnostics) in
      try Self.optimize(record, environment, builder, operands, arguments, variable, at: span)
    }
  }

  /// Adds an optimizer's nodes for one parameter, whose name its states are kept under.
  private static func optimize(
    _ record: DefinitionRecord, _ environment: Environment, _ builder: GraphBuilder, _ operands: [Value],
    _ arguments: [String: Item], _ variable: String, at span: SourceSpan
  ) throws(Diagnostics) -> [Value] {
    let resolver = Resolver(environment, builder)
    var given = arguments
    for (parameter, operand) in zip(record.syntax.parameters.filter { $0.standard == nil }, operands) {
      given[parameter.name.text] = .tensor(operand.id)
    }
    let path = "@\(record.syntax.name.text).\(variable)"
    let frame = Frame(path: path, stream: path, definition: record, slotOwner: variable)
    let results = resolver.run(record, in: frame, given, at: span)
    let errors = resolver.diagnostics.filter { $0.severity == .error }
    guard errors.isEmpty else { throw Diagnostics(errors) }
    return results.compactMap { if case .tensor(let id) = $0 { builder.value(id) } else { nil } }
  }
}

extension DefinitionRecord {
  /// Whether it takes a parameter and its gradient.
  var isOptimizer: Bool {
    syntax.parameters.count { $0.standard == nil } == 2 && syntax.body.contains(where: \.isUpdate)
  }
}

extension Statement {
  fileprivate var isUpdate: Bool {
    switch kind {
    case .update: true
    case .if(_, let then, let otherwise): (then + (otherwise ?? [])).contains(where: \.isUpdate)
    case .repeat(_, _, let body): body.contains(where: \.isUpdate)
    case .version, .importFile, .plugin, .constant, .variable, .assign, .output, .define, .return, .train: false
    }
  }
}
