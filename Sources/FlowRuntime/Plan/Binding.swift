import FlowGraph
import FlowTensor

/// The sizes of symbolic dimensions, and where each was read.
struct Binding: Sendable {
  private(set) var sizes: [String: Int] = [:]
  private var places: [String: PlanError.Place] = [:]

  /// Reads the sizes off the types that variables are given.
  init(_ graph: Graph, _ given: [Int: TensorType]) throws(PlanError) {
    let indices = given.keys.sorted()
    for index in indices { try read(graph.variables[index], given[index]) }
    for index in indices { try check(graph.variables[index], given[index]) }
  }

  /// A derived dimension's size, known once the node that introduced it has its types.
  mutating func bind(derived symbol: String, to size: Int) {
    if sizes[symbol] == nil { sizes[symbol] = size }
  }

  private mutating func read(_ variable: Graph.Variable, _ given: TensorType?) throws(PlanError) {
    guard let given, let concrete = given.shape.sizes else { return }
    guard given.dtype == variable.type.dtype, given.shape.rank == variable.type.shape.rank else {
      throw .wrongType(variable: variable.name, span: variable.span, declared: variable.type, given: given)
    }
    for (axis, dimension) in variable.type.shape.dimensions.enumerated() {
      guard let symbol = dimension.symbol else { continue }
      try bind(
        symbol,
        PlanError.Place(variable: variable.name, axis: axis, size: concrete[axis], span: variable.span))
    }
  }

  private mutating func bind(_ symbol: String, _ place: PlanError.Place) throws(PlanError) {
    if let first = places[symbol], first.size != place.size {
      throw .sizeConflict(dimension: symbol, first: first, second: place)
    }
    guard places[symbol] == nil else { return }
    places[symbol] = place
    sizes[symbol] = place.size
  }

  /// What is no bare name must come out as given.
  private func check(_ variable: Graph.Variable, _ given: TensorType?) throws(PlanError) {
    guard let given else { return }
    let concrete = try? variable.type.substituting(sizes)
    guard let concrete, concrete.shape.sizes == nil || concrete == given else {
      throw .wrongType(variable: variable.name, span: variable.span, declared: variable.type, given: given)
    }
  }
}

extension TensorType {
  /// The type with sizes put in for names; names without a size stay.
  func substituting(_ sizes: [String: Int]) throws(SizeOverflow) -> TensorType {
    var dimensions: [Dimension] = []
    for dimension in shape.dimensions { dimensions.append(try dimension.substituting(sizes)) }
    return TensorType(dtype, Shape(dimensions))
  }

  /// Whether a tensor is of this type; allocates nothing.
  func describes(_ tensor: Tensor) -> Bool {
    dtype == tensor.dtype && shape.dimensions.elementsEqual(tensor.sizes) { $0.size == $1 }
  }

  /// Whether every size is known.
  var isConcrete: Bool { shape.dimensions.allSatisfy { $0.size != nil } }
}
