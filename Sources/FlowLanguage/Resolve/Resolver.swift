import FlowDiagnostics
import FlowGraph
import FlowTensor

/// Walks a tree once and adds what it says to a graph. A mistake is reported and stands for `poison` from then on.
final class Resolver {
  /// Calls that are no operation: answered while resolving, or a transformation of the graph.
  static let builtinCalls = ["dtype", "shape", "dim", "rank", "grad", "vjp"]
  /// Calls of the language that this version does not have.
  static let laterCalls = ["jvp", "jacobian", "hessian", "hvp", "ggn", "recompute", "params", "scan"]

  struct ActiveCall {
    let name: String
    let span: SourceSpan
  }

  var environment: Environment
  let builder: GraphBuilder
  var frame = Frame(path: "", stream: "", definition: nil)
  var calls: [ActiveCall] = []
  var diagnostics: [Diagnostic] = []
  var reported: Set<Diagnostic> = []
  var wanted: [FileRequest] = []
  var training: TrainingSettings?

  /// The paths that variables are named after, and the names of variables: none is given twice.
  var usedPaths: Set<String> = []
  /// Scopes of calls outside of a repeat: their names are no base for numbers.
  var plainPaths: Set<String> = []
  /// Dimensions that inputs introduced.
  var symbols: [String: SourceSpan] = [:]
  /// Weak scalars already made, by what they met.
  private var constants: [ConstantKey: ValueID] = [:]
  var scopeMemo: [ObjectIdentifier: Bool] = [:]

  struct ConstantKey: Hashable {
    let scalar: WeakScalar
    let dtype: DType
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
    guard diagnostics.count < 1000, reported.insert(diagnostic).inserted else { return }
    diagnostics.append(diagnostic)
  }

  func report(_ id: String, _ message: String, at span: SourceSpan, help: String? = nil, notes: [Diagnostic.Note] = []) {
    report(Diagnostic(id: id, message, at: span, help: help, notes: notes))
  }

  /// Reports what an operation objects to: at an attribute's label, else at the call or operator.
  func report(_ error: OperationError, at span: SourceSpan, labels: [CallSyntax.Label] = []) {
    let label = labels.first { $0.name.text == error.attribute }
    var help = error.help
    if error.kind == .unknownAttribute, let label { help = nearest(label.name.text, error) ?? help }
    report(error.kind.rawValue, error.message, at: label?.name.span ?? span, help: help)
  }

  private func nearest(_ label: String, _ error: OperationError) -> String? {
    let operation = error.message.split(separator: "'").first.map(String.init) ?? ""
    return suggestion(label, environment.registry[operation]?.attributes.filter { !$0.isHidden }.map(\.name) ?? [])
  }

  func suggestion(_ name: String, _ candidates: [String]) -> String? {
    nearestName(to: name, among: candidates).map { "did you mean '\($0)'?" }
  }

  // MARK: Values

  /// The tensor that an item stands for, of `dtype` where it has none of its own; nil where a mistake was reported.
  func tensor(_ item: Item, as dtype: DType?, at span: SourceSpan) -> Value? {
    switch item {
    case .poison: return nil
    case .tensor(let id): return builder.value(id)
    case .scalar(let scalar): return value(of: scalar, as: dtype, at: span)
    case .boolean(let flag): return value(of: .flag(flag), as: dtype, at: span)
    case .list:
      return item.attributeValue.flatMap { literal($0, as: dtype, at: span) } ?? reportList(item, at: span)
    case .string, .dtype, .callable:
      report("not-a-tensor", "\(item.kindName) where a tensor is needed", at: span)
      return nil
    }
  }

  private func reportList(_ item: Item, at span: SourceSpan) -> Value? {
    if case .list = item, item.attributeValue == nil, !item.isPoison {
      report("bad-literal", "a list that is a tensor holds numbers only", at: span, help: "stack or concat joins tensors")
    }
    return nil
  }

