import FlowGraph
import FlowKernels
import FlowTensor

private let systemShapes = "a [..., n, n], b [..., n, m] or [n] → x, shaped as b"

/// Solutions of linear systems.
struct Solve: PreparedOperation {
  static let name = "solve"
  static let signature: Signature = "a, b -> x"
  static let manual = Manual(
    "The solution of a @ x = b for each matrix; leading axes broadcast, b of one axis is a single column.",
    shapes: systemShapes, gradient: "b̄ = solve(aᵀ, x̄), ā = -b̄ · xᵀ", source: "LAPACK, getrf: LU factors with row pivots"
  )

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    [TensorType(inputs[0].dtype, try SystemSizes(inputs, of: Self.self).result)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try BlockKernel.solving(.general, inputs, of: Self.self)
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let system = try SystemSizes(call.inputs.map(\.type), of: Self.self)
    let gradient = system.column(gradients[0])
    let right = call.inputs[0].matrixTransposed.combined("solve", gradient)
    let left = right.multiplied(by: system.column(call.outputs[0]), transposeOther: true)
    return [.value(-left), .value(right.reshaped(to: gradients[0].shape))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    try SystemSizes(batch.call.inputs.map(\.type), of: Self.self).batched(batch, self)
  }
}

/// Solutions of triangular systems.
struct TriangularSolve: PreparedOperation {
  static let name = "triangular_solve"
  static let signature: Signature = "a, b -> x"
  static let attributes = [
    Attribute<Self>("lower", \.lower, "whether a's lower triangle is meant, else its upper one"),
    Attribute<Self>("transpose", \.transpose, "whether the triangle is transposed, without copying"),
  ]
  static let manual = Manual(
    "The solution of a @ x = b, where only a triangle of a counts; leading axes broadcast.", shapes: systemShapes,
    gradient: "b̄ = the solution of aᵀ · b̄ = x̄, ā = the triangle of -b̄ · xᵀ")

  var lower = true
  var transpose = false

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    [TensorType(inputs[0].dtype, try SystemSizes(inputs, of: Self.self).result)]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    try BlockKernel.solving(.triangular(lower: lower, transposed: transpose), inputs, of: Self.self)
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let system = try SystemSizes(call.inputs.map(\.type), of: Self.self)
    let x = system.column(call.outputs[0])
    let right = call.inputs[0].combined(
      "triangular_solve", system.column(gradients[0]), ["lower": .boolean(lower), "transpose": .boolean(!transpose)])
    let left =
      transpose ? x.multiplied(by: right, transposeOther: true) : right.multiplied(by: x, transposeOther: true)
    return [.value(-left.applying(lower ? "tril" : "triu")), .value(right.reshaped(to: gradients[0].shape))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    try SystemSizes(batch.call.inputs.map(\.type), of: Self.self).batched(batch, self)
  }
}

/// What the sizes of a linear system are called.
private struct SystemSizes {
  let batchA: Shape
  let batchB: Shape
  let batch: Shape
  let size: Dimension
  let columns: Dimension
  let isVector: Bool

  init<Body: Operation>(_ inputs: [TensorType], of operation: Body.Type) throws(OperationError) {
    let (a, b) = (inputs[0], inputs[1])
    try Body.expectSameDType(a, b)
    let (outer, size) = try Body.squares(a)
    isVector = b.shape.rank == 1
    guard b.shape.rank > 0 else {
      throw .shapeMismatch("\(Body.name): a right side is a column or a matrix, not \(b)")
    }
    let rows = isVector ? b.shape[0] : b.shape[b.shape.rank - 2]
    guard rows.equals(size) != false else {
      throw .shapeMismatch("\(Body.name): shapes \(a.shape) and \(b.shape) do not fit: \(size) rows against \(rows)")
    }
    batchA = Shape(outer)
    batchB = isVector ? .scalar : Shape(Array(b.shape.dimensions.dropLast(2)))
    guard let batch = batchA.broadcast(with: batchB) else {
      throw .shapeMismatch("\(Body.name): the leading axes of \(a.shape) and \(b.shape) do not broadcast")
    }
    self.batch = batch
    self.size = size.size == nil ? rows : size
    columns = isVector ? 1 : b.shape[b.shape.rank - 1]
  }

  var result: Shape { Shape(batch.dimensions + (isVector ? [size] : [size, columns])) }

  /// The systems of a whole batch, vectors as matrices of one column.
  func batched(_ batch: BatchedCall, _ operation: some Operation) throws(OperationError) -> [BatchedValue] {
    let (a, b) = (batch.call.inputs[0].shape, batch.call.inputs[1].shape)
    let column = isVector ? Shape(b.dimensions + [1]) : b
    let rank = max(a.rank, column.rank)
    let inputs = [batch.aligned(0, rank: rank), batch.aligned(1, rank: rank, as: column)]
    return batch.result(try batch.call.builder.add(operation, inputs)[0])
  }

  /// A vector as a matrix of one column.
  func column(_ value: Value) -> Value {
    isVector ? value.reshaped(to: Shape(value.shape.dimensions + [1])) : value
  }
}

extension BlockKernel {
  fileprivate static func solving<Body: PreparedOperation>(
    _ form: LinearSystem.Form, _ inputs: [TensorType], of operation: Body.Type
  ) throws(OperationError) -> any Kernel {
    let system = try SystemSizes(inputs, of: operation)
    guard let size = system.size.size, let columns = system.columns.size, let a = system.batchA.sizes,
      let b = system.batchB.sizes, let batch = system.batch.sizes
    else { throw .shapeMismatch("\(Body.name): the sizes of \(inputs[0]) and \(inputs[1]) are not known yet") }
    guard columns <= Int(Int32.max) else { throw OperationError(.limit, "\(Body.name): \(inputs[1]) is too large") }
    let pairs = zip(positions(of: a, in: batch), positions(of: b, in: batch)).map { (a: $0, b: $1) }
    let kernel = LinearSystem(form, size: size, columns: columns, pairs: pairs)
    let type = inputs[0]
    let result = TensorType(type.dtype, system.result)
    return try Body.singlePrecision(inputs, [result]) { _ in
      BlockKernel(blocks: kernel.count) { matrix, inputs, outputs throws(OperationError) in
        try Body.explaining(type) { () throws(MatrixFault) in
          try kernel.solve(matrix, inputs[0], inputs[1], into: outputs[0])
        }
      }
    }
  }

  /// For each index of `sizes`, where it lies in a tensor that is broadcast to them.
  private static func positions(of operand: [Int], in sizes: [Int]) -> [Int] {
    let leading = sizes.count - operand.count
    var positions = [0]
    for (axis, size) in sizes.enumerated() {
      let isRepeated = axis < leading || operand[axis - leading] == 1
      positions = positions.flatMap { position in
        (0..<size).map { isRepeated ? position : position * size + $0 }
      }
    }
    return positions
  }
}
