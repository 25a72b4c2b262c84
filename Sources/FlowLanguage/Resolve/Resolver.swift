import FlowDiagnostics
import FlowGraph
import FlowTensor

/// Walks a tree once and adds what it says to a graph. A mistake is reported and stands for `poison` from then on.
final class Resolver {
  /// Calls that are no operation: answered while resolving, or a transformation of the graph.
  static let builtinCalls = [
    "dtype", "shape", "dim", "rank", "grad", "vjp", "jvp", "hvp", "ggn", "jacobian", "hessian", "recompute",
    "params", "scan",
  ]

  static let maximumCalls = 256
  static let maximumDepth = 1024

  struct ActiveCall {
    let name: String
    let span: SourceSpan
  }

  var environment: Environment
  let builder: GraphBuilder
  var frame = Frame(path: "", stream: "", definition: nil)
  var calls: [ActiveCall] = []
  var diagnostics: [Diagnostic] = []
  private(set) var errorCount = 0
  private var reported: Set<ReportKey> = []
  var wanted: [FileRequest] = []
  var training: TrainingSettings?

  /// The paths that variables are named after, and the names of variables: none is given twice.
  var usedPaths: Set<String> = []
  /// Scopes of calls outside of a repeat: their names are no base for numbers.
  var plainPaths: Set<String> = []
  /// Dimensions that inputs introduced.
  var symbols: [String: SourceSpan] = [:]
  /// Weak scalars already made, by what they met.
  var constants: [ConstantKey: ValueID] = [:]
  var weakOperations: [WeakOperation.Key: WeakOperation] = [:]
  var scopeMemo: [ObjectIdentifier: Bool] = [:]
  var outputNames: Set<String> = []
  /// What names before `(` were found to mean, in the user's files and in the prelude.
  var userCallables: [String: Callable] = [:]
  var preludeCallables: [String: Callable] = [:]
  /// How many expressions and calls are being evaluated inside one another.
  var depth = 0

  struct ConstantKey: Hashable {
    let scalar: WeakScalar
    let dtype: DType
  }

  /// A mistake is told once, however often a definition that holds it is called.
  private struct ReportKey: Hashable {
    let id: String
    let message: String
    let span: SourceSpan?
  }

  init(_ environment: Environment, _ builder: GraphBuilder) {
    self.environment = environment
    self.builder = builder
  }

  var isInPrelude: Bool { frame.definition?.isPrelude ?? false }

  // MARK: Reporting

  /// Reports a mistake; one inside the prelude or an import at the innermost call in the user's own file.
  func report(_ diagnostic: Diagnostic) {
    var diagnostic = diagnostic
    if let span = diagnostic.span, !calls.isEmpty {
      let isOwn = span.file == environment.mainFile
      if !isOwn, let call = calls.last(where: { $0.span.file == environment.mainFile }) {
        diagnostic.notes.append(.init("in '\(calls.last?.name ?? call.name)'", at: span))
        diagnostic.span = call.span
      }
      for call in calls.reversed() where call.span != diagnostic.span {
        diagnostic.notes.append(.init("in the call of '\(call.name)'", at: call.span))
      }
    }
    if diagnostic.severity == .error { errorCount += 1 }
    let key = ReportKey(id: diagnostic.id, message: diagnostic.message, span: diagnostic.span)
    guard diagnostics.count < 1000, reported.insert(key).inserted else { return }
    diagnostics.append(diagnostic)
  }

  func report(_ id: String, _ message: String, at span: SourceSpan, help: String? = nil, notes: [Diagnostic.Note] = [])
  {
    report(Diagnostic(id: id, message, at: span, help: help, notes: notes))
  }

  /// Reports what an operation objects to: at an attribute's label, else at the call or operator.
  func report(_ error: OperationError, at span: SourceSpan, labels: [CallSyntax.Label] = []) {
    let label = labels.first { $0.name.text == error.attribute }
    report(error.kind.rawValue, error.message, at: label?.name.span ?? span, help: error.help)
  }

  /// What `body` gives, its mistakes forgotten.
  func silently<Result>(_ body: () -> Result) -> Result {
    let kept = (diagnostics, reported, errorCount)
    defer { (diagnostics, reported, errorCount) = kept }
    return body()
  }

  func suggestion(_ name: String, _ candidates: [String]) -> String? {
    nearestName(to: name, among: candidates).map { "did you mean '\($0)'?" }
  }
}
