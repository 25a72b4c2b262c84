import FlowFiles
package import FlowGraph
package import FlowRuntime
package import FlowTensor

extension WeightLayout {
  /// The tensors of a graph's parameters and states as this layout names and turns them.
  ///
  /// - Fails: where the layout has no place for one of them.
  package func tensors(of graph: Graph, _ state: State) throws(Failure) -> [(name: String, tensor: Tensor)] {
    if let variable = misplaced(in: graph).first {
      throw Failure(
        .badData, id: "no-place",
        "the layout '\(rawValue)' has no place for '\(variable.name)', \(variable.type): it is part of no layer it knows",
        at: variable.span, help: "--layout \(WeightLayout.flow.rawValue) keeps every name")
    }
    return places(in: graph).compactMap { place in
      guard let tensor = state[place.variable] else { return nil }
      if place.isFiller { return (place.name, Tensor(tensor.dtype, tensor.sizes) { _ in }) }
      return (place.name, place.axes.map { tensor.transposed($0) } ?? tensor)
    }
  }
}
