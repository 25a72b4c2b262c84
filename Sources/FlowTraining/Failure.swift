import CFlowGuard
package import FlowDiagnostics
package import FlowFiles
package import FlowGraph
package import FlowRuntime

/// Why a command ends early, for whoever started it: the exit code and what to say.
package struct Failure: Error, Sendable {
  /// The program's exit codes (as in BSD's `sysexits.h`).
  package enum Code: Int32, Sendable {
    case difference = 1
    case usage = 64
    case badData = 65
    case missingInput = 66
    case missingPlugin = 69
    case `internal` = 70
    case cannotCreate = 73
    case inputOutput = 74
    case busy = 75
  }

  package var code: Code
  package var diagnostics: [Diagnostic]

  package init(_ code: Code, _ diagnostics: [Diagnostic]) {
    self.code = code
    self.diagnostics = diagnostics
  }

  /// A fault without a place in a text.
  package init(_ code: Code, id: String, _ message: String, at span: SourceSpan? = nil, help: String? = nil) {
    self.init(code, [Diagnostic(id: id, message, at: span, help: help)])
  }

  /// - Parameter span: where the graph's text names the file.
  package init(_ error: FileError, at span: SourceSpan? = nil) {
    let code: Code =
      switch error.kind {
      case .badData: .badData
      case .missing: .missingInput
      case .cannotCreate: .cannotCreate
      case .inputOutput: .inputOutput
      }
    self.init(code, id: Self.id(of: error.kind), "\(error.path): \(error.message)", at: span, help: error.help)
  }

  /// - Parameter step: the training step, counted from 1.
  package init(_ error: SessionError, step: Int? = nil) { self.init(running: error.diagnostic(step: step)) }

  package init(_ fault: GradientFault, at span: SourceSpan?) { self.init(running: fault.diagnostic(at: span)) }

  /// What went wrong while a graph was differentiated or run: the graph's or the data's fault, or a plugin's.
  private init(running diagnostic: Diagnostic) {
    self.init(diagnostic.isPluginFailure ? .internal : .badData, [diagnostic])
  }

  private static func id(of kind: FileError.Kind) -> String {
    switch kind {
    case .badData: "bad-file"
    case .missing: "missing-file"
    case .cannotCreate: "cannot-create"
    case .inputOutput: "input-output"
    }
  }
}

/// Runs `body` and turns a file's fault into a failure.
package func failing<Result>(
  at span: SourceSpan? = nil, _ body: () throws(FileError) -> Result
) throws(Failure) -> Result {
  do {
    return try body()
  } catch {
    throw Failure(error, at: span)
  }
}

extension Diagnostic {
  /// Whether a plugin has broken its word, which has an exit code of its own.
  package var isPluginFailure: Bool { id == OperationError.Kind.pluginFailure.rawValue }
}

/// Runs `body` and turns a session's fault into a failure.
package func evaluating<Result>(
  step: Int? = nil, _ body: () throws(SessionError) -> Result
) throws(Failure) -> Result {
  flow_guard_step(step.map(Int64.init) ?? -1)
  defer { flow_guard_step(-1) }
  do {
    return try body()
  } catch {
    throw Failure(error, step: step)
  }
}
