import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowRuntime
import FlowTensor
import FlowTraining

extension Workbench {
  /// The plan of the outputs; a size that nothing gives is the file's batch, else 1.
  func plan() throws(Failure) -> Plan {
    let graph = program.graph
    let size = program.training?.batch ?? (program.training?.data == nil ? 1 : 32)
    var types: [Int: TensorType] = [:]
    for (index, variable) in graph.variables.enumerated() where variable.type.shape.sizes == nil {
      types[index] = variable.type.replacingSymbols(
        by: size, own: graph.variables[index].initial.map { graph.type(of: $0) })
    }
    var fetches = graph.outputs.map(\.value)
    if let training = program.training { fetches += [training.minimize] + training.report.map(\.value) }
    do {
      return try Plan.make(graph, PlanRequest(fetching: fetches, types: try agreed(types, graph, size)))
    } catch {
      throw Failure(.badData, [error.diagnostic()])
    }
  }

  /// One size for each symbol in all variables: that of an own value where there is one.
  private func agreed(_ types: [Int: TensorType], _ graph: Graph, _ size: Int) throws(PlanError) -> [Int: TensorType] {
    var sizes: [String: Int] = [:]
    for index in types.keys.sorted() {
      for (declared, concrete) in zip(graph.variables[index].type.shape, types[index]?.shape ?? .scalar) {
        guard let symbol = declared.symbol, let known = concrete.size else { continue }
        let isOwn = graph.variables[index].initial.map { graph.type(of: $0).shape.sizes != nil } ?? false
        if isOwn || sizes[symbol] == nil { sizes[symbol] = known }
      }
    }
    var agreed = types
    for index in types.keys {
      let declared = graph.variables[index].type
      let dimensions = declared.shape.map { dimension in
        (try? dimension.renaming { Dimension(sizes[$0] ?? size) }) ?? dimension
      }
      agreed[index] = TensorType(declared.dtype, Shape(dimensions))
    }
    return agreed
  }
}

extension TensorType {
  /// The type with `size` for each name, or the sizes of an own value.
  fileprivate func replacingSymbols(by size: Int, own: TensorType?) -> TensorType {
    if let own, own.shape.sizes != nil { return own }
    return TensorType(dtype, Shape(shape.map { (try? $0.renaming { _ in Dimension(size) }) ?? $0 }))
  }
}
