/// A tensor that a kernel reads: address, sizes and dtype, row-major, without ownership.
///
/// SAFETY: whoever makes a view keeps the memory behind `address` and `dimensions` alive, and unwritten by others, while
/// the kernel that received it runs. Views are not stored by kernels.
public struct TensorView {
  public let address: UnsafeRawPointer
  public let dtype: DType
  public let rank: Int
  package let sizes: UnsafePointer<Int>
  /// The number of elements.
  public let count: Int

  public init(address: UnsafeRawPointer, dtype: DType, sizes: UnsafePointer<Int>, rank: Int, count: Int) {
    self.address = address
    self.dtype = dtype
    self.sizes = sizes
    self.rank = rank
    self.count = count
  }

  public var dimensions: UnsafeBufferPointer<Int> { UnsafeBufferPointer(start: sizes, count: rank) }

  /// The elements, in row-major order.
  ///
  /// - Precondition: `Element` is the Swift type of `dtype`.
  public func elements<Element: TensorElement>(_ type: Element.Type = Element.self) -> UnsafeBufferPointer<Element> {
    assert(Element.dtype == dtype)
    return UnsafeBufferPointer(start: address.assumingMemoryBound(to: Element.self), count: count)
  }
}

/// A tensor that a kernel writes.
///
/// SAFETY: as `TensorView`; nobody else reads or writes the memory meanwhile, except that an input may lie at the same
/// address where the operation says so.
public struct MutableTensorView {
  public let address: UnsafeMutableRawPointer
  public let dtype: DType
  public let rank: Int
  package let sizes: UnsafePointer<Int>
  public let count: Int

  public init(address: UnsafeMutableRawPointer, dtype: DType, sizes: UnsafePointer<Int>, rank: Int, count: Int) {
    self.address = address
    self.dtype = dtype
    self.sizes = sizes
    self.rank = rank
    self.count = count
  }

  public var dimensions: UnsafeBufferPointer<Int> { UnsafeBufferPointer(start: sizes, count: rank) }

  /// - Precondition: `Element` is the Swift type of `dtype`.
  public func elements<Element: TensorElement>(
    _ type: Element.Type = Element.self
  ) -> UnsafeMutableBufferPointer<Element> {
    assert(Element.dtype == dtype)
    return UnsafeMutableBufferPointer(start: address.assumingMemoryBound(to: Element.self), count: count)
  }
}

/// The inputs of a kernel.
public struct TensorViews {
  private let base: UnsafePointer<TensorView>?
  public let count: Int

  public init(_ base: UnsafePointer<TensorView>?, count: Int) {
    self.base = base
    self.count = count
  }

  public subscript(index: Int) -> TensorView { UnsafeBufferPointer(start: base, count: count)[index] }

  /// - Precondition: the range lies within the views.
  public func slice(_ start: Int, _ count: Int) -> TensorViews {
    precondition(start >= 0 && count >= 0 && start + count <= self.count, "a slice outside of the views")
    return TensorViews(base.map { $0 + start }, count: count)
  }
}

/// The outputs of a kernel.
public struct MutableTensorViews {
  private let base: UnsafePointer<MutableTensorView>?
  public let count: Int

  public init(_ base: UnsafePointer<MutableTensorView>?, count: Int) {
    self.base = base
    self.count = count
  }

  public subscript(index: Int) -> MutableTensorView { UnsafeBufferPointer(start: base, count: count)[index] }
}

extension Tensor {
  /// Calls `body` with views of tensors, which it may read while it runs.
  package static func withViews<Result, Failure: Error>(
    of tensors: [Tensor], _ body: (TensorViews) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var sizes: [Int] = tensors.flatMap(\.sizes)
    if sizes.isEmpty { sizes = [0] }
    let outcome = sizes.withUnsafeBufferPointer { all -> Swift.Result<Result, Failure> in
      var offset = 0
      var views: [TensorView] = []
      for tensor in tensors {
        guard let address = tensor.storage.bytes.baseAddress, let base = all.baseAddress else { continue }
        views.append(
          TensorView(
            address: address, dtype: tensor.dtype, sizes: base + offset, rank: tensor.sizes.count, count: tensor.count))
        offset += tensor.sizes.count
      }
      return views.withUnsafeBufferPointer { buffer in
        do throws(Failure) {
          return .success(try body(TensorViews(buffer.baseAddress, count: buffer.count)))
        } catch {
          return .failure(error)
        }
      }
    }
    withExtendedLifetime(tensors) {}
    return try outcome.get()
  }
}
