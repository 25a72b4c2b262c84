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

  package init(
    fetching fetches: [ValueID], updates: [Graph.Update] = [], types: [Int: TensorType] = [:],
    takesInitialValues: Bool = false
  ) {
    self.fetches = fetches
    self.updates = updates
    self.types = types
    self.takesInitialValues = takesInitialValues
  }
}
