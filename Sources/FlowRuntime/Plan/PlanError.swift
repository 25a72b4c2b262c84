package import FlowDiagnostics
package import FlowTensor

/// Why a graph cannot be planned for the sizes that it is given.
package enum PlanError: Error, Hashable, Sendable {
  /// One axis of a variable, and the size that was fed there.
  package struct Place: Hashable, Sendable {
    package let variable: String
    package let axis: Int
    package let size: Int
    package let span: SourceSpan?
  }

  /// A symbolic dimension has two sizes.
  case sizeConflict(dimension: String, first: Place, second: Place)
  /// A tensor does not fit the declared type.
  case wrongType(variable: String, span: SourceSpan?, declared: TensorType, given: TensorType)
  /// No tensor gives a symbolic dimension its size.
  case unboundDimension(String, variable: String, span: SourceSpan?)
  /// A node's types do not fit once the sizes are known, or its kernel cannot be made.
  case fault(RuntimeFault)
  /// The plan's values do not fit in memory that can be addressed.
  case tooLarge

  package func diagnostic(step: Int? = nil) -> Diagnostic {
    switch self {
    case .sizeConflict(let dimension, let first, let second):
      Diagnostic(
        id: "shape-mismatch",
        "dimension '\(dimension)' is \(first.size) in '\(first.variable)' and \(second.size) in '\(second.variable)'",
        at: second.span, notes: [Diagnostic.Note("\(first), \(second)", at: first.span)])
    case .wrongType(let variable, let span, let declared, let given):
      Diagnostic(
        id: declared.dtype == given.dtype ? "shape-mismatch" : "dtype-mismatch",
        "'\(variable)' takes \(declared), not \(given)", at: span)
    case .unboundDimension(let dimension, let variable, let span):
      Diagnostic(
        id: "unbound-dimension", "nothing gives dimension '\(dimension)' of '\(variable)' a size", at: span,
        help: "feed an input that has it")
    case .fault(let fault): fault.diagnostic(step: step)
    case .tooLarge:
      Diagnostic(id: "size-overflow", "the values of one step do not fit in memory", at: nil)
    }
  }
}

extension PlanError.Place: CustomStringConvertible {
  package var description: String { "axis \(axis) of '\(variable)' is \(size)" }
}