  private func literal(_ list: AttributeValue, as dtype: DType?, at span: SourceSpan) -> Value? {
    guard let tensor = Tensor(nested: list) else {
      report("bad-literal", "rows of different lengths, or mixed with booleans, are no tensor", at: span)
      return nil
    }
    let target = dtype ?? (tensor.dtype == .i64 ? .i32 : tensor.dtype == .f64 ? .f32 : tensor.dtype)
    if tensor.dtype == .f64 && !target.isFloating || (tensor.dtype == .bool) != (target == .bool) {
      report("dtype-mismatch", "a list of \(Self.noun(tensor.dtype)) cannot be \(target)", at: span, help: "cast it")
      return nil
    }
    guard let converted = tensor.converted(to: target) else {
      report("bad-literal", "a number of the list does not fit in \(target)", at: span)
      return nil
    }
    return add("literal", [], ["values": .tensor(converted), "dtype": .dtype(target)], at: span)?.first
  }

  private static func noun(_ dtype: DType) -> String { dtype == .bool ? "booleans" : "fractions" }

  func value(of scalar: WeakScalar, as dtype: DType?, at span: SourceSpan) -> Value? {
    let target = dtype ?? scalar.standardType
    let key = ConstantKey(scalar: scalar, dtype: target)
    if let known = constants[key] { return builder.value(known) }
    guard accepts(scalar, target, at: span), let value = make(scalar, target, at: span) else { return nil }
    constants[key] = value.id
    return value
  }

  private func accepts(_ scalar: WeakScalar, _ target: DType, at span: SourceSpan) -> Bool {
    switch scalar.kind {
    case .boolean where target != .bool, .whole where target == .bool, .real where target == .bool:
      report("dtype-mismatch", "a \(scalar.kind == .boolean ? "boolean" : "number") meets \(target)", at: span, help: "cast one of them")
      return false
    case .real where target.isInteger:
      report("dtype-mismatch", "a fraction meets \(target)", at: span, help: "cast the tensor to a floating type")
      return false
    case .whole, .real, .boolean: break
    }
    if case .whole(let number) = scalar, target.isInteger, Tensor(scalar: Int64(number)).converted(to: target) == nil {
      report("bad-literal", "\(number) does not fit in \(target)", at: span)
      return false
    }
    return true
  }

  private func make(_ scalar: WeakScalar, _ target: DType, at span: SourceSpan) -> Value? {
    switch scalar {
    case .whole(let number): return fill(.whole(number), target, at: span)
    case .real(let number): return fill(.real(number), target, at: span)
    case .dimension(let size): return fill(.dimension(size), target, at: span)
    case .flag(let flag): return fill(.boolean(flag), target, at: span)
    case .step: return cast(builder.step, to: target, at: span)
    case .apply(let operation, let attributes, let operands, let kind):
      let inner: DType =
        switch kind {
        case .whole: .i64
        case .real: target
        case .boolean: operands.contains { $0.kind == .real } ? .f32 : .i64
        }
      let inputs = operands.compactMap { value(of: $0, as: $0.kind == .boolean ? .bool : inner, at: span) }
      guard inputs.count == operands.count, let result = add(operation, inputs, attributes, at: span)?.first else { return nil }
      return cast(result, to: target, at: span)
    }
  }

  private func fill(_ number: Scalar, _ dtype: DType, at span: SourceSpan) -> Value? {
    let value = add(
      "fill", [], ["value": number.attributeValue, "shape": .list([]), "dtype": .dtype(dtype)], at: span)
    return value?.first
  }

  func cast(_ value: Value, to dtype: DType, at span: SourceSpan) -> Value? {
    value.dtype == dtype ? value : add("cast", [value], ["dtype": .dtype(dtype)], at: span)?.first
  }

  /// Adds a node; a fault is reported at `span`.
  func add(
    _ operation: String, _ inputs: [Value], _ attributes: [String: AttributeValue], at span: SourceSpan,
    labels: [CallSyntax.Label] = []
  ) -> [Value]? {
    builder.place = ownPlace(span)
    do {
      return try builder.add(operation, inputs, attributes)
    } catch {
      report(error, at: span, labels: labels)
      return nil
    }
  }

  /// The place in the user's own file for what stands at `span`.
  func ownPlace(_ span: SourceSpan) -> SourceSpan {
    guard span.file != environment.mainFile else { return span }
    return calls.last { $0.span.file == environment.mainFile }?.span ?? span
  }
}
