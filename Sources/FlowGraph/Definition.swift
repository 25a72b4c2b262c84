public import FlowDiagnostics

/// A function from values to values that adds nodes: a `def` of a graph file, or one written in Swift.
public struct Definition: Sendable {
  public let name: String
  private let body: @Sendable (GraphBuilder, [Value], String) throws(Diagnostics) -> [Value]

  /// - Parameter body: receives the builder, the operands, and the name of the variable that it is called for.
  public init(
    _ name: String, body: @escaping @Sendable (GraphBuilder, [Value], String) throws(Diagnostics) -> [Value]
  ) {
    self.name = name
    self.body = body
  }

  /// Adds the definition's nodes.
  ///
  /// - Parameter variable: what its own variables are named after.
  public func callAsFunction(
    _ builder: GraphBuilder, _ operands: [Value], for variable: String
  ) throws(Diagnostics) -> [Value] {
    try body(builder, operands, variable)
  }
}
