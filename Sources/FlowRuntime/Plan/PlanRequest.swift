package import FlowGraph
package import FlowTensor

/// What a plan is to compute, and for which sizes.
package struct PlanRequest: Sendable {
  /// The values wanted, in the order in which they are read back.
  package var fetches: [ValueID]
  /// The variables that a step writes.
  package var updates: [Graph.Update]
  /// The concrete types of variables that have symbolic ones, by the index of the variable.
  package var types: [Int: TensorType]
  /// Whether a variable with a first value stands for that value instead of being read.
  package var takesInitialValues: Bool
  /// How many bytes may lie free for a while before they are used again, so that independent nodes need not wait for each other.
  package var slackBytes: Int
  /// Whether work is saved where the result stays the same but for rounding; else every node runs as the graph has it.
  package var optimizes: Bool
  /// Whether the time that each law takes is measured.
  package var timesRewrites = false
  /// Whether element-wise nodes run in passes that they share.
  package var fuses: Bool

  package static let defaultSlackBytes = 2 << 20

  package init(
    fetching fetches: [ValueID], updates: [Graph.Update] = [], types: [Int: TensorType] = [:],
    takesInitialValues: Bool = false, slackBytes: Int = defaultSlackBytes, optimizes: Bool = true, fuses: Bool = true
  ) {
    self.fetches = fetches
    self.updates = updates
    self.types = types
    self.takesInitialValues = takesInitialValues
    self.slackBytes = slackBytes
    self.optimizes = optimizes
    self.fuses = fuses
  }
}

extension Graph {
  /// The types of variables when dimensions have the sizes given by name; all others have `others`. By the index of the
  /// variable; those with fixed types are left out.
  package func variableTypes(sizes: [String: Int], others: Int = 1) -> [Int: TensorType] {
    var types: [Int: TensorType] = [:]
    for (index, variable) in variables.enumerated() where !variable.type.isConcrete {
      let named = variable.type.shape.dimensions.flatMap(\.symbols).map { ($0, sizes[$0] ?? others) }
      types[index] = try? variable.type.substituting(Dictionary(named) { first, _ in first })
    }
    return types
  }
}
