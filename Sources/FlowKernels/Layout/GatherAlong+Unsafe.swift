package import FlowTensor

/// Entries along one axis by indices that are a tensor of the same rank, and back.
///
/// SAFETY: addresses come from views of the sizes given to `init`; every index is checked before it is used.
package struct GatherAlong: Sendable {
  private let outer: Int
  private let size: Int
  private let count: Int
  private let inner: Int

  /// - Parameters:
  ///   - sizes: of the tensor that is indexed.
  ///   - axis: an index of `sizes`.
  ///   - count: the size of that axis in the tensor of indices, whose other sizes are the same.
  package init(_ sizes: [Int], axis: Int, count: Int) {
    outer = sizes[..<axis].reduce(1, *)
    size = sizes[axis]
    inner = sizes[(axis + 1)...].reduce(1, *)
    self.count = count
  }

  /// `output[o, j, i] = input[o, indices[o, j, i], i]`
  package func gather(_ input: TensorView, _ indices: TensorView, into output: MutableTensorView) throws(KernelFault) {
    switch input.dtype.byteCount {
    case 8: try gather(UInt64.self, input, indices, output)
    case 4: try gather(UInt32.self, input, indices, output)
    case 2: try gather(UInt16.self, input, indices, output)
    default: try gather(UInt8.self, input, indices, output)
    }
  }

  /// `output = input`, but `output[o, indices[o, j, i], i] = updates[o, j, i]`; of equal indices the last wins.
  package func scatter(
    _ input: TensorView, _ indices: TensorView, _ updates: TensorView, into output: MutableTensorView
  ) throws(KernelFault) {
    switch input.dtype.byteCount {
    case 8: try scatter(UInt64.self, input, indices, updates, output) { $1 }
    case 4: try scatter(UInt32.self, input, indices, updates, output) { $1 }
    case 2: try scatter(UInt16.self, input, indices, updates, output) { $1 }
    default: try scatter(UInt8.self, input, indices, updates, output) { $1 }
    }
  }

  /// `output = input`, to which `updates[o, j, i]` is added at `[o, indices[o, j, i], i]`, in the order of the updates.
  package func scatterAdd(
    _ input: TensorView, _ indices: TensorView, _ updates: TensorView, into output: MutableTensorView
  ) throws(KernelFault) {
    switch input.dtype {
    case .f64: try scatter(Double.self, input, indices, updates, output, +)
    case .f32: try scatter(Float.self, input, indices, updates, output, +)
    case .i64: try scatter(Int64.self, input, indices, updates, output, &+)
    case .i32: try scatter(Int32.self, input, indices, updates, output, &+)
    case .i16: try scatter(Int16.self, input, indices, updates, output, &+)
    case .i8: try scatter(Int8.self, input, indices, updates, output, &+)
    case .u8: try scatter(UInt8.self, input, indices, updates, output, &+)
    case .f16, .bf16, .bool: preconditionFailure("no sum of \(input.dtype)")
    }
  }

  private func gather<Bits: BitwiseCopyable>(
    _ type: Bits.Type, _ input: TensorView, _ indices: TensorView, _ output: MutableTensorView
  ) throws(KernelFault) {
    let x = input.address.assumingMemoryBound(to: Bits.self)
    let y = output.address.assumingMemoryBound(to: Bits.self)
    for position in 0..<outer * count * inner { y[position] = x[try source(indices, position)] }
  }

  private func scatter<Element: BitwiseCopyable>(
    _ type: Element.Type, _ input: TensorView, _ indices: TensorView, _ updates: TensorView,
    _ output: MutableTensorView, _ combine: (Element, Element) -> Element
  ) throws(KernelFault) {
    output.address.copyMemory(from: input.address, byteCount: input.count * input.dtype.byteCount)
    let x = updates.address.assumingMemoryBound(to: Element.self)
    let y = output.address.assumingMemoryBound(to: Element.self)
    for position in 0..<outer * count * inner {
      let target = try source(indices, position)
      y[target] = combine(y[target], x[position])
    }
  }

  /// Where in the indexed tensor the element lies that the index at `position` names.
  private func source(_ indices: TensorView, _ position: Int) throws(KernelFault) -> Int {
    let value = indices.whole(position)
    guard value >= 0, value < size else { throw .outOfRange(value: value, position: position, count: size) }
    return (position / (count * inner) * size + value) * inner + position % inner
  }
}
