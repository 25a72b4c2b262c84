package import FlowDiagnostics

/// What came of holding every gradient of a graph against finite differences.
package struct GradientReport: Sendable {
  /// Whose derivative was compared.
  package enum Subject: Sendable, Equatable {
    /// One operation's reverse rule, by one of its inputs.
    case gradient
    /// One operation's own forward rule, along one of its inputs.
    case tangent
    /// The gradient that one operation's reverse rule gives, differentiated again.
    case second
    /// All targets together by one variable, or along all variables in forward mode.
    case whole
  }

  /// One comparison.
  package struct Finding: Sendable {
    package let subject: Subject
    /// The operation's name; for the whole, what the targets are called.
    package let operation: String
    /// The operation's input, or the variable.
    package let input: String
    /// What the operation's result is called, with the types that it was called with.
    package let call: String?
    package let span: SourceSpan?
    package let verdict: Verdict
    /// What the rule says, and what finite differences say, along a random direction.
    package let found: Double
    package let expected: Double
    /// Their difference, relative to the larger.
    package let error: Double
    /// Why the rule gave no number at all.
    package let fault: String?
  }

  package let targets: [String]
  /// Operations that were compared.
  package internal(set) var edges = 0
  /// Numbers that were compared.
  package internal(set) var comparisons = 0
  /// For each variable, all targets together.
  package internal(set) var variables: [Finding] = []
  /// What differs, the worst first.
  package internal(set) var failures: [Finding] = []
  /// What could not be decided, or not for all results: at a kink, at the edge of a domain, too rough.
  package internal(set) var doubts: [Finding] = []
  /// What was not compared, and why.
  package internal(set) var uncompared: [Uncompared] = []
  /// The largest relative difference among those that agree.
  package internal(set) var largestError = 0.0

  init(targets: [String]) { self.targets = targets }

  mutating func add(_ finding: Finding) {
    comparisons += 1
    switch finding.verdict {
    case .agrees: largestError = max(largestError, finding.error)
    case .agreesBesideKinks, .kink, .unsettled: doubts.append(finding)
    case .differs: failures.append(finding)
    }
  }

  /// Puts the worst first; an operation before the whole that it is part of.
  mutating func sort() {
    func badness(_ finding: Finding) -> Double {
      (finding.subject == .whole ? 0 : 2) + (finding.error.isFinite && finding.fault == nil ? min(finding.error, 1) : 1)
    }
    failures = failures.enumerated().sorted {
      (badness($1.element), $0.offset) < (badness($0.element), $1.offset)
    }.map(\.element)
  }
}

extension GradientReport.Finding {
  /// What differs, as an error at the operation's place.
  package func diagnostic(_ number: (Double) -> String) -> Diagnostic {
    let notes = call.map { [Diagnostic.Note($0, at: nil)] } ?? []
    if let fault {
      return Diagnostic(id: "wrong-gradient", "\(title) cannot be had: \(fault)", at: span, notes: notes)
    }
    return Diagnostic(
      id: "wrong-gradient",
      "\(title) is \(number(found)) along a random direction, where finite differences say \(number(expected))",
      at: span, notes: notes)
  }

  /// "the gradient of 'mul' by its input 'a'".
  package var title: String {
    switch subject {
    case .gradient: "the gradient of '\(operation)' by its input '\(input)'"
    case .tangent: "the forward derivative of '\(operation)' along its input '\(input)'"
    case .second: "the second derivative of '\(operation)' by \(input)"
    case .whole: "the gradient of \(operation) by \(input)"
    }
  }
}
