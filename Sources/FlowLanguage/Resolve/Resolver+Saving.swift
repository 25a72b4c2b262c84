import FlowDiagnostics
import FlowGraph

/// The settings that follow a metric: `stop: early(...)` and `checkpoint: save(...)`.
extension Resolver {
  /// What a call of settings says, before it is known what is reported.
  struct SavingDraft {
    var path: String
    var every: Int?
    var keep: Int?
    var best: MetricDraft?
  }

  struct StopDraft {
    var on: MetricDraft
    var patience: Int
  }

  struct MetricDraft {
    var name: String
    var highest: Bool?
    var span: SourceSpan
  }

  /// `"a.h5"`, or `save("a.h5", every: 500, keep: 3, best: "validation.accuracy", mode: "max")`.
  func saving(_ setting: Setting) -> SavingDraft? {
    guard case .call(let call) = setting.value.kind, call.callee.text == "save" else {
      return savedPath(setting.value, "'\(setting.name.text)' is a path").map { SavingDraft(path: $0) }
    }
    guard call.arguments.count == 1, let path = savedPath(call.arguments[0], "'save' takes a path") else {
      if call.arguments.count != 1 {
        report("bad-setting", "'save' takes one path", at: call.callee.span, help: "save(\"a.h5\", every: 500)")
      }
      return nil
    }
    guard knows(["every", "keep", "best", "mode"], call.labels, "'save' has no argument"),
      hasDistinctLabels(call.labels)
    else { return nil }
    var draft = SavingDraft(path: path)
    for label in call.labels where ["every", "keep"].contains(label.name.text) {
      guard let number = atLeastOne(label) else { return nil }
      if label.name.text == "every" { draft.every = number } else { draft.keep = number }
    }
    guard let best = metric("best", call) else { return nil }
    draft.best = best
    return draft
  }

  /// `early(on: "validation.minimize", patience: 5)`.
  func stop(_ setting: Setting) -> StopDraft? {
    guard case .call(let call) = setting.value.kind, call.callee.text == "early", call.arguments.isEmpty else {
      report(
        "bad-setting", "'stop' says when to stop early", at: setting.value.place,
        help: "early(on: \"validation.minimize\", patience: 5)")
      return nil
    }
    guard knows(["on", "patience", "mode"], call.labels, "'early' has no argument"), hasDistinctLabels(call.labels),
      let on = metric("on", call)
    else { return nil }
    guard let on else {
      report(
        "missing-setting", "'early' needs 'on', the metric it follows", at: call.callee.span,
        help: "early(on: \"validation.minimize\", patience: 5)")
      return nil
    }
    guard let patience = call.labels.first(where: { $0.name.text == "patience" }) else {
      return StopDraft(on: on, patience: 1)
    }
    return atLeastOne(patience).map { StopDraft(on: on, patience: $0) }
  }

  /// The metric that a name means, in a training that reports these; nil where there is none, which is told.
  func metric(
    _ draft: MetricDraft, reported: [String], hasValidation: Bool
  ) -> TrainingSettings.Metric? {
    let own = ["minimize"] + reported
    let names = own + (hasValidation ? own.map { "validation.\($0)" } : [])
    guard names.contains(draft.name) else {
      let needsValidation = !hasValidation && draft.name.hasPrefix("validation.")
      report(
        "unknown-name", "no metric named '\(draft.name)'", at: draft.span,
        help: needsValidation ? "the train block has no 'validation'" : suggestion(draft.name, names))
      return nil
    }
    let highest = draft.highest ?? !draft.name.hasSuffix("minimize")
    return TrainingSettings.Metric(name: draft.name, prefersHighest: highest)
  }

  // MARK: Labels

  /// The metric of a label, with the call's `mode`; an inner nil where it is left out.
  private func metric(_ name: String, _ call: CallSyntax) -> MetricDraft?? {
    let mode = call.labels.first { $0.name.text == "mode" }
    var highest: Bool?
    if let mode {
      guard let text = string(mode.value, "'mode' is \"min\" or \"max\"") else { return nil }
      guard ["min", "max"].contains(text) else {
        report("bad-setting", "'mode' is \"min\" or \"max\", not \"\(text)\"", at: mode.value.place)
        return nil
      }
      highest = text == "max"
    }
    guard let label = call.labels.first(where: { $0.name.text == name }) else { return .some(nil) }
    guard let text = string(label.value, "'\(name)' is the name of a metric, a string") else { return nil }
    return MetricDraft(name: text, highest: highest, span: label.value.place)
  }

  private func savedPath(_ expression: Expression, _ complaint: String) -> String? {
    switch evaluate(expression) {
    case .string(let value) where !value.isEmpty: return value
    case .poison: return nil
    default:
      report("bad-setting", complaint, at: expression.place)
      return nil
    }
  }

  private func atLeastOne(_ label: CallSyntax.Label) -> Int? {
    let name = label.name.text
    guard let number = wholeNumber(evaluate(label.value), "'\(name)'", at: label.value.place) else { return nil }
    guard number >= 1 else {
      report("bad-setting", "'\(name)' is at least 1, not \(number)", at: label.value.place)
      return nil
    }
    return number
  }
}
