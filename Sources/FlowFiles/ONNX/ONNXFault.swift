package import FlowDiagnostics

/// Why a graph cannot be an ONNX model, and where.
package struct ONNXFault: Error, Sendable {
  /// Lower case, no full stop.
  package let message: String
  package var span: SourceSpan?

  init(_ message: String) { self.message = message }
}
