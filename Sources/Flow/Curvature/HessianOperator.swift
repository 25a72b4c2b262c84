import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowRuntime
package import FlowTensor
package import FlowTraining

/// The Hessian of a scalar by several tensors together, as one symmetric matrix that is never formed.
package final class HessianOperator {
  package let target: String
  /// What it is differentiated by, in the order in which a vector holds them.
  package let variables: [(name: String, type: TensorType)]
  /// The length of a vector.
  package let count: Int
  /// How fine the numbers of a product are, relative.
  package let unit: Double

  private let session: Session
  private let directions: [Int]
  /// Which result is a part of the product; nil where that part is zero.
  private let results: [Int?]

  /// - Parameters:
  ///   - target: nil for what is minimized, else the only floating scalar output.
  ///   - names: nil for all parameters.
  ///   - feeds: tensors by the index of the variable.
  package init(
    _ evaluation: Evaluation, of target: String?, by names: [String]?, feeds: [Int: Tensor],
    options: (of: String, wrt: String)? = nil
  ) throws(Failure) {
    let (name, value) = try Differentiation.target(evaluation, target, options)
    let chosen = try Differentiation.variables(evaluation, names == nil ? Self.parameters(evaluation) : names, options)
    self.target = name
    let builder = GraphBuilder(evaluation.program.graph, registry: evaluation.registry)
    let inputs = chosen.map { builder.value($0.value) }
    let tangents = chosen.map { builder.variable("direction of \($0.name)", .input, builder.value($0.value).type) }
    let products: [Value?]
    do {
      let gradients = try builder.gradients(of: builder.value(value), wrt: inputs)
      let found = gradients.compactMap { $0 }
      var pushed = try builder.pushforward(of: found, along: inputs, tangents)[...]
      products = gradients.map { $0 == nil ? nil : pushed.removeFirst() }
    } catch {
      throw Failure(error, at: evaluation.program.graph.span(of: value))
    }
    let point = try evaluation.evaluate(evaluation.program.graph, chosen.map(\.value), feeds: feeds)
    let graph = builder.graph
    let fetched = products.compactMap { $0?.id }
    session = try evaluation.session(graph, fetched, try evaluation.inputs(graph, fetched, feeds))
    variables = zip(chosen, point).map { ($0.name, $1.type) }
    count = point.reduce(0) { $0 + $1.count }
    directions = tangents.compactMap { graph.node(of: $0.id).variable }
    var position = 0
    results = products.map { product in
      guard product != nil else { return nil }
      position += 1
      return position - 1
    }
    unit = point.map(\.dtype.unit).max() ?? 0
  }

  private static func parameters(_ evaluation: Evaluation) throws(Failure) -> [String] {
    let parameters = evaluation.program.graph.variables.filter { $0.role == .parameter && $0.isDifferentiable }
    if parameters.isEmpty {
      throw Failure(
        .badData, id: "no-variables", "the graph has no floating parameters", help: "--wrt takes any floating values")
    }
    return parameters.map(\.name)
  }

  /// The Hessian times a vector.
  package func product(_ vector: [Double]) throws(Failure) -> [Double] {
    var offset = 0
    for ((_, type), direction) in zip(variables, directions) {
      let sizes = type.shape.sizes ?? []
      let end = offset + sizes.reduce(1, *)
      session.feed(direction, Tensor(Array(vector[offset..<end]), sizes, as: type.dtype))
      offset = end
    }
    try evaluating { () throws(SessionError) in try session.evaluate() }
    return zip(variables, results).flatMap { variable, position in
      let none = [Double](repeating: 0, count: (variable.type.shape.sizes ?? []).reduce(1, *))
      return position.map { session.tensor($0)?.doubles ?? none } ?? none
    }
  }
}

extension DType {
  /// Half the distance from 1 to the next number; that of what narrow numbers are computed in.
  fileprivate var unit: Double {
    switch self {
    case .f64: 0x1p-53
    case .f32: 0x1p-24
    case .f16: 0x1p-11
    case .bf16: 0x1p-8
    case .i64, .i32, .i16, .i8, .u8, .bool: 0
    }
  }
}
