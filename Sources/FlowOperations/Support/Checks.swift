import FlowGraph
import FlowKernels
import FlowTensor

/// What operations say when inputs do not fit, in one wording.
extension Operation {
  static func expectFloating(_ type: TensorType) throws(OperationError) {
    guard type.dtype.isFloating else {
      throw .dtypeMismatch("\(name): takes floating numbers, not \(type)", help: "cast it to f32 or f64")
    }
  }

  static func expectNumbers(_ type: TensorType) throws(OperationError) {
    guard type.dtype != .bool else { throw .dtypeMismatch("\(name): takes numbers, not \(type)", help: "cast it") }
  }

  static func expectBoolean(_ type: TensorType) throws(OperationError) {
    guard type.dtype == .bool else {
      throw .dtypeMismatch("\(name): takes booleans, not \(type)", help: "compare it with something")
    }
  }

  static func expectWhole(_ type: TensorType, _ what: String) throws(OperationError) {
    guard type.dtype.isInteger else {
      throw .dtypeMismatch("\(name): \(what) are whole numbers, not \(type)", help: "cast to i32")
    }
  }

  static func expectSameDType(_ a: TensorType, _ b: TensorType) throws(OperationError) {
    guard a.dtype == b.dtype else {
      throw .dtypeMismatch("\(name): \(a) and \(b) have different dtypes", help: "cast one of them")
    }
  }

  static func broadcast(_ a: Shape, _ b: Shape) throws(OperationError) -> Shape {
    guard let shape = a.broadcast(with: b) else {
      throw .shapeMismatch("\(name): shapes \(a) and \(b) do not broadcast")
    }
    return shape
  }

  /// A shape given as an attribute.
  static func checked(_ shape: Shape, _ attribute: String = "shape") throws(OperationError) -> Shape {
    guard shape.rank <= Shape.maximumRank else {
      throw OperationError(
        .limit, "\(name): a shape of rank \(shape.rank): the limit is \(Shape.maximumRank)", attribute: attribute)
    }
    guard shape.dimensions.allSatisfy({ ($0.size ?? 0) >= 0 }) else {
      throw .badAttribute(attribute, "\(name): sizes are not negative: \(shape)")
    }
    return shape
  }

  /// An axis of `shape`, counted from the front; -1 is the last.
  static func axis(_ axis: Int, of shape: Shape, attribute: String = "axis") throws(OperationError) -> Int {
    let index = axis < 0 ? axis + shape.rank : axis
    guard shape.dimensions.indices.contains(index) else {
      throw OperationError(
        .badAttribute, "\(name): no axis \(axis) in shape \(shape)",
        help: shape.rank == 0 ? "it is a scalar" : "axes are \(-shape.rank) to \(shape.rank - 1)",
        attribute: attribute)
    }
    return index
  }

  /// For each axis of `shape`, whether it is among `axes`.
  static func selected(_ axes: Axes, of shape: Shape) throws(OperationError) -> [Bool] {
    var isSelected = [Bool](repeating: axes == .all, count: shape.rank)
    let list: [Int] =
      switch axes {
      case .all: []
      case .one(let axis): [axis]
      case .list(let axes): axes
      }
    for number in list {
      let index = try axis(number, of: shape)
      guard !isSelected[index] else { throw .badAttribute("axis", "\(name): axis \(number) is given twice") }
      isSelected[index] = true
    }
    return isSelected
  }

  static func elementCount(_ shape: Shape) throws(OperationError) -> Dimension {
    do {
      return try shape.elementCount()
    } catch {
      throw .sizeOverflow
    }
  }

  /// Says in words what a kernel found.
  ///
  /// - Parameters:
  ///   - what: what numbers of `view` are.
  ///   - view: the tensor in which a number may be out of range.
  static func explaining<Result>(
    _ what: Indices = .indices, of view: TensorView? = nil, _ body: () throws(KernelFault) -> Result
  ) throws(OperationError) -> Result {
    do {
      return try body()
    } catch {
      switch error {
      case .divisionByZero: throw .badValue("\(name): a whole number is divided by zero")
      case .negativePower: throw .badValue("\(name): a whole number to a negative power")
      case .outOfRange(let value, let position, let count):
        let place =
          "\(what.place(ofList: (view?.rank ?? 1) < 2))\(view.map { Self.index(position, $0) } ?? "\(position)")"
        throw .badValue("\(name): \(what.rawValue) \(value) \(place) is not in 0..<\(count)")
      }
    }
  }

  /// `5`, or of several axes `[1, 0]`.
  private static func index(_ position: Int, _ view: TensorView) -> String {
    guard view.rank > 1 else { return "\(position)" }
    var rest = position
    let index = Array(view.dimensions).reversed().map { size in
      defer { rest /= max(size, 1) }
      return rest % max(size, 1)
    }
    return "[\(index.reversed().map(String.init).joined(separator: ", "))]"
  }
}

/// What numbers that choose others are called.
enum Indices: String {
  case indices = "index"
  case positions = "position"
  case classes = "class"

  /// What stands before the place of one, in a list or in a tensor of more axes.
  func place(ofList isList: Bool) -> String {
    switch self {
    case .classes: "of row "
    case .indices, .positions: isList ? "at position " : "at "
    }
  }
}

/// Arithmetic of sizes.
extension Operation {
  static func sum(_ a: Dimension, _ b: Dimension) throws(OperationError) -> Dimension {
    do {
      return try a.adding(b)
    } catch {
      throw .sizeOverflow
    }
  }

  static func product(_ a: Dimension, _ b: Dimension) throws(OperationError) -> Dimension {
    do {
      return try a.multiplied(by: b)
    } catch {
      throw .sizeOverflow
    }
  }

  /// Sizes given as an attribute.
  static func checked(sizes: [Dimension], _ attribute: String) throws(OperationError) -> [Dimension] {
    guard sizes.allSatisfy({ ($0.size ?? 0) >= 0 }) else {
      throw .badAttribute(attribute, "\(name): sizes are not negative: \(Shape(sizes))")
    }
    return sizes
  }
}
