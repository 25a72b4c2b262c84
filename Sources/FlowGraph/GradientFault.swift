public import FlowDiagnostics
public import FlowTensor

/// Why a gradient cannot be built.
public enum GradientFault: Error, Sendable {
  /// One station on the way from the target to a variable.
  public struct Step: Sendable {
    public let name: String
    public let span: SourceSpan?
    /// Why it ends here.
    public internal(set) var reason: String?

    init(_ name: String, _ span: SourceSpan?, reason: String? = nil) {
      self.name = name
      self.span = span
      self.reason = reason
    }
  }

  /// Only a floating scalar has a gradient.
  case notScalar(TensorType)
  /// An operation on the way has none, by mathematics.
  case undefined([Step])
  /// A rule failed, or there is no rule.
  case failed(operation: String, OperationError, [Step]?)

  /// The fault as a message: `loss -> cast -> argmax (has no gradient: its output is a position) -> x`.
  public func diagnostic(at place: SourceSpan?) -> Diagnostic {
    switch self {
    case .notScalar(let type):
      return Diagnostic(
        id: "not-a-scalar", "a gradient needs a floating scalar, not \(type)", at: place,
        help: "sum or mean it first, or use vjp")
    case .undefined(let steps):
      return Diagnostic(
        id: "undefined-gradient", "the gradient is undefined: \(Self.text(steps))", at: place,
        help: "stop_gradient cuts a path that should not count", notes: Self.notes(steps))
    case .failed(let operation, let error, let steps):
      // These two say by themselves what they are about.
      let isPlain = error.kind == .noGradient || error.kind == .pluginFailure
      return Diagnostic(
        id: isPlain ? error.kind.rawValue : "gradient-failed",
        isPlain ? error.message : "the gradient of '\(operation)' cannot be built: \(error.message)",
        at: place, help: error.help, notes: Self.notes(steps ?? []))
    }
  }

  /// The fault of a part of a graph as one of the whole.
  ///
  /// - Parameters:
  ///   - steps: from the target to the part.
  ///   - rest: from a value with this name, where the part begins, to a variable.
  func behind(_ steps: [Step], _ rest: (String) -> [Step]) -> GradientFault {
    func joined(_ own: [Step]) -> [Step] { steps + own.dropFirst().dropLast() + (own.last.map { rest($0.name) } ?? []) }
    return switch self {
    case .notScalar: self
    case .undefined(let own): .undefined(joined(own))
    case .failed(let operation, let error, let own): .failed(operation: operation, error, own.map(joined))
    }
  }

  private static func text(_ steps: [Step]) -> String {
    steps.map { step in step.reason.map { "\(step.name) (has no gradient: \($0))" } ?? step.name }
      .joined(separator: " -> ")
  }

  private static func notes(_ steps: [Step]) -> [Diagnostic.Note] {
    steps.compactMap { step in
      step.span.map { Diagnostic.Note(step.reason.map { "'\(step.name)': \($0)" } ?? "through '\(step.name)'", at: $0) }
    }
  }
}
