import CVectorMath
package import FlowTensor

/// A product of matrices of few numbers: up to 4,096 products, 512 where the result has fewer than four columns.
///
/// Measured on one thread of an AVX-512 processor, in nanoseconds of single precision; T marks a transposed operand. OpenBLAS
/// is called by C: from here a call and what it is asked with take some more.
///
/// | rows | columns | depth | own | OpenBLAS 0.3.21 |
/// |---|---|---|---|---|
/// | 4 | 4 | 4 | 11 | 23 |
/// | 4 | 4 T | 4 | 25 | 63 |
/// | 4 | 8 | 2 | 10 | 20 |
/// | 4 | 1 | 4 | 11 | 24 |
/// | 8 | 8 | 8 | 24 | 37 |
/// | 12 | 12 | 12 | 80 | 58 |
/// | 16 | 16 | 16 | 110 | 104 |
/// | 16 | 16 T | 16 | 187 | 218 |
/// | 24 | 24 | 24 | 482 | 351 |
/// | 64 | 1 | 64 | 683 | 195 |
/// | 64 | 64 | 64 | 6,860 | 4,580 |
///
/// SAFETY: addresses are those of dense matrices of these sizes, of numbers of type f32 or f64.
struct SmallProduct: Sendable {
  private let product: FlowSmallProduct

  /// nil where it is not small.
  init?(_ plan: MatrixProductPlan) {
    product = FlowSmallProduct(
      rows: plan.rows, columns: plan.columns, depth: plan.depth, transpose_a: plan.transposeA ? 1 : 0,
      transpose_b: plan.transposeB ? 1 : 0)
    guard flow_is_small_product(product) != 0 else { return nil }
  }

  /// - Parameter bias: a row that is added to each.
  func call(
    _ dtype: DType, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, bias: UnsafeRawPointer?,
    into y: UnsafeMutableRawPointer
  ) -> FlowCall {
    if dtype == .f64 {
      flow_call_product_f64(
        a.assumingMemoryBound(to: Double.self), b.assumingMemoryBound(to: Double.self),
        bias?.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self), product)
    } else {
      flow_call_product_f32(
        a.assumingMemoryBound(to: Float.self), b.assumingMemoryBound(to: Float.self),
        bias?.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self), product)
    }
  }
}

extension MatrixProduct: CallSource {
  private static let mostMatrices = 16

  package func append(
    to calls: inout CallList, _ inputs: TensorViews, into outputs: MutableTensorViews,
    workspace: UnsafeMutableRawBufferPointer
  ) -> Bool {
    let dtype = outputs[0].dtype
    guard let small, dtype == .f32 || dtype == .f64, plan.batch.count <= Self.mostMatrices else { return false }
    return (0..<plan.batch.count).allSatisfy { matrix in
      calls.append(call(small, matrix, inputs[0], inputs[1], inputs.count > 2 ? inputs[2] : nil, outputs[0]))
    }
  }

  /// One matrix of the batch.
  func call(
    _ small: SmallProduct, _ matrix: Int, _ a: TensorView, _ b: TensorView, _ bias: TensorView?, _ y: MutableTensorView
  ) -> FlowCall {
    let (matrixA, matrixB) = plan.operands(ofMatrix: matrix)
    let width = y.dtype.byteCount
    return small.call(
      y.dtype, a.address + matrixA * plan.rows * plan.depth * width,
      b.address + matrixB * plan.depth * plan.columns * width, bias: bias?.address,
      into: y.address + matrix * plan.rows * plan.columns * width)
  }
}
