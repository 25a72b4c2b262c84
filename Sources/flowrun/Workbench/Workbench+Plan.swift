import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowRuntime
import FlowTensor
import FlowTraining

extension Workbench {
  /// The plan of the outputs; a size that nothing gives is the file's batch, else 1.
  ///
  /// - Parameter timesRewrites: whether the time that each law takes is measured.
  func plan(timesRewrites: Bool = false) throws(Failure) -> Plan {
    let graph = program.graph
    let size = program.training?.batch ?? (program.training?.data == nil ? 1 : 32)
    var fetches = graph.outputs.map(\.value)
    if let training = program.training { fetches += [training.minimize] + training.report.map(\.value) }
    let types = graph.variableTypes(sizes: ownSizes(graph), others: size)
    var request = PlanRequest(fetching: fetches, types: types, optimizes: options.optimization > 0)
    request.timesRewrites = timesRewrites
    do {
      return try Plan.make(graph, request)
    } catch {
      throw Failure(.badData, [error.diagnostic()])
    }
  }

  /// The sizes that variables' own values give to named dimensions.
  private func ownSizes(_ graph: Graph) -> [String: Int] {
    var sizes: [String: Int] = [:]
    for variable in graph.variables {
      guard let own = variable.initial.flatMap({ graph.type(of: $0).shape.sizes }) else { continue }
      for (declared, size) in zip(variable.type.shape, own) {
        if let symbol = declared.symbol { sizes[symbol] = size }
      }
    }
    return sizes
  }
}
