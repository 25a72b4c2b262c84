/// The sizes of a tensor along its axes, outermost first. A scalar has none.
public struct Shape: Hashable, Sendable {
  public var dimensions: [Dimension]

  /// The largest number of axes of a tensor.
  public static let maximumRank = 16

  public init(_ dimensions: [Dimension]) { self.dimensions = dimensions }
  public init(_ sizes: [Int]) { dimensions = sizes.map { Dimension($0) } }

  public static let scalar = Shape([Dimension]())

  public var rank: Int { dimensions.count }

  /// All sizes, where every one is known.
  public var sizes: [Int]? {
    var sizes: [Int] = []
    sizes.reserveCapacity(rank)
    for dimension in dimensions {
      guard let size = dimension.size else { return nil }
      sizes.append(size)
    }
    return sizes
  }

  /// How many elements a tensor of this shape has.
  public func elementCount() throws(SizeOverflow) -> Dimension {
    var product = Dimension(1)
    for dimension in dimensions { product = try product.multiplied(by: dimension) }
    return product
  }

  /// Whether both are the same: nil where that depends on sizes not known yet.
  public func equals(_ other: Shape) -> Bool? {
    guard rank == other.rank else { return false }
    var decided = true
    for (a, b) in zip(dimensions, other.dimensions) {
      switch a.equals(b) {
      case false?: return false
      case nil: decided = false
      case true?: break
      }
    }
    return decided ? true : nil
  }

  /// The shape of an element-wise result, as NumPy broadcasts; nil where the shapes do not fit.
  ///
  /// Where it depends on sizes not known yet, a dimension is the one that is not 1 if the other is a number, else `unknown`.
  public func broadcast(with other: Shape) -> Shape? {
    if self == other { return self }
    let (long, short) = rank >= other.rank ? (self, other) : (other, self)
    var result = long.dimensions
    let offset = long.rank - short.rank
    for (index, b) in short.dimensions.enumerated() {
      guard let dimension = Self.broadcast(result[offset + index], b) else { return nil }
      result[offset + index] = dimension
    }
    return Shape(result)
  }

  private static func broadcast(_ a: Dimension, _ b: Dimension) -> Dimension? {
    if a == b || b.size == 1 { return a }
    if a.size == 1 { return b }
    switch (a.size, b.size, a.equals(b)) {
    case (_, _, true?): return a
    case (_?, _?, _): return nil
    case (_?, nil, _): return a
    case (nil, _?, _): return b
    case (nil, nil, _): return .unknown
    }
  }
}

extension Shape: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { dimensions.count }
  public subscript(index: Int) -> Dimension { dimensions[index] }
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral dimensions: Dimension...) { self.dimensions = dimensions }
}

extension Shape: CustomStringConvertible {
  public var description: String { "[\(dimensions.map(\.description).joined(separator: ", "))]" }
}

/// What is known of a tensor before it is computed.
public struct TensorType: Hashable, Sendable {
  public var dtype: DType
  public var shape: Shape

  public init(_ dtype: DType, _ shape: Shape = .scalar) {
    self.dtype = dtype
    self.shape = shape
  }

  /// The bytes of a tensor of this type, where its size is known and fits.
  public var byteCount: Int? {
    guard let count = try? shape.elementCount().size else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: dtype.byteCount)
    return overflow ? nil : bytes
  }
}

extension TensorType: CustomStringConvertible {
  /// As the graph language writes it: `f32[n, 784]`, `f64`.
  public var description: String { shape.rank == 0 ? dtype.rawValue : "\(dtype.rawValue)\(shape)" }
}
