import FlowGraph
import FlowKernels
import FlowTensor

/// Cholesky factors.
struct Cholesky: PreparedOperation {
  static let name = "cholesky"
  static let signature: Signature = "x -> y"
  static let manual = Manual(
    "The lower triangular factor of each symmetric positive definite matrix, x = y @ yᵀ; of x its symmetric part counts.",
    shapes: "x [..., n, n] → y [..., n, n]",
    gradient: "x̄ = the symmetric part of y⁻ᵀ · s · y⁻¹, s the lower triangle of yᵀ · ȳ with its diagonal halved",
    source: "Murray, Differentiation of the Cholesky decomposition, 2016")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    _ = try Self.squares(inputs[0])
    return inputs
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try BlockKernel.ofMatrices(Self.self, inputs[0]) { (kernel, matrix, x, y) throws(MatrixFault) in
      try kernel.cholesky(matrix, x, into: y)
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let y = call.outputs[0]
    let product = y.multiplied(by: gradients[0], transposeSelf: true)
    let triangle = product.applying("tril") - 0.5 * product.applying("diagonal").applying("diagonal_matrix")
    let left = y.solvingTransposed(triangle)
    let both = y.solvingTransposed(left.matrixTransposed)
    return [.value(0.5 * (both + both.matrixTransposed))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.adding(self) }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int { cubic(inputs[0], 3) }
}

/// Inverse matrices.
struct Inverse: PreparedOperation {
  static let name = "inverse"
  static let signature: Signature = "x -> y"
  static let manual = Manual(
    "The inverse of each matrix; solve(x, b) is faster and more accurate than inverse(x) @ b.",
    shapes: "x [..., n, n] → y [..., n, n]", gradient: "x̄ = -yᵀ · ȳ · yᵀ",
    source: "LAPACK, getrf: LU factors with row pivots")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    _ = try Self.squares(inputs[0])
    return inputs
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try BlockKernel.ofMatrices(Self.self, inputs[0]) { (kernel, matrix, x, y) throws(MatrixFault) in
      try kernel.invert(matrix, x, into: y)
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let y = call.outputs[0]
    return [
      .value(-y.multiplied(by: gradients[0], transposeSelf: true).multiplied(by: y, transposeOther: true))
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.adding(self) }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int { cubic(inputs[0], 1) }
}

/// Logarithms of determinants.
struct LogDeterminant: PreparedOperation {
  static let name = "logdet"
  static let signature: Signature = "x -> y"
  static let manual = Manual(
    "Logarithm of the determinant of each matrix, which must be positive.", shapes: "x [..., n, n] → y [...]",
    gradient: "x̄ = ȳ · x⁻ᵀ", source: "LAPACK, getrf: LU factors with row pivots")

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    [TensorType(inputs[0].dtype, Shape(try Self.squares(inputs[0]).outer))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try BlockKernel.ofMatrices(Self.self, inputs[0]) { (kernel, matrix, x, y) throws(MatrixFault) in
      try kernel.logDeterminant(matrix, x, into: y)
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let inverse = call.inputs[0].applying("inverse").matrixTransposed
    return [.value(gradients[0].reshaped(to: Shape(gradients[0].shape.dimensions + [1, 1])) * inverse)]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.adding(self) }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int { cubic(inputs[0], 1) }
}

extension Value {
  /// The last two axes swapped.
  var matrixTransposed: Value {
    let axes = Array(shape.indices)
    return transposed(axes.dropLast(2) + axes.suffix(2).reversed())
  }

  /// The transposed inverse of this lower triangle, times `other`.
  fileprivate func solvingTransposed(_ other: Value) -> Value {
    combined("triangular_solve", other, ["transpose": .boolean(true)])
  }
}

extension Operation {
  /// The leading axes and the size of square matrices.
  static func squares(_ type: TensorType) throws(OperationError) -> (outer: [Dimension], size: Dimension) {
    try expectFloating(type)
    let (outer, rows, columns) = try matrix(type)
    guard rows.equals(columns) != false else { throw .shapeMismatch("\(name): takes square matrices, not \(type)") }
    guard (rows.size ?? 0) <= Int(Int32.max) else { throw OperationError(.limit, "\(name): \(type) is too large") }
    return (outer, rows)
  }

  /// Says which matrix is to blame.
  static func explaining(
    _ type: TensorType, _ body: () throws(MatrixFault) -> Void
  ) throws(OperationError) {
    do {
      try body()
    } catch {
      let which = type.shape.rank == 2 ? "the matrix \(type)" : "matrix \(error.matrix) of \(type)"
      switch error.reason {
      case .singular: throw .badValue("\(name): \(which) is singular")
      case .notPositiveDefinite: throw .badValue("\(name): \(which) is not positive definite")
      case .negativeDeterminant: throw .badValue("\(name): the determinant of \(which) is negative")
      }
    }
  }
}

extension BlockKernel {
  /// A block for each of a batch of square matrices.
  fileprivate static func ofMatrices<Body: PreparedOperation>(
    _ operation: Body.Type, _ type: TensorType,
    _ body: @escaping @Sendable (SquareMatrices, Int, TensorView, MutableTensorView) throws(MatrixFault) -> Void
  ) throws(OperationError) -> any Kernel {
    _ = try Body.squares(type)
    let sizes = try type.knownSizes()
    let kernel = SquareMatrices(size: sizes[sizes.count - 1], count: sizes.dropLast(2).reduce(1, *))
    return try Body.singlePrecision([type], operation.init().infer([type])) { _ in
      BlockKernel(blocks: kernel.count) { matrix, inputs, outputs throws(OperationError) in
        try Body.explaining(type) { () throws(MatrixFault) in try body(kernel, matrix, inputs[0], outputs[0]) }
      }
    }
  }
}

/// The elements of the matrices times their size, over `divisor`.
private func cubic(_ type: TensorType, _ divisor: Int) -> Int {
  guard let count = try? type.shape.elementCount().size, let size = type.shape.dimensions.last?.size else { return 0 }
  let (flops, overflow) = count.multipliedReportingOverflow(by: size)
  return overflow ? .max : flops / divisor
}
