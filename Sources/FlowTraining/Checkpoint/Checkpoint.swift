import FlowFiles
package import FlowGraph
package import FlowRuntime
package import FlowTensor

/// A training's state as it is saved: everything that a run needs to go on with the same bits, and nothing else.
package struct Checkpoint: Sendable {
  /// How far the training got.
  package struct Progress: Sendable, Equatable {
    /// Steps done.
    package var step = 0
    /// Epochs done.
    package var epoch = 0
    /// Batches done of the running epoch.
    package var batch = 0
    /// Rows seen in the running epoch, and the metrics' sums over them, the loss first.
    package var rows = 0
    package var sums: [Double] = []
    package var seed: Int64 = 0
    package var history = History()

    package init(seed: Int64 = 0) { self.seed = seed }
  }

  /// The metrics of each epoch done, by name: `minimize`, `report/accuracy`, `validation/minimize` ...
  package struct History: Sendable, Equatable {
    package var columns: [(name: String, values: [Double])] = []

    package init() {}

    package mutating func append(_ name: String, _ value: Double) {
      if let index = columns.firstIndex(where: { $0.name == name }) {
        columns[index].values.append(value)
      } else {
        columns.append((name, [value]))
      }
    }

    package static func == (a: History, b: History) -> Bool {
      a.columns.count == b.columns.count && zip(a.columns, b.columns).allSatisfy { $0 == $1 }
    }
  }

  /// The version of the layout that this program writes.
  package static let version: Int64 = 1
  package static let format = "flow.checkpoint"

  package var graphName: String
  /// The graph's canonical text: the checkpoint runs by itself.
  package var source: String
  /// Parameters, states and slots, by their paths in the file: `params/h/0/w`.
  package var tensors: [(path: String, tensor: Tensor)]
  package var progress: Progress

  package init(graphName: String, source: String, graph: Graph, state: State, progress: Progress) {
    self.graphName = graphName
    self.source = source
    tensors = graph.variables.compactMap { variable in
      guard let path = Self.path(of: variable), let tensor = state[variable.name] else { return nil }
      return (path, tensor)
    }
    self.progress = progress
  }

  /// Where a variable is kept; nil for one that is not.
  package static func path(of variable: Graph.Variable) -> String? {
    switch variable.role {
    case .parameter: "params/" + groups(variable.name)
    case .state: "state/" + groups(variable.name)
    // Empty between two steps.
    case .slot(GradientSums.slot, _): nil
    case .slot(let name, let parameter): "optimizer/\(name)/" + groups(parameter)
    case .input, .counter, .step: nil
    }
  }

  private static func groups(_ name: String) -> String { name.replacing(".", with: "/") }
}
