/// A dense array of numbers, row-major, immutable once made.
public struct Tensor: Sendable {
  public let dtype: DType
  /// The sizes along the axes, outermost first.
  public let sizes: [Int]
  package let storage: TensorStorage

  /// Makes a tensor whose bytes `fill` writes; they begin as zeros.
  ///
  /// - Precondition: the number of bytes fits in an `Int`; check sizes that come from a file first.
  package init<Failure: Error>(
    _ dtype: DType, _ sizes: [Int], filling fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    self.dtype = dtype
    self.sizes = sizes
    storage = TensorStorage(byteCount: sizes.reduce(1, *) * dtype.byteCount)
    try fill(storage.mutableBytes)
  }

  /// Makes a tensor of `elements`, in row-major order.
  ///
  /// - Precondition: `sizes` multiply to the number of elements.
  public init<Element: TensorElement>(_ elements: [Element], _ sizes: [Int]) {
    precondition(sizes.reduce(1, *) == elements.count, "sizes do not match the number of elements")
    self.init(Element.dtype, sizes) { bytes in elements.withUnsafeBytes { bytes.copyMemory(from: $0) } }
  }

  public init<Element: TensorElement>(scalar: Element) { self.init([scalar], []) }

  public var type: TensorType { TensorType(dtype, Shape(sizes)) }
  public var count: Int { sizes.reduce(1, *) }
  public var byteCount: Int { storage.byteCount }

  /// The same elements in another shape.
  ///
  /// - Precondition: `sizes` multiply to the number of elements.
  public func reshaped(_ sizes: [Int]) -> Tensor {
    precondition(sizes.reduce(1, *) == count, "sizes do not match the number of elements")
    return Tensor(dtype: dtype, sizes: sizes, storage: storage)
  }

  /// The elements, where they are of this type; nil where the dtype is another.
  public func elements<Element: TensorElement>(of type: Element.Type = Element.self) -> [Element]? {
    guard Element.dtype == dtype else { return nil }
    return withUnsafeBytes { bytes in
      [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
        initialized = count
      }
    }
  }

  package func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(storage.bytes)
  }

  private init(dtype: DType, sizes: [Int], storage: TensorStorage) {
    self.dtype = dtype
    self.sizes = sizes
    self.storage = storage
  }
}

extension Tensor: Hashable {
  /// The same dtype, sizes and bits.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.dtype == b.dtype && a.sizes == b.sizes && a.withUnsafeBytes { x in b.withUnsafeBytes { x.elementsEqual($0) } }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(dtype)
    hasher.combine(sizes)
  }
}
