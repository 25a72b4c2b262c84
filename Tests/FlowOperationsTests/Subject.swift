import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

/// A row's operation on its operands, as a graph.
struct Subject {
  let proof: Proof

  init(_ row: OperationCase, _ dtype: DType, registry: Registry = .builtIn()) throws {
    proof = try Proof(row.operation, row.tensors(dtype), row.attributes, title: row.testDescription, registry: registry)
  }

  var builder: GraphBuilder { proof.builder }
  var inputs: [Value] { proof.inputs }
  var outputs: [Value] { proof.outputs }
  var feeds: [String: Tensor] { proof.feeds }
}

/// Values.
extension Subject {
  /// Holds the first output against what a naive computation makes of the row.
  func checkValue(_ row: OperationCase, _ dtype: DType) throws {
    let results = try proof.run()
    #expect(results.map(\.type) == proof.outputs.map(\.type), "\(row.testDescription) \(dtype)")
    guard let reference = row.reference else { return }
    let expected = reference(row.tensors(dtype))
    #expect(results[0].count == expected.count, "\(row.testDescription) \(dtype)")
    let tolerance = tolerance(of: results[0].dtype, from: dtype)
    for (number, wanted) in zip(results[0].doubles, expected) {
      #expect(isClose(number, wanted, tolerance), "\(row.testDescription) \(dtype): \(number), not \(wanted)")
    }
  }

  /// Of results of magnitude 1 or relative to larger ones: for storage types, half a unit in the last place.
  private func tolerance(of result: DType, from operands: DType) -> Double {
    switch result {
    case .f64: operands == .f64 ? 1e-12 : 3e-6
    case .f32: 3e-6
    case .f16: 0x1p-11 + 3e-6
    case .bf16: 0x1p-8 + 3e-6
    case .i64, .i32, .i16, .i8, .u8, .bool: 0
    }
  }
}

/// Gradients.
extension Subject {
  func checkGradients(_ row: OperationCase) { #expect(proof.gradientFindings(order: row.order) == []) }
}
