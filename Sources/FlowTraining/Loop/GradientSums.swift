import FlowGraph
import FlowTensor

/// The gradients of several batches, weighted by rows and summed in slots before the optimizer sees them.
///
/// Each batch of a step is fed its share of the step's rows as a weight, so the sum is the gradient of the mean over all rows.
struct GradientSums {
  /// The name of the slots; no definition can have it.
  static let slot = "@sum"

  /// The index of the input that is a batch's share of the rows.
  let weight: Int
  private let shares: [Value?]
  private let sums: [Value?]

  /// Declares the input and the slots.
  init(_ parameters: [Graph.Variable], _ gradients: [Value?], _ builder: GraphBuilder) {
    let one = builder.value(parameters[0].value).cast(to: .f64).constant(1)
    let share = builder.variable("@weight", .input, TensorType(.f64), initial: one)
    weight = builder.graph.variables.count - 1
    shares = gradients.map { gradient in gradient.map { $0 * share.cast(to: $0.dtype) } }
    sums = zip(parameters, gradients).map { parameter, gradient in
      gradient.map { gradient in
        let zeros = builder.value(parameter.value).zeros
        return builder.variable(
          "\(Self.slot).\(parameter.name)", .slot(Self.slot, of: parameter.name),
          TensorType(gradient.dtype, parameter.type.shape), initial: zeros)
      }
    }
  }

  /// The graph of a batch that is not the last: it adds its share to the slots.
  func adding(_ builder: GraphBuilder) -> Graph {
    let builder = GraphBuilder(builder.graph, registry: builder.registry)
    for case (let sum?, let share?) in zip(sums, shares) {
      _ = builder.update(builder.value(sum.id), to: builder.value(sum.id) + builder.value(share.id))
    }
    return builder.graph
  }

  /// The gradients of the whole step, in the graph of its last batch, which empties the slots.
  func finish(_ builder: GraphBuilder) -> [Value?] {
    for case let sum? in sums { _ = builder.update(sum, to: sum.zeros) }
    return zip(sums, shares).map { sum, share in
      sum.flatMap { sum in share.map { sum + $0 } }
    }
  }
}
