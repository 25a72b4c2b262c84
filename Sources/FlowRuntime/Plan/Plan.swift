package import FlowGraph
package import FlowTensor

/// How to compute values of a graph for fixed sizes: which kernels run in which order, and where everything lies.
///
/// A value, made once for a binding of the symbolic dimensions, and printable.
package struct Plan: Sendable {
  /// One node that runs.
  package struct Step: Sendable {
    /// The node in the graph: of what laws put in place, the one that it stands for; of several, the last.
    package let node: Int32
    /// An index into `operations`.
    package let operation: Int32
    /// The index in `groups` of the nodes that it is made of, where these are several; else -1.
    package let group: Int32
    /// An index into `kernels`.
    package let kernel: Int32
    package let operands: Range<Int32>
    /// Values.
    package let results: Range<Int32>
  }

  /// One of the nodes that a step is made of.
  package struct Member: Sendable {
    /// The node in the graph.
    package let node: Int32
    /// An index into `operations`.
    package let operation: Int32
  }

  /// Where a value lies.
  package enum Location: Hashable, Sendable {
    /// Bytes from the start of the memory of the plan.
    case memory(Int)
    /// A variable, and bytes from its start.
    case variable(Int, offset: Int)
    /// One of `constants`, and bytes from its start.
    case constant(Int, offset: Int)
  }

  /// A variable that is written after a step.
  package struct Write: Sendable {
    package let variable: Int
    package let value: Int32
    /// Where the value waits while other variables are written, if it is one itself.
    package let staging: Int?
    /// Whether the value is computed where the variable lies, so that nothing is left to copy.
    package let isInPlace: Bool
  }

  /// Steps that run together, and the schedule by which they do.
  package struct Phase: Sendable {
    package let steps: Range<Int>
    package let schedule: Schedule

    fileprivate init(
      _ draft: Draft, _ kernels: KernelSelection, _ placement: Placement, _ steps: Range<Int>
    ) {
      self.steps = steps
      schedule = Schedule(draft, kernels, placement, steps)
    }
  }

  /// When steps run.
  package enum Moment: Sendable {
    /// What computes values.
    case evaluation
    /// What makes new values of variables that nobody needs before they are committed.
    case commit
  }

  /// What planning did.
  package struct Statistics: Hashable, Sendable {
    package var graphNodes = 0
    package var pruned = 0
    package var shared = 0
    package var folded = 0
    /// How often each law applied, in the order of the graph's.
    package var rewrites: [RewriteTally] = []
    /// The nodes that run in passes that they share.
    package var fused = 0
    /// The nodes whose results lie in their operands.
    package var aliased = 0
    package var flops = 0
    /// The bytes of all places for values that are computed.
    package var memoryBytes = 0
    /// The most bytes of such values that are in use at once.
    package var peakBytes = 0
    package var constantBytes = 0
    package var variableBytes = 0
    package var workspaceBytes = 0

    /// The most bytes that tensors take at once, on one thread.
    package var totalBytes: Int {
      [memoryBytes, constantBytes, variableBytes, workspaceBytes].reduce(0, addingUpToLimit)
    }
  }

  package let graph: Graph
  package let steps: [Step]
  package let operations: [any Operation]
  package let kernels: [PreparedKernel]
  package let constants: [Tensor]
  /// What steps made of several nodes are made of.
  package let groups: [[Member]]
  package let fetches: [Int32]
  package let writes: [Write]
  private let evaluation: Phase
  private let commit: Phase
  package let statistics: Statistics
  /// The values that steps read.
  package let operands: [Int32]
  /// The types of values, each once.
  package let types: [TensorType]

  private let sources: [Int32: Int32]
  private let typeIndices: [Int32]
  private let variableIndices: [Int32]
  private let constantIndices: [Int32]
  private let offsets: [Int]
  private let aliases: Aliases

  /// Plans what a request needs of a graph.
  package static func make(_ graph: Graph, _ request: PlanRequest) throws(PlanError) -> Plan {
    let reachability = Reachability(graph, request)
    var draft = try Draft(graph, request, reachability).bound(reachability, request)
    if request.optimizes { draft = draft.optimized(isTimed: request.timesRewrites) }
    draft = draft.withoutTransparentNodes()
    if request.optimizes && request.fuses { draft = draft.fused().aliased().deferred() }
    try draft.checkUpdates()
    try draft.checkMemory()
    let kernels = try KernelSelection(draft)
    return Plan(draft, kernels, try Placement(draft, kernels, slackBytes: request.slackBytes))
  }

  private init(_ draft: Draft, _ kernels: KernelSelection, _ placement: Placement) {
    graph = draft.graph
    steps = zip(draft.nodes, kernels.indices).map { node, kernel in
      Step(
        node: node.origin, operation: node.operation, group: node.group, kernel: kernel,
        operands: node.firstOperand..<(node.firstOperand + node.operandCount),
        results: node.firstResult..<(node.firstResult + node.resultCount))
    }
    operations = draft.operations
    self.kernels = kernels.kernels
    constants = draft.constants
    groups = draft.groups
    sources = draft.sources
    fetches = draft.fetches
    writes = zip(draft.updates, placement.staging).map { update, staging in
      Write(
        variable: Int(update.variable), value: update.value, staging: staging < 0 ? nil : staging,
        isInPlace: update.isInPlace)
    }
    evaluation = Phase(draft, kernels, placement, 0..<(draft.firstDeferred ?? draft.nodes.count))
    commit = Phase(draft, kernels, placement, (draft.firstDeferred ?? draft.nodes.count)..<draft.nodes.count)
    operands = draft.operands
    types = draft.types
    typeIndices = draft.typeIndices
    variableIndices = draft.variableIndices
    constantIndices = draft.constantIndices
    offsets = placement.offsets
    aliases = draft.aliases
    statistics = Statistics(draft, kernels, placement)
  }

  package func phase(_ moment: Moment) -> Phase {
    switch moment {
    case .evaluation: evaluation
    case .commit: commit
    }
  }

  package func typeIndex(of value: Int32) -> Int { Int(typeIndices[Int(value)]) }
  package func type(of value: Int32) -> TensorType { types[typeIndex(of: value)] }

  /// Where a value of the plan lies; nil where the plan does not hold it.
  package func location(of value: Int32) -> Location? {
    let (index, offset) = (Int(aliases.owner(of: value)), aliases.offset(of: value))
    if offsets[index] >= 0 { return .memory(offsets[index] + offset) }
    if variableIndices[index] >= 0 { return .variable(Int(variableIndices[index]), offset: offset) }
    return constantIndices[index] >= 0 ? .constant(Int(constantIndices[index]), offset: offset) : nil
  }

  /// The value of the graph that a value is the same as, where it is one.
  package func source(of value: Int32) -> ValueID { ValueID(Int(sources[value] ?? value)) }

  /// The values that a step reads.
  package func operands(of step: Step) -> ArraySlice<Int32> {
    operands[Int(step.operands.lowerBound)..<Int(step.operands.upperBound)]
  }

  /// The nodes that a step is made of.
  package func members(of step: Step) -> [Member] {
    step.group < 0 ? [Member(node: step.node, operation: step.operation)] : groups[Int(step.group)]
  }

  /// Whether a value is a variable that the plan reads or writes.
  func isVariable(_ value: Int32) -> Bool { variableIndices[Int(value)] >= 0 }

  /// The variables that must be there, by index, with the types that they must have.
  package var variables: [(index: Int, type: TensorType)] {
    graph.variables.indices.compactMap { index in
      let value = graph.variables[index].value.index
      return variableIndices[Int(value)] >= 0 ? (index, type(of: value)) : nil
    }
  }

  /// A fault of one of the steps.
  package func fault(step: Int, _ reason: RuntimeFault.Reason) -> RuntimeFault {
    let step = steps[step]
    let inputs = operands(of: step).map(type)
    return RuntimeFault(graph: graph, node: Int(step.node), inputTypes: inputs, reason: reason)
  }
}

