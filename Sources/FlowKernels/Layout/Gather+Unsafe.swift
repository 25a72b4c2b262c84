package import FlowTensor

/// Entries along one axis by a tensor of indices, and back.
///
/// SAFETY: addresses come from views of the sizes given to `init`; every index is checked before it is used.
package struct GatherKernel: Sendable {
  private let outer: Int
  private let size: Int
  private let inner: Int

  /// - Parameters:
  ///   - sizes: of the tensor that is indexed.
  ///   - axis: an index of `sizes`.
  package init(_ sizes: [Int], axis: Int) {
    outer = sizes[..<axis].reduce(1, *)
    size = sizes[axis]
    inner = sizes[(axis + 1)...].reduce(1, *)
  }

  /// `output[o, j, i] = input[o, indices[j], i]`
  package func gather(_ input: TensorView, _ indices: TensorView, into output: MutableTensorView) throws(KernelFault) {
    let bytes = inner * input.dtype.byteCount
    let count = indices.count
    for position in 0..<count {
      let index = try index(indices, position)
      for o in 0..<outer {
        (output.address + (o * count + position) * bytes).copyMemory(
          from: input.address + (o * size + index) * bytes, byteCount: bytes)
      }
    }
  }

  /// `output[o, indices[j], i] += input[o, j, i]`, in the order of the positions `j`.
  package func scatterAdd(_ input: TensorView, _ indices: TensorView, into output: MutableTensorView)
    throws(KernelFault)
  {
    output.address.initializeMemory(as: UInt8.self, repeating: 0, count: output.count * output.dtype.byteCount)
    for position in 0..<indices.count {
      let index = try index(indices, position)
      for o in 0..<outer {
        let from = (o * indices.count + position) * inner * input.dtype.byteCount
        let to = output.address + (o * size + index) * inner * input.dtype.byteCount
        try ElementwiseLoops.binary(
          .add, input.dtype, LoopOperand(to), LoopOperand(input.address + from), to, inner)
      }
    }
  }

  private func index(_ indices: TensorView, _ position: Int) throws(KernelFault) -> Int {
    let value = indices.whole(position)
    guard value >= 0, value < size else { throw .outOfRange(value: value, position: position, count: size) }
    return value
  }
}

/// Rows of zeros with a one where the class is.
///
/// SAFETY: as `GatherKernel`; `output` has `depth` elements for each of the classes.
package struct OneHotKernel: Sendable {
  private let depth: Int

  package init(depth: Int) { self.depth = depth }

  package func run(_ classes: TensorView, into output: MutableTensorView) throws(KernelFault) {
    output.address.initializeMemory(as: UInt8.self, repeating: 0, count: output.count * output.dtype.byteCount)
    for position in 0..<classes.count {
      let value = classes.whole(position)
      guard value >= 0, value < depth else { throw .outOfRange(value: value, position: position, count: depth) }
      output.set(position * depth + value, to: 1)
    }
  }
}

extension TensorView {
  /// An element of a whole-number tensor.
  ///
  /// SAFETY: `position` is below `count`; the caller counts to it.
  package func whole(_ position: Int) -> Int {
    switch dtype {
    case .i64: Int(elements(Int64.self)[position])
    case .i32: Int(elements(Int32.self)[position])
    case .i16: Int(elements(Int16.self)[position])
    case .i8: Int(elements(Int8.self)[position])
    case .u8, .bool: Int(address.load(fromByteOffset: position, as: UInt8.self))
    case .f64, .f32, .f16, .bf16: preconditionFailure("an index is a whole number")
    }
  }
}

extension MutableTensorView {
  /// Writes one element, rounded to the dtype.
  ///
  /// SAFETY: `position` is below `count`; the caller counts to it.
  package func set(_ position: Int, to value: Double) {
    func write<Element: TensorElement>(_ type: Element.Type) { elements(type)[position] = Element(converting: value) }
    dtype.withElementType { write($0) }
  }

  /// Writes one number over elements `range`.
  package func fill(_ range: Range<Int>, with value: Double) {
    func write<Element: TensorElement>(_ type: Element.Type) {
      let element = Element(converting: value)
      let elements = elements(type)
      for index in range { elements[index] = element }
    }
    dtype.withElementType { write($0) }
  }

  /// Writes a whole number, kept exact, over elements `range`; what does not fit is cut off.
  package func fill(_ range: Range<Int>, withWhole value: Int) {
    switch dtype {
    case .i64: for index in range { elements(Int64.self)[index] = Int64(value) }
    default: fill(range, with: Double(value))
    }
  }

  /// Writes `value` of each index of `range`, rounded to the dtype.
  package func write(_ range: Range<Int>, _ value: (Int) -> Double) {
    func write<Element: TensorElement>(_ type: Element.Type) {
      let elements = elements(type)
      for index in range { elements[index] = Element(converting: value(index)) }
    }
    dtype.withElementType { write($0) }
  }

  /// Writes the bytes of a tensor of the same type.
  package func copy(_ tensor: Tensor) {
    tensor.withUnsafeBytes { bytes in
      precondition(bytes.count == count * dtype.byteCount, "a tensor of another type")
      if let base = bytes.baseAddress { address.copyMemory(from: base, byteCount: bytes.count) }
    }
  }
}
