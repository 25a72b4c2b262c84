package import FlowDiagnostics
package import FlowGraph
package import FlowTensor

/// Why a session could not evaluate.
package enum SessionError: Error, Hashable, Sendable {
  case plan(PlanError)
  case fault(RuntimeFault)
  /// A variable has no value: an input was not fed, or a parameter is not in the store.
  case missing(variable: String, role: Graph.Variable.Role, span: SourceSpan?)

  package func diagnostic(step: Int? = nil) -> Diagnostic {
    switch self {
    case .plan(let error): error.diagnostic(step: step)
    case .fault(let fault): fault.diagnostic(step: step)
    case .missing(let name, .input, let span): Diagnostic(id: "missing-input", "nothing feeds '\(name)'", at: span)
    case .missing(let name, _, let span): Diagnostic(id: "missing-value", "'\(name)' has no value", at: span)
    }
  }
}

/// Evaluates values of one graph, again and again, over variables that stay in place.
///
/// A plan is made for each binding of the symbolic dimensions and kept. A failed evaluation leaves the variables as they were:
/// only `commit` writes them. For one thread at a time.
package final class Session {
  package let graph: Graph
  package let executor: Executor
  package let store: VariableStore

  private let request: PlanRequest
  private var feeds: [Tensor?]
  /// What is planned, by the types of the variables that have symbolic dimensions.
  private var programs: [[Int: TensorType]: BoundProgram] = [:]
  private var current: BoundProgram?
  /// Whether the last evaluation succeeded, and whether its new values were not written yet.
  private var hasRun = false
  private var mayCommit = false
  /// Whether a fed type changed since `current` was chosen.
  private var isStale = true
  private let memory = SharedMemory()
  private let symbolicVariables: [Int]
  private var storeGeneration = -1
  /// Where the store has what the engine supplies.
  private let suppliedEntries: [(index: Int, role: Graph.Variable.Role)]

  /// - Parameters:
  ///   - fetches: the values to read back, by their positions here.
  ///   - updates: what `commit` writes over variables.
  ///   - store: where parameters, states and slots are; sessions may share one.
  ///   - takesInitialValues: whether a variable with a first value, and not fed, stands for that value.
  package init(
    _ graph: Graph, fetching fetches: [ValueID], updates: [Graph.Update] = [], store: VariableStore = VariableStore(),
    takesInitialValues: Bool = false, executor: Executor
  ) {
    self.graph = graph
    self.store = store
    self.executor = executor
    request = PlanRequest(
      fetching: fetches, updates: updates, takesInitialValues: takesInitialValues,
      slackBytes: executor.options.slackBytes, optimizes: executor.options.optimizes, fuses: executor.options.fuses)
    feeds = Array(repeating: nil, count: graph.variables.count)
    symbolicVariables = graph.variables.indices.filter { !graph.variables[$0].type.isConcrete }
    suppliedEntries = graph.variables.filter { $0.role == .counter || $0.role == .step }.map {
      (store.reserve($0.name, $0.type), $0.role)
    }
    setCounter(seed: 0, step: 0)
  }

  // MARK: What goes in

  /// Gives an input its tensor, which is read where it lies. Results that are the input itself can no longer be read.
  package func feed(_ variable: Int, _ tensor: Tensor) {
    let old = feeds[variable]
    if let old, old.storage === tensor.storage, old.dtype == tensor.dtype, old.sizes == tensor.sizes { return }
    if old?.dtype != tensor.dtype || old?.sizes != tensor.sizes { isStale = true }
    feeds[variable] = tensor
    if current?.feed(variable, tensor) == false { (hasRun, mayCommit) = (false, false) }
  }

  /// Sets what random numbers are counted by, and the training step.
  ///
  /// - Parameter draw: what numbers are counted by in place of the step, where it draws more than once.
  package func setCounter(seed: Int64, step: Int64, draw: Int64? = nil) {
    for (index, role) in suppliedEntries {
      if role == .counter { store.write(seed, draw ?? step, at: index) } else { store.write(step, at: index) }
    }
  }

  // MARK: Running

  /// The plan for what is fed now.
  package func plan() throws(SessionError) -> Plan { try bind().program.plan }

  /// Computes the fetched values and, without writing them yet, the variables' next ones.
  package func evaluate() throws(SessionError) {
    (hasRun, mayCommit) = (false, false)
    let bound = try bind()
    try bound.prepare(store, feeds)
    do throws(StepFailure) {
      try executor.run(bound.program, .evaluation, workspace: bound.workspace)
    } catch {
      throw .fault(bound.program.plan.fault(step: error.step, error.reason))
    }
    (hasRun, mayCommit) = (true, true)
  }

  /// Writes new values over the variables, once; nothing where the last evaluation failed.
  ///
  /// What makes these values alone is run here, and over the variables themselves, as far as it cannot fail.
  package func commit() {
    guard mayCommit else { return }
    mayCommit = false
    guard let results else { return }
    do throws(StepFailure) {
      try executor.run(results.program, .commit, workspace: results.workspace)
    } catch {
      preconditionFailure("a step that may fail was put off")
    }
    results.copyUpdates()
  }

  // MARK: What comes out

  /// A fetched value of the last evaluation, by its position among the fetches; nil where that failed, or where a
  /// variable has moved since. A fetched variable is read
  /// as it is now, after `commit` with its new value.
  package func tensor(_ fetch: Int) -> Tensor? { results?.tensor(fetch) }

  /// A fetched scalar of the last evaluation, without allocating.
  package func scalar(_ fetch: Int) -> Double? { results?.scalar(fetch) }

  /// The parameters, states and slots of this graph that have a value.
  package var state: State {
    var state: State = [:]
    for variable in graph.variables where variable.role.isKept { state[variable.name] = store[variable.name] }
    return state
  }

  /// How often each node of the graph has run, over all plans; nil where the executor does not count.
  package var firings: [Int]? {
    guard executor.options.countsFirings else { return nil }
    var counts = Array(repeating: 0, count: graph.nodeCount)
    for bound in programs.values { bound.addFirings(to: &counts) }
    return counts
  }

  /// The program of the last evaluation, where it succeeded and nothing that it left has moved.
  private var results: BoundProgram? {
    guard hasRun, let current, current.isAttached(to: store) else { return nil }
    return current
  }

  private func bind() throws(SessionError) -> BoundProgram {
    if !symbolicVariables.isEmpty, storeGeneration != store.generation { isStale = true }
    if let current, !isStale { return current }
    let bound = try program(for: concreteTypes())
    current = bound
    isStale = false
    storeGeneration = store.generation
    return bound
  }

  private func program(for types: [Int: TensorType]) throws(SessionError) -> BoundProgram {
    if let known = programs[types] { return known }
    let bound = try make(types)
    programs[types] = bound
    return bound
  }

  private func make(_ types: [Int: TensorType]) throws(SessionError) -> BoundProgram {
    var request = request
    request.types = types
    do throws(PlanError) {
      let plan = try Plan.make(graph, request)
      try plan.checkMemory()
      return BoundProgram(
        Program(plan, executor), memory)
    } catch {
      throw .plan(error)
    }
  }

  /// The types of all fed inputs and of kept variables with symbolic sizes.
  private func concreteTypes() -> [Int: TensorType] {
    var types: [Int: TensorType] = [:]
    for (index, tensor) in feeds.enumerated() { types[index] = tensor?.type }
    for index in symbolicVariables where types[index] == nil {
      types[index] = store.index(of: graph.variables[index].name).map { store.entries[$0].type }
    }
    return types
  }
}

extension Graph.Variable.Role {
  /// Whether a value lives on from step to step and into a checkpoint.
  package var isKept: Bool {
    switch self {
    case .parameter, .state, .slot: true
    case .input, .counter, .step: false
    }
  }
}
