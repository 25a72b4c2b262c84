import CVectorMath
package import FlowTensor

/// A batched matrix product of fixed sizes: `y = a · b`, or `y = a · b + bias` with a row that is added to each row.
///
/// SAFETY: addresses come from views of the sizes that the plan was made from; blocks write disjoint parts of the result; the
/// workspace has the bytes that were asked for.
package struct MatrixProduct: Sendable {
  package let plan: MatrixProductPlan
  /// What computes floating numbers where each matrix is small.
  let small: SmallProduct?

  package init(_ plan: MatrixProductPlan) {
    self.plan = plan
    small = SmallProduct(plan)
  }

  /// What one block of floating numbers wants for itself.
  package func workspaceBytes(_ dtype: DType) -> Int {
    guard dtype == .f64 || dtype == .f32 else { return 0 }
    return GemmWorkspace.bytes(dtype, rows: plan.rowsAtOnce, columns: plan.columnsAtOnce, depth: plan.depth)
  }

  package func run(
    block: Int, _ a: TensorView, _ b: TensorView, bias: TensorView? = nil, into y: MutableTensorView,
    workspace: UnsafeMutableRawPointer
  ) {
    switch y.dtype {
    case .f64: floating(Double.self, block, a, b, bias, y, workspace)
    case .f32: floating(Float.self, block, a, b, bias, y, workspace)
    case .i64: whole(Int64.self, block, a, b, bias, y)
    case .i32: whole(Int32.self, block, a, b, bias, y)
    case .i16: whole(Int16.self, block, a, b, bias, y)
    case .i8: whole(Int8.self, block, a, b, bias, y)
    case .u8: whole(UInt8.self, block, a, b, bias, y)
    case .f16, .bf16, .bool: preconditionFailure("no matrix product of \(y.dtype)")
    }
  }

  private func floating<Number: GemmNumber>(
    _ type: Number.Type, _ block: Int, _ a: TensorView, _ b: TensorView, _ bias: TensorView?, _ y: MutableTensorView,
    _ workspace: UnsafeMutableRawPointer
  ) {
    if let small {
      guard block < plan.batch.count else { return }
      var call = call(small, block, a, b, bias, y)
      return flow_run_calls(&call, 1)
    }
    guard let panel = Panel<Number>(plan, block, a, b, bias, y) else { return }
    Number.run(panel.gemm(workspace))
  }

  private func whole<Number: FixedWidthInteger>(
    _ type: Number.Type, _ block: Int, _ a: TensorView, _ b: TensorView, _ bias: TensorView?, _ y: MutableTensorView
  ) {
    guard let panel = Panel<Number>(plan, block, a, b, bias, y) else { return }
    panel.multiply()
  }
}

/// The part of one matrix product that one block computes.
///
/// SAFETY: as `MatrixProduct`.
struct Panel<Number> {
  let a: UnsafePointer<Number>
  let b: UnsafePointer<Number>
  let bias: UnsafePointer<Number>?
  let y: UnsafeMutablePointer<Number>
  let (rows, columns, depth): (Int, Int, Int)
  let plan: MatrixProductPlan

  /// nil where the block is empty.
  init?(
    _ plan: MatrixProductPlan, _ block: Int, _ a: TensorView, _ b: TensorView, _ bias: TensorView?,
    _ y: MutableTensorView
  ) {
    let (rest, columnBlock) = block.quotientAndRemainder(dividingBy: plan.columnBlocks)
    let (matrix, rowBlock) = rest.quotientAndRemainder(dividingBy: plan.rowBlocks)
    let (row, column) = (rowBlock * plan.rowsAtOnce, columnBlock * plan.columnsAtOnce)
    rows = min(plan.rowsAtOnce, plan.rows - row)
    columns = min(plan.columnsAtOnce, plan.columns - column)
    depth = plan.depth
    self.plan = plan
    guard plan.batch.count > 0, rows > 0, columns > 0 else { return nil }
    let (matrixA, matrixB) = plan.operands(ofMatrix: matrix)
    self.a =
      a.address.assumingMemoryBound(to: Number.self) + matrixA * plan.rows * depth
      + (plan.transposeA ? row : row * depth)
    self.b =
      b.address.assumingMemoryBound(to: Number.self) + matrixB * plan.columns * depth
      + (plan.transposeB ? column * depth : column)
    self.bias = bias.map { $0.address.assumingMemoryBound(to: Number.self) + column }
    self.y = y.address.assumingMemoryBound(to: Number.self) + (matrix * plan.rows + row) * plan.columns + column
  }

}

extension Panel where Number: FixedWidthInteger {
  /// Each result is the bias, or zero, and its products, which wrap.
  @inline(__always)
  func multiply() {
    let (rowA, depthA) = plan.transposeA ? (1, plan.rows) : (depth, 1)
    let (depthB, columnB) = plan.transposeB ? (1, depth) : (plan.columns, 1)
    for row in 0..<rows {
      let result = y + row * plan.columns
      if let bias { result.update(from: bias, count: columns) } else { result.update(repeating: 0, count: columns) }
      for k in 0..<depth {
        let factor = a[row * rowA + k * depthA]
        let right = b + k * depthB
        for column in 0..<columns { result[column] &+= factor &* right[column * columnB] }
      }
    }
  }
}

extension Panel {
  func gemm(_ workspace: UnsafeMutableRawPointer) -> Gemm<Number> {
    var gemm = Gemm<Number>(
      .init(address: a, stride: plan.transposeA ? plan.rows : depth, isTransposed: plan.transposeA),
      .init(address: b, stride: plan.transposeB ? depth : plan.columns, isTransposed: plan.transposeB), into: y,
      stride: plan.columns, rows: rows, columns: columns, depth: depth, adds: false, workspace: workspace)
    gemm.bias = bias
    return gemm
  }
}
