import FlowGraph
import FlowKernels
import FlowTensor

/// One number in every element.
struct Fill: PreparedOperation {
  static let name = "fill"
  static let signature: Signature = "-> y"
  static let attributes = [
    Attribute<Self>("value", \.value, required: true, "the number"),
    Attribute<Self>("shape", \.shape, "the sizes of the result"),
    Attribute<Self>("dtype", \.dtype, "the dtype of the result"),
  ]
  static let manual = Manual(
    "One number in every element.", shapes: "→ y [shape]", gradient: "none: it has no operands")

  var value = Scalar.whole(0)
  var shape = Shape.scalar
  var dtype = DType.f32

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard fits else { throw .badAttribute("value", "fill: \(text) does not fit in \(dtype.rawValue)") }
    return [TensorType(dtype, try Self.checked(shape))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let blocks = Blocks(of: try infer(inputs)[0].knownSizes().reduce(1, *))
    switch value {
    case .whole(let whole): return BlockKernel(blocks) { $2[0].fill($0, withWhole: whole) }
    case .boolean(let flag): return BlockKernel(blocks) { $2[0].fill($0, with: flag ? 1 : 0) }
    case .real(let real): return BlockKernel(blocks) { $2[0].fill($0, with: real) }
    case .dimension(let dimension):
      guard let size = dimension.size else { throw .shapeMismatch("fill: the size \(dimension) is not known yet") }
      return BlockKernel(blocks) { $2[0].fill($0, withWhole: size) }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] { [] }

  var constantNumber: Double? {
    let number: Double? =
      switch value {
      case .whole(let whole): Double(exactly: whole)
      case .real(let real): real
      case .boolean(let flag): flag ? 1 : 0
      case .dimension(let dimension): dimension.size.flatMap { Double(exactly: $0) }
      }
    return number.flatMap { Tensor([$0], [], as: dtype).uniformNumber }
  }

  private var fits: Bool {
    switch value {
    case .dimension(let dimension): return dimension.size.map { holds(Double($0)) } ?? true
    case .whole(let whole): return dtype == .i64 || holds(Double(whole))
    case .boolean: return dtype == .bool
    case .real(let real): return dtype.isFloating || (dtype != .i64 && holds(real)) || Int64(exactly: real) != nil
    }
  }

  private func holds(_ number: Double) -> Bool {
    dtype.isFloating || Tensor([number], [], as: dtype).doubles == [number]
  }

  private var text: String {
    switch value {
    case .whole(let whole): "\(whole)"
    case .real(let real): "\(real)"
    case .boolean(let flag): "\(flag)"
    case .dimension(let dimension): "\(dimension)"
    }
  }
}

/// Numbers written in the graph.
struct Literal: PreparedOperation {
  static let name = "literal"
  static let signature: Signature = "-> y"
  static let attributes = [
    Attribute<Self>("values", \.values, required: true, "a nested list of numbers or booleans"),
    Attribute<Self>("dtype", \.dtype, "the dtype of the result; by the numbers where left out"),
  ]
  static let manual = Manual("Numbers written in the graph.", shapes: "→ y", gradient: "none: it has no operands")

  var values = Tensor([Double](), [0])
  var dtype: DType?

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { [try tensor().type] }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let tensor = try tensor()
    return BlockKernel { _, _, outputs in outputs[0].copy(tensor) }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] { [] }

  var constantNumber: Double? { (try? tensor())?.uniformNumber }

  private func tensor() throws(OperationError) -> Tensor {
    guard let tensor = values.converted(to: dtype ?? values.dtype) else {
      throw .badAttribute("values", "literal: the values \(values.type) do not fit in \((dtype ?? .f64).rawValue)")
    }
    return tensor
  }
}

/// A tensor from a file.
struct Load: PreparedOperation {
  static let name = "load"
  static let signature: Signature = "-> y"
  static let attributes = [
    Attribute<Self>("path", \.path, required: true, "the file"),
    Attribute<Self>("name", \.tensor, "the tensor in the file, where it holds several"),
    Attribute<Self>(
      "format", \.format, "what to read it as, such as a plugin's format; left out: what it shows itself to be"),
    Attribute<Self>("data", \.data, hidden: true, "what was read"),
  ]
  static let manual = Manual("A tensor read from a file.", shapes: "→ y", gradient: "none: it has no operands")

  var path = ""
  var tensor = ""
  var format = ""
  var data: Tensor?

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { [try loaded().type] }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let data = try loaded()
    return BlockKernel { _, _, outputs in outputs[0].copy(data) }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] { [] }

  private func loaded() throws(OperationError) -> Tensor {
    guard let data else {
      throw .badAttribute("path", "load: \(tensor.isEmpty ? "" : "'\(tensor)' of ")'\(path)' was not read")
    }
    return data
  }
}

/// The identity matrix.
struct Eye: PreparedOperation {
  static let name = "eye"
  static let signature: Signature = "-> y"
  static let attributes = [
    Attribute<Self>("shape", \.shape, required: true, "the sizes of the matrix"),
    Attribute<Self>("dtype", \.dtype, "the dtype of the result"),
  ]
  static let manual = Manual(
    "Ones on the main diagonal, zeros elsewhere.", shapes: "→ y [n, m]", gradient: "none: it has no operands")

  var shape: Shape = [0, 0]
  var dtype = DType.f32

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard shape.rank == 2 else { throw .badAttribute("shape", "eye: makes a matrix, not shape \(shape)") }
    return [TensorType(dtype, try Self.checked(shape))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let sizes = try infer(inputs)[0].knownSizes()
    let columns = max(sizes[1], 1)
    return BlockKernel(Blocks(of: sizes[0] * sizes[1])) { range, _, outputs in
      outputs[0].write(range) { $0 / columns == $0 % columns ? 1 : 0 }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] { [] }
}
