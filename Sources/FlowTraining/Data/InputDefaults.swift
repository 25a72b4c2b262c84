package import FlowGraph
import FlowLanguage
package import FlowRuntime
package import FlowTensor

/// What inputs hold that nothing feeds: their own values, evaluated once for each binding of the symbolic dimensions.
package struct InputDefaults {
  private let graph: Graph
  private let seed: Int64
  private let executor: Executor
  /// Those whose own value has a type that depends on nothing else.
  package let fixed: [(variable: Int, tensor: Tensor)]
  /// Those whose own value's type depends on sizes that others give.
  private let dependent: [Int]

  /// - Parameter fed: the inputs that something else fills.
  package init(_ graph: Graph, fed: Set<Int>, seed: Int64, executor: Executor) throws(Failure) {
    let own = graph.variables.indices.filter {
      graph.variables[$0].role == .input && graph.variables[$0].initial != nil && !fed.contains($0)
    }
    self.graph = graph
    self.seed = seed
    self.executor = executor
    dependent = own.filter { !graph.initialType(of: $0).shape.isConcrete }
    let concrete = own.filter { graph.initialType(of: $0).shape.isConcrete }
    fixed = try Self.evaluate(concrete, graph, seed, executor, inputs: [:])
  }

  /// The tensors of all inputs with own values, given what is fed beside them.
  package func tensors(beside fed: [(variable: Int, tensor: Tensor)]) throws(Failure) -> [(
    variable: Int, tensor: Tensor
  )] {
    fixed + (try changingTensors(beside: fed))
  }

  /// Those that are not fixed.
  func changingTensors(beside fed: [(variable: Int, tensor: Tensor)]) throws(Failure) -> [(
    variable: Int, tensor: Tensor
  )] {
    guard !dependent.isEmpty else { return [] }
    let inputs = Dictionary((fed + fixed).map { ($0.variable, $0.tensor) }) { first, _ in first }
    return try Self.evaluate(dependent, graph, seed, executor, inputs: inputs)
  }

  private static func evaluate(
    _ variables: [Int], _ graph: Graph, _ seed: Int64, _ executor: Executor, inputs: [Int: Tensor]
  ) throws(Failure) -> [(variable: Int, tensor: Tensor)] {
    let names = Set(variables.map { graph.variables[$0].name })
    let state = try evaluating { () throws(SessionError) in
      try graph.initialState(seed: seed, inputs: inputs, executor: executor) {
        $0.role == .input && names.contains($0.name)
      }
    }
    return variables.compactMap { index in state[graph.variables[index].name].map { (index, $0) } }
  }
}

extension Graph {
  /// Proves, before any work, that nothing which is needed will lack a value.
  ///
  /// - Parameters:
  ///   - filled: the inputs that batches of `request` fill.
  func checkFilled(
    _ filled: Set<Int>, fetching fetches: [ValueID], _ updates: [Update], by request: DataRequest?
  ) throws(Failure) {
    let needed = requirements(of: PlanRequest(fetching: fetches, updates: updates))
    let missing = needed.first { variables[$0].role == .input && variables[$0].initial == nil && !filled.contains($0) }
    guard let missing else { return }
    let name = variables[missing].name
    throw Failure(
      .badData, id: "missing-input",
      "nothing fills '\(name)': it has no value of its own\(request == nil ? "" : " and no data")",
      at: request?.span ?? variables[missing].span,
      help: request == nil
        ? "input \(name) = ..., or data: hdf5(\"file.h5\", \(name): \"name\")" : "add \(name): \"its name in the file\""
    )
  }

  fileprivate func initialType(of variable: Int) -> TensorType {
    variables[variable].initial.map { type(of: $0) } ?? variables[variable].type
  }
}

extension Shape {
  fileprivate var isConcrete: Bool { sizes != nil }
}
