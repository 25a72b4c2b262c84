package import FlowGraph
package import FlowTensor

extension Graph {
  /// The first values of variables: each computed once, from the seed and its own random stream, with step 0.
  ///
  /// - Parameters:
  ///   - isWanted: which variables; those without a first value are left out. An input's default is its first value.
  ///   - inputs: what is fed, by the index of the variable; it gives sizes to symbolic dimensions.
  package func initialState(
    seed: Int64, inputs: [Int: Tensor] = [:], executor: Executor,
    where isWanted: (Variable) -> Bool = { $0.role.isKept }
  ) throws(SessionError) -> State {
    let wanted = variables.filter { $0.initial != nil && isWanted($0) }
    guard !wanted.isEmpty else { return [:] }
    let session = Session(
      self, fetching: wanted.compactMap(\.initial), takesInitialValues: true, executor: executor)
    session.setCounter(seed: seed, step: 0)
    for (variable, tensor) in inputs { session.feed(variable, tensor) }
    try session.evaluate()
    var state: State = [:]
    for (position, variable) in wanted.enumerated() { state[variable.name] = session.tensor(position) }
    return state
  }

  /// The variables that a request reads, by index: what must be fed or be in a store.
  package func requirements(of request: PlanRequest) -> [Int] {
    let reachability = Reachability(self, request)
    return variables.indices.filter { reachability.isNeeded[Int(producers[variables[$0].value.int])] }
  }
}
