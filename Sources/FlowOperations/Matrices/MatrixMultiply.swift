import FlowGraph
import FlowKernels
import FlowTensor

/// Matrix product.
struct MatrixMultiply: PreparedOperation {
  static let name = "matmul"
  static let signature: Signature = "a, b -> y"
  static let attributes = [
    Attribute<Self>("transpose_a", \.transposeA, "whether a's last two axes are swapped first, without copying"),
    Attribute<Self>("transpose_b", \.transposeB, "whether b's last two axes are swapped first, without copying"),
  ]
  static let manual = Manual(
    "Matrix product: a @ b; leading axes broadcast, a vector is a row on the left and a column on the right.",
    shapes: "a [..., n, k], b [..., k, m] → y [..., n, m]", gradient: "ā = ȳ · bᵀ, b̄ = aᵀ · ȳ")

  var transposeA = false
  var transposeB = false

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    [TensorType(inputs[0].dtype, try sizes(inputs).result)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let sizes = try sizes(inputs)
    guard let rows = sizes.rows.size, let columns = sizes.columns.size, let depth = sizes.depth.size,
      let a = sizes.batchA.sizes, let b = sizes.batchB.sizes, let batch = sizes.batch.sizes
    else { throw .shapeMismatch("the sizes of \(inputs[0]) and \(inputs[1]) are not known yet") }
    let plan = MatrixProductPlan(
      batches: a, b, into: batch, rows: rows, columns: columns, depth: depth, transposeA: transposeA,
      transposeB: transposeB)
    return try Self.singlePrecision(inputs, infer(inputs)) { CallableKernel.multiplying(plan, $0[0].dtype) }
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    guard let depth = try? sizes(inputs).depth.size, let count = try? outputs[0].shape.elementCount().size else {
      return 0
    }
    let (flops, overflow) = count.multipliedReportingOverflow(by: max(1, 2 * depth))
    return overflow ? .max : flops
  }

  /// What the sizes of a product are called.
  private struct Sizes {
    var batchA: Shape
    var batchB: Shape
    var batch: Shape
    var rows: Dimension
    var columns: Dimension
    var depth: Dimension
    var result: Shape
  }

  private func sizes(_ inputs: [TensorType]) throws(OperationError) -> Sizes {
    let (a, b) = (inputs[0], inputs[1])
    try Self.expectSameDType(a, b)
    try Self.expectNumbers(a)
    guard a.shape.rank > 0, b.shape.rank > 0 else {
      throw .shapeMismatch("matmul: takes vectors, matrices and batches of them, not \(a) and \(b)", help: "use *")
    }
    guard !(transposeA && a.shape.rank == 1), !(transposeB && b.shape.rank == 1) else {
      throw .badAttribute(
        transposeA && a.shape.rank == 1 ? "transpose_a" : "transpose_b",
        "matmul: a vector cannot be transposed: \(a) and \(b)")
    }
    let (batchA, rows, depth) = Self.matrix(a.shape, isTransposed: transposeA, isLeft: true)
    let (batchB, depthB, columns) = Self.matrix(b.shape, isTransposed: transposeB, isLeft: false)
    guard depth.equals(depthB) != false else {
      throw .shapeMismatch(
        "matmul: shapes \(a.shape) and \(b.shape) do not fit: \(depth) columns against \(depthB) rows")
    }
    guard let batch = batchA.broadcast(with: batchB) else {
      throw .shapeMismatch("matmul: the leading axes of \(a.shape) and \(b.shape) do not broadcast")
    }
    let result = batch.dimensions + (a.shape.rank == 1 ? [] : [rows]) + (b.shape.rank == 1 ? [] : [columns])
    return Sizes(
      batchA: batchA, batchB: batchB, batch: batch, rows: rows, columns: columns,
      depth: depth.size == nil ? depthB : depth, result: Shape(result))
  }

  private static func matrix(
    _ shape: Shape, isTransposed: Bool, isLeft: Bool
  ) -> (batch: Shape, rows: Dimension, columns: Dimension) {
    if shape.rank == 1 { return (.scalar, isLeft ? 1 : shape[0], isLeft ? shape[0] : 1) }
    let (first, second) = (shape[shape.rank - 2], shape[shape.rank - 1])
    return (Shape(Array(shape.dimensions.dropLast(2))), isTransposed ? second : first, isTransposed ? first : second)
  }
}

extension MatrixMultiply {
  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (a, b) = (call.inputs[0], call.inputs[1])
    let matrixA = a.shape.rank == 1 ? a.reshaped(to: [1, a.shape[0]]) : a
    let matrixB = b.shape.rank == 1 ? b.reshaped(to: [b.shape[0], 1]) : b
    let sizes = try sizes([a.type, b.type])
    let gradient = gradients[0].reshaped(to: Shape(sizes.batch.dimensions + [sizes.rows, sizes.columns]))
    let left = gradientA(matrixA, matrixB, gradient).summed(to: matrixA.shape)
    let right = try gradientB(matrixA, matrixB, gradient).summed(to: matrixB.shape)
    return [.value(left.reshaped(to: a.shape)), .value(right.reshaped(to: b.shape))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    let (a, b) = (batch.call.inputs[0].shape, batch.call.inputs[1].shape)
    let rank = max(a.rank, b.rank, 2)
    let left = batch.aligned(0, rank: rank, as: a.rank == 1 ? [1, a[0]] : a)
    let right = batch.aligned(1, rank: rank, as: b.rank == 1 ? [b[0], 1] : b)
    return batch.result(left.multiplied(by: right, transposeSelf: transposeA, transposeOther: transposeB))
  }

  private func gradientA(_ a: Value, _ b: Value, _ gradient: Value) -> Value {
    transposeA
      ? b.multiplied(by: gradient, transposeSelf: transposeB, transposeOther: true)
      : gradient.multiplied(by: b, transposeOther: !transposeB)
  }

  private func gradientB(_ a: Value, _ b: Value, _ gradient: Value) throws(OperationError) -> Value {
    var (a, gradient) = (a, gradient)
    if b.shape.rank == 2, a.shape.rank > 2, !transposeA {
      // One product over all rows, instead of one a matrix and a sum over them.
      let rows = try Self.elementCount(Shape(Array(a.shape.dimensions.dropLast())))
      a = a.reshaped(to: [rows, a.shape[a.shape.rank - 1]])
      gradient = gradient.reshaped(to: [rows, gradient.shape[gradient.shape.rank - 1]])
    }
    return transposeB
      ? gradient.multiplied(by: a, transposeSelf: true, transposeOther: transposeA)
      : a.multiplied(by: gradient, transposeSelf: !transposeA)
  }
}

extension CallableKernel {
  /// The product of the first two inputs and, where there is a third, its sum with that row.
  static func multiplying(_ plan: MatrixProductPlan, _ dtype: DType) -> CallableKernel {
    let product = MatrixProduct(plan)
    let kernel = WorkspaceKernel(blocks: plan.blocks, workspaceBytes: product.workspaceBytes(dtype)) {
      block, inputs, outputs, workspace in
      product.run(
        block: block, inputs[0], inputs[1], bias: inputs.count > 2 ? inputs[2] : nil, into: outputs[0],
        workspace: workspace)
    }
    return CallableKernel(kernel, product)
  }
}
