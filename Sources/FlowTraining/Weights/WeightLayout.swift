package import FlowGraph
import FlowTensor

/// Which names and which order of axes a program gives the tensors of a graph.
package enum WeightLayout: String, CaseIterable, Sendable {
  /// The graph's own names: `h.w`.
  case flow
  /// PyTorch's: `h.weight`, a dense layer's turned around.
  case torch
  /// Keras 3's: `layers/dense/vars/0`, filters with their channels last.
  case keras

  /// Where a variable goes.
  package struct Place: Hashable, Sendable {
    package let variable: String
    /// In the file.
    package let name: String
    /// Which of the variable's axes is each of the file's; nil for the same.
    package var axes: [Int]?
    /// Whether only zeros of the variable's shape are there: what the layout has and the graph has not.
    package var isFiller = false
  }

  /// A place for each parameter and state, in the graph's order; none for what the layout has no place for.
  package func places(in graph: Graph) -> [Place] {
    switch self {
    case .flow:
      return graph.variables.filter(\.isWeight).map { Place(variable: $0.name, name: $0.name) }
    case .torch, .keras:
      var namer = Namer(layout: self)
      return WeightScope.all(of: graph).flatMap { namer.places($0) }
    }
  }

  /// The variables for which the layout has no place.
  package func misplaced(in graph: Graph) -> [Graph.Variable] {
    let placed = Set(places(in: graph).map(\.variable))
    return graph.variables.filter { $0.isWeight && !placed.contains($0.name) }
  }
}

extension Graph.Variable {
  package var isWeight: Bool { role == .parameter || role == .state }
}

/// Names the parts of each layer, and counts the layers of each kind as Keras does.
private struct Namer {
  let layout: WeightLayout
  private var counts: [String: Int] = [:]

  init(layout: WeightLayout) { self.layout = layout }

  mutating func places(_ scope: WeightScope) -> [WeightLayout.Place] {
    guard let kind = scope.kind else {
      // Parameters outside of layers: PyTorch has them by name, Keras has no place for them.
      return layout == .torch ? scope.parts.map { .init(variable: $0.name, name: $0.name) } : []
    }
    let parts = layout == .torch ? kind.torch : kind.keras
    guard let prefix = prefix(scope, kind) else { return [] }
    var places = scope.parts.compactMap { variable -> WeightLayout.Place? in
      guard let part = parts[scope.leaf(of: variable)] else { return nil }
      let axes = part.axes(variable.type.shape.rank)
      return .init(variable: variable.name, name: prefix + part.name, axes: axes)
    }
    if layout == .torch, kind.lacksSecondBias, let bias = scope.parts.first(where: { scope.leaf(of: $0) == "b" }) {
      places.append(.init(variable: bias.name, name: prefix + "bias_hh_l0", isFiller: true))
    }
    return places
  }

  private mutating func prefix(_ scope: WeightScope, _ kind: LayerKind) -> String? {
    if layout == .torch { return scope.path.isEmpty ? "" : scope.path + "." }
    guard let title = kind.kerasName else { return nil }
    let count = counts[title, default: 0]
    counts[title] = count + 1
    return "layers/\(title)\(count == 0 ? "" : "_\(count)")/"
  }
}
