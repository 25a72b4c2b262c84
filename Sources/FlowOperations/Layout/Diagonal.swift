import FlowGraph
import FlowKernels
import FlowTensor

private let diagonalHelp = "which diagonal: above the main one where positive, below it where negative"

/// The numbers on a diagonal.
struct Diagonal: PreparedOperation {
  static let name = "diagonal"
  static let signature: Signature = "x -> y"
  static let attributes = [Attribute<Self>("offset", \.offset, diagonalHelp)]
  static let manual = Manual(
    "A diagonal of the last two axes.", shapes: "x [..., n, m] → y [..., k]",
    gradient: "x̄ = ȳ on the diagonal, zero elsewhere")

  var offset = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let (outer, rows, columns) = try Self.matrix(inputs[0])
    let length: Dimension
    if let rows = rows.size, let columns = columns.size {
      length = Dimension(DiagonalPlace(rows, columns, offset).count)
    } else {
      length = offset == 0 && rows.equals(columns) == true ? rows : .unknown
    }
    return [TensorType(inputs[0].dtype, Shape(outer + [length]))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    BlockKernel.gathering(DiagonalPlace.layout(try inputs[0].knownSizes(), offset))
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (_, rows, columns) = try Self.matrix(call.inputs[0].type)
    return [
      .value(
        gradients[0].applying(
          "diagonal_matrix",
          ["offset": .whole(offset), "shape": Shape([rows, columns]).attributeValue]))
    ]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.adding(self) }
}

/// Matrices with numbers on a diagonal.
struct DiagonalMatrix: PreparedOperation {
  static let name = "diagonal_matrix"
  static let signature: Signature = "x -> y"
  static let attributes = [
    Attribute<Self>("offset", \.offset, diagonalHelp),
    Attribute<Self>("shape", \.shape, "the sizes of each matrix; square and just large enough where left out"),
  ]
  static let manual = Manual(
    "Zeros, with the last axis of x on a diagonal.", shapes: "x [..., k] → y [..., n, m]",
    gradient: "x̄ = diagonal(ȳ)")

  var offset = 0
  var shape: Shape?

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let x = inputs[0]
    let last = try Self.axis(-1, of: x.shape)
    let size = try Self.sum(x.shape[last], Dimension(Int(clamping: offset.magnitude)))
    let matrix = try Self.checked(shape ?? [size, size])
    guard matrix.rank == 2 else { throw .badAttribute("shape", "diagonal_matrix: makes matrices, not shape \(matrix)") }
    if let rows = matrix[0].size, let columns = matrix[1].size {
      let count = DiagonalPlace(rows, columns, offset).count
      guard x.shape[last].equals(Dimension(count)) != false else {
        throw .shapeMismatch(
          "diagonal_matrix: diagonal \(offset) of \(matrix) has \(count) numbers, not \(x.shape[last])")
      }
    }
    return [TensorType(x.dtype, Shape(x.shape.dimensions.dropLast() + matrix.dimensions))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let layout = DiagonalPlace.layout(try infer(inputs)[0].knownSizes(), offset)
    return BlockKernel { _, inputs, outputs in StridedCopy.scatter(layout, inputs[0], into: outputs[0]) }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0].applying("diagonal", ["offset": .whole(offset)]))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.adding(self) }
}

/// Where a diagonal begins in a matrix, and how long it is.
private struct DiagonalPlace {
  let row: Int
  let column: Int
  let count: Int

  init(_ rows: Int, _ columns: Int, _ offset: Int) {
    column = min(max(offset, 0), columns)
    row = offset < 0 ? Int(min(offset.magnitude, UInt(rows))) : 0
    count = min(rows - row, columns - column)
  }

  static func layout(_ sizes: [Int], _ offset: Int) -> StridedLayout {
    let (rows, columns) = (sizes[sizes.count - 2], sizes[sizes.count - 1])
    let place = DiagonalPlace(rows, columns, offset)
    return StridedLayout(
      sizes: sizes.dropLast(2) + [place.count], strides: StridedLayout.denseStrides(sizes).dropLast(2) + [columns + 1],
      offset: place.count == 0 ? 0 : place.row * columns + place.column)
  }
}

/// Upper triangles.
struct UpperTriangle: PreparedOperation {
  static let name = "triu"
  static let signature: Signature = "x -> y"
  static let attributes = [Attribute<Self>("offset", \.offset, diagonalHelp)]
  static let manual = Manual(
    "The last two axes with zeros below a diagonal.", shapes: "x [..., n, m] → y [..., n, m]",
    gradient: "x̄ = triu(ȳ)")

  var offset = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    _ = try Self.matrix(inputs[0])
    return inputs
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let sizes = try inputs[0].knownSizes()
    let (rows, columns) = (sizes[sizes.count - 2], sizes[sizes.count - 1])
    let offset = min(max(offset, -rows), columns)
    return BlockKernel.masking(sizes) { row in 0..<min(max(row + offset, 0), columns) }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0].applying("triu", ["offset": .whole(offset)]))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.adding(self) }
}

/// Lower triangles.
struct LowerTriangle: PreparedOperation {
  static let name = "tril"
  static let signature: Signature = "x -> y"
  static let attributes = [Attribute<Self>("offset", \.offset, diagonalHelp)]
  static let manual = Manual(
    "The last two axes with zeros above a diagonal.", shapes: "x [..., n, m] → y [..., n, m]",
    gradient: "x̄ = tril(ȳ)")

  var offset = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    _ = try Self.matrix(inputs[0])
    return inputs
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let sizes = try inputs[0].knownSizes()
    let (rows, columns) = (sizes[sizes.count - 2], sizes[sizes.count - 1])
    let offset = min(max(offset, -rows), columns)
    return BlockKernel.masking(sizes) { row in min(max(row + offset + 1, 0), columns)..<columns }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0].applying("tril", ["offset": .whole(offset)]))]
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.adding(self) }
}

extension BlockKernel {
  /// Copies matrices with zeros in those columns of each row that `zeros` gives.
  fileprivate static func masking(
    _ sizes: [Int], _ zeros: @escaping @Sendable (_ row: Int) -> Range<Int>
  ) -> BlockKernel {
    let (rows, columns) = (sizes[sizes.count - 2], sizes[sizes.count - 1])
    let count = columns == 0 ? 0 : sizes.dropLast().reduce(1, *)
    return BlockKernel(Blocks(of: count, each: max(1, 32_768 / max(columns, 1)))) { range, inputs, outputs in
      StridedCopy.copy(range.lowerBound * columns..<range.upperBound * columns, inputs[0], into: outputs[0])
      for row in range {
        let zeros = zeros(row % rows)
        outputs[0].fill(row * columns + zeros.lowerBound..<row * columns + zeros.upperBound, with: 0)
      }
    }
  }
}

extension Operation {
  /// The leading axes, and the sizes of the matrices in the last two.
  static func matrix(
    _ type: TensorType
  ) throws(OperationError) -> (outer: [Dimension], rows: Dimension, columns: Dimension) {
    let rank = type.shape.rank
    guard rank >= 2 else { throw .shapeMismatch("\(name): takes matrices [..., n, m], not \(type)") }
    return (Array(type.shape.dimensions.dropLast(2)), type.shape[rank - 2], type.shape[rank - 1])
  }
}
