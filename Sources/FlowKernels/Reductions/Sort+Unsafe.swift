package import FlowTensor

/// The first elements of each lane of an axis in sorted order, and their positions. Equal elements keep their order; NaN
/// counts as the largest.
///
/// SAFETY: addresses come from views of the shape that the kernel was made for; each lane lies within it, and positions
/// stay below the lane's size.
package struct SortKernel: Sendable {
  private let size: Int
  private let inner: Int
  private let count: Int
  private let isDescending: Bool
  package let blocks: Blocks

  /// - Parameters:
  ///   - axis: an index of `sizes`, whose size fits in 32 bits.
  ///   - count: how many of each lane are wanted.
  package init(_ sizes: [Int], axis: Int, descending: Bool, count: Int) {
    size = sizes[axis]
    inner = sizes[(axis + 1)...].reduce(1, *)
    self.count = count
    isDescending = descending
    blocks = Blocks(of: size == 0 ? 0 : sizes[..<axis].reduce(inner, *), each: max(1, 4096 / max(size, 1)))
  }

  /// Writes the elements, the i32 positions, or both.
  package func run(
    block: Int, _ input: TensorView, values: MutableTensorView?, positions: MutableTensorView?
  ) {
    let lanes = blocks[block]
    switch input.dtype {
    case .f64: run(lanes, input.elements(Double.self), values, positions) { $0 < $1 || ($1 != $1 && $0 == $0) }
    case .f32: run(lanes, input.elements(Float.self), values, positions) { $0 < $1 || ($1 != $1 && $0 == $0) }
    case .i64: run(lanes, input.elements(Int64.self), values, positions, <)
    case .i32: run(lanes, input.elements(Int32.self), values, positions, <)
    case .i16: run(lanes, input.elements(Int16.self), values, positions, <)
    case .i8: run(lanes, input.elements(Int8.self), values, positions, <)
    case .u8: run(lanes, input.elements(UInt8.self), values, positions, <)
    case .f16, .bf16, .bool: preconditionFailure("no order of \(input.dtype)")
    }
  }

  private func run<Element: TensorElement>(
    _ lanes: Range<Int>, _ x: UnsafeBufferPointer<Element>, _ values: MutableTensorView?,
    _ positions: MutableTensorView?, _ isLess: (Element, Element) -> Bool
  ) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: size) { order in
      for lane in lanes {
        let (outer, column) = lane.quotientAndRemainder(dividingBy: inner)
        let first = outer * size * inner + column
        sort(order, x, first, isLess)
        let target = outer * count * inner + column
        if let y = values?.elements(Element.self) {
          for rank in 0..<count { y[target + rank * inner] = x[first + Int(order[rank]) * inner] }
        }
        if let y = positions?.elements(Int32.self) {
          for rank in 0..<count { y[target + rank * inner] = order[rank] }
        }
      }
    }
  }

  private func sort<Element: TensorElement>(
    _ order: UnsafeMutableBufferPointer<Int32>, _ x: UnsafeBufferPointer<Element>, _ first: Int,
    _ isLess: (Element, Element) -> Bool
  ) {
    var order = order
    for position in 0..<size { order.initializeElement(at: position, to: Int32(truncatingIfNeeded: position)) }
    order.sort { a, b in
      let (left, right) = (x[first + Int(a) * inner], x[first + Int(b) * inner])
      if isDescending ? isLess(right, left) : isLess(left, right) { return true }
      return !(isDescending ? isLess(left, right) : isLess(right, left)) && a < b
    }
  }
}
