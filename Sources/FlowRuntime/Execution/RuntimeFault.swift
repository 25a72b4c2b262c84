package import FlowDiagnostics
package import FlowGraph
package import FlowTensor

/// Why a node could not be made ready or run.
package struct RuntimeFault: Error, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    case operation(OperationError)
    /// A floating output that is no longer a number, or infinite; counted row by row.
    case notFinite(value: String, index: Int)
  }

  /// What the value is called, else its operation.
  package let title: String
  package let operation: String
  package let span: SourceSpan?
  package let inputTypes: [TensorType]
  package let reason: Reason

  package init(title: String, operation: String, span: SourceSpan?, inputTypes: [TensorType], reason: Reason) {
    self.title = title
    self.operation = operation
    self.span = span
    self.inputTypes = inputTypes
    self.reason = reason
  }

  /// The fault as a message at the node's place.
  ///
  /// - Parameter step: the training step, where there is one.
  package func diagnostic(step: Int? = nil) -> Diagnostic {
    let moment = step.map { ", in step \($0)" } ?? ""
    let call = "'\(title)' is \(operation)(\(inputTypes.map(\.description).joined(separator: ", ")))\(moment)"
    let note = Diagnostic.Note(call, at: nil)
    switch reason {
    case .operation(let error):
      return Diagnostic(id: error.kind.rawValue, error.message, at: span, help: error.help, notes: [note])
    case .notFinite(let value, let index):
      return Diagnostic(
        id: "not-finite", "'\(title)' is no longer finite: element \(index) is \(value)", at: span, notes: [note])
    }
  }
}
