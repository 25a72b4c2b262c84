import FlowDiagnostics
package import FlowGraph
package import FlowLanguage
import FlowTensor

/// A training step as a graph: forward, gradients, clipping, optimizer and updates.
package struct TrainingStep: Sendable {
  /// Of the only batch of a step, or of its last one.
  package let graph: Graph
  /// Of the batches before the last one, whose gradients are summed; nil where a step has one batch.
  package let summing: Graph?
  /// The input that is a batch's share of a step's rows, where a step has several.
  let weight: Int?
  /// How many of the graph's nodes are forward and gradients; what comes then clips these and updates parameters.
  package let gradientNodes: Int
  /// Parameters on which the loss does not depend: nothing trains them.
  package let untrained: [String]

  package init(_ program: Program, _ settings: TrainingSettings, registry: Registry) throws(Failure) {
    let builder = GraphBuilder(program.graph, registry: registry)
    let parameters = program.graph.variables.filter { $0.role == .parameter && $0.type.dtype.isFloating }
    var gradients: [Value?]
    do {
      gradients = try builder.gradients(
        of: builder.value(settings.minimize), wrt: parameters.map { builder.value($0.value) })
    } catch {
      throw Failure(error, at: settings.span)
    }
    if settings.accumulate > 1, gradients.contains(where: { $0 != nil }) {
      let sums = GradientSums(parameters, gradients, builder)
      summing = sums.adding(builder)
      weight = sums.weight
      gradients = sums.finish(builder)
    } else {
      (summing, weight) = (nil, nil)
    }
    gradientNodes = builder.graph.nodeCount
    if let limit = settings.clipNorm { gradients = GradientClipping(limit: limit).clipped(gradients) }
    var untrained: [String] = []
    for (parameter, gradient) in zip(parameters, gradients) {
      guard let gradient else {
        untrained.append(parameter.name)
        continue
      }
      builder.place = parameter.span
      do {
        _ = try settings.optimizer(builder, [builder.value(parameter.value), gradient], for: parameter.name)
      } catch {
        throw Failure(.badData, error.all)
      }
    }
    graph = builder.graph
    self.untrained = untrained
  }
}
