import FlowGraph
import FlowTensor

#if canImport(FoundationEssentials)
  import struct FoundationEssentials.Data
#else
  import struct Foundation.Data
#endif

/// A model in the making: nodes and constants are added, each under a name of its own.
final class ONNXBuilder {
  private(set) var graph = ONNXGraph()
  /// Of all tensors' numbers.
  private(set) var byteCount = 0
  private var names: Set<String> = []
  /// Where each named dimension can be read: a graph input and its axis.
  private var sources: [String: (input: String, axis: Int)] = [:]
  private var wholes: [[Int64]: String] = [:]
  private var sizes: [Dimension: String] = [:]

  // MARK: Names

  /// The name itself, or the first of `name.1`, `name.2` ... that is free.
  func unique(_ name: String) -> String {
    var candidate = name
    var number = 0
    while !names.insert(candidate).inserted {
      number += 1
      candidate = "\(name).\(number)"
    }
    return candidate
  }

  // MARK: Parts

  /// Adds a node of one output.
  func add(_ kind: String, _ inputs: [String], _ attributes: [ONNXAttribute] = []) -> String {
    add(kind, inputs, attributes, outputs: 1)[0]
  }

  func add(_ kind: String, _ inputs: [String], _ attributes: [ONNXAttribute], outputs count: Int) -> [String] {
    var node = ONNXNode()
    node.opType = kind
    node.input = inputs
    node.output = (0..<count).map { _ in unique(kind.lowercased()) }
    node.name = node.output[0]
    node.attribute = attributes
    graph.node.append(node)
    return node.output
  }

  /// Gives a value the name that it has outside.
  func output(_ value: String, as name: String, _ type: TensorType) {
    var node = ONNXNode()
    node.opType = "Identity"
    node.input = [value]
    node.output = [name]
    node.name = unique("output.\(name)")
    graph.node.append(node)
    graph.output.append(.init(name, type))
  }

  func input(_ name: String, _ type: TensorType) {
    names.insert(name)
    graph.input.append(.init(name, type))
    for (axis, dimension) in type.shape.enumerated() {
      if let symbol = dimension.symbol, sources[symbol] == nil { sources[symbol] = (name, axis) }
    }
  }

  /// A tensor of the model's own.
  @discardableResult
  func initializer(_ tensor: Tensor, _ name: String) -> String {
    byteCount += tensor.byteCount
    graph.initializer.append(ONNXTensor(tensor, name))
    return name
  }

  /// A node that gives a tensor: what is an initializer is a weight, for this program and for others.
  func constant(_ tensor: Tensor) -> String {
    byteCount += tensor.byteCount
    return add("Constant", [], [.tensor("value", tensor)])
  }

  func constant(_ number: Double, _ dtype: DType) -> String { constant(Tensor([number], [], as: dtype)) }

  /// A vector of whole numbers, `i64`.
  func wholes(_ numbers: [Int64]) -> String {
    if let name = wholes[numbers] { return name }
    let name = constant(Tensor(numbers, [numbers.count]))
    wholes[numbers] = name
    return name
  }

  func wholes(_ numbers: [Int]) -> String { wholes(numbers.map(Int64.init)) }

  // MARK: Sizes

  /// A vector of sizes, `i64`: constant where all are known, else computed from the inputs' shapes.
  func sizes(_ dimensions: [Dimension]) throws(ONNXFault) -> String {
    let known = dimensions.compactMap(\.size)
    if known.count == dimensions.count { return wholes(known) }
    var parts: [String] = []
    for dimension in dimensions { parts.append(try size(dimension)) }
    return parts.count == 1 ? parts[0] : add("Concat", parts, [.whole("axis", 0)])
  }

  /// A vector of one size.
  private func size(_ dimension: Dimension) throws(ONNXFault) -> String {
    if let size = dimension.size { return wholes([size]) }
    if let name = sizes[dimension] { return name }
    var sum: String?
    for part in dimension.terms {
      var product: String? = part.coefficient == 1 && !part.factors.isEmpty ? nil : wholes([part.coefficient])
      for symbol in part.factors {
        let next = try size(symbol: symbol)
        product = product.map { add("Mul", [$0, next]) } ?? next
      }
      let term = product ?? wholes([part.coefficient])
      sum = sum.map { add("Add", [$0, term]) } ?? term
    }
    let name = sum ?? wholes([0])
    sizes[dimension] = name
    return name
  }

  private func size(symbol: String) throws(ONNXFault) -> String {
    guard let (input, axis) = sources[symbol] else {
      throw ONNXFault("no input of the graph tells the size '\(symbol)'")
    }
    let key = Dimension(symbol: symbol)
    if let name = sizes[key] { return name }
    let name = add("Gather", [add("Shape", [input]), wholes([axis])], [.whole("axis", 0)])
    sizes[key] = name
    return name
  }
}

extension ONNXAttribute {
  static func whole(_ name: String, _ value: Int) -> ONNXAttribute {
    var made = named(name, .int)
    made.i = Int64(value)
    return made
  }

  static func flag(_ name: String, _ value: Bool) -> ONNXAttribute { whole(name, value ? 1 : 0) }

  static func wholes(_ name: String, _ values: [Int]) -> ONNXAttribute {
    var made = named(name, .ints)
    made.ints = values.map(Int64.init)
    return made
  }

  static func text(_ name: String, _ value: String) -> ONNXAttribute {
    var made = named(name, .string)
    made.s = Data(value.utf8)
    return made
  }

  static func tensor(_ name: String, _ value: Tensor) -> ONNXAttribute {
    var made = named(name, .tensor)
    made.t = ONNXTensor(value, "")
    return made
  }

  private static func named(_ name: String, _ kind: Kind) -> ONNXAttribute {
    var made = ONNXAttribute()
    made.name = name
    made.type = kind
    return made
  }
}

extension ONNXTensor {
  init(_ tensor: Tensor, _ name: String) {
    self.init()
    self.name = name
    dims = tensor.sizes.map(Int64.init)
    dataType = tensor.dtype.onnxType
    rawData = Data(tensor.bytes)
  }
}

extension ONNXValueInfo {
  init(_ name: String, _ type: TensorType) {
    self.init()
    self.name = name
    self.type.tensorType.elemType = type.dtype.onnxType
    self.type.tensorType.shape.dim = type.shape.map { dimension in
      var made = ONNXShape.Dimension()
      if let size = dimension.size { made.dimValue = Int64(size) } else { made.dimParam = dimension.description }
      return made
    }
  }
}

extension DType {
  /// The number of the type in the public schema.
  var onnxType: Int32 {
    switch self {
    case .f32: 1
    case .u8: 2
    case .i8: 3
    case .i16: 5
    case .i32: 6
    case .i64: 7
    case .bool: 9
    case .f16: 10
    case .f64: 11
    case .bf16: 16
    }
  }
}