/// The sum of two counts; the largest number where it is more.
private func addingUpToLimit(_ a: Int, _ b: Int) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? .max : sum
}

extension Plan.Statistics {
  fileprivate init(_ draft: Draft, _ kernels: KernelSelection, _ placement: Placement) {
    self = draft.statistics
    memoryBytes = placement.byteCount
    peakBytes = placement.peakBytes
    constantBytes = draft.constants.reduce(0) { $0 + $1.byteCount }
    workspaceBytes = kernels.kernels.reduce(0) { max($0, $1.workspaceBytes) }
    flops = kernels.indices.reduce(0) { sum, index in
      addingUpToLimit(sum, kernels.kernels[Int(index)].flops)
    }
    variableBytes = draft.graph.variables.reduce(0) { sum, variable in
      guard draft.variableIndices[variable.value.int] >= 0 else { return sum }
      return addingUpToLimit(sum, draft.type(of: variable.value.index).byteCount ?? .max)
    }
  }
}

extension Draft {
  /// A variable is written with its own type only.
  fileprivate func checkUpdates() throws(PlanError) {
    for update in updates {
      let variable = graph.variables[Int(update.variable)]
      let given = type(of: update.value)
      let declared = type(of: variable.value.index)
      guard given == declared else {
        throw .wrongType(variable: variable.name, span: variable.span, declared: declared, given: given)
      }
    }
  }
}
