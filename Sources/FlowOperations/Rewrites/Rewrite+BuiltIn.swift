package import FlowGraph

extension Rewrite {
  /// The laws of the built-in operations, in the order in which they are tried.
  package static var builtIn: [Rewrite] { layout + arithmetic + constants + selection + reductions + stable }
}
