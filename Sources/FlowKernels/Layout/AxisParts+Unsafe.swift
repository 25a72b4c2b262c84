import CVectorMath
package import FlowTensor

/// A tensor cut along one axis into parts that are tensors of their own.
///
/// SAFETY: addresses come from views of the sizes given to `init`: the whole, and the part of that number.
package struct AxisParts: Sendable {
  /// The rows, cut into pieces.
  private let rows: Blocks
  /// How many bytes of one row of the whole belong to each part, and where they begin.
  private let widths: [Int]
  private let offsets: [Int]
  private let total: Int

  /// - Parameters:
  ///   - outer: the product of the sizes before the axis.
  ///   - widths: for each part, the elements of one row.
  package init(outer: Int, widths: [Int], _ dtype: DType) {
    self.widths = widths.map { $0 * dtype.byteCount }
    var offsets: [Int] = []
    var total = 0
    for width in self.widths {
      offsets.append(total)
      total += width
    }
    self.offsets = offsets
    self.total = total
    rows = Blocks(of: outer, each: max(1, Self.bytesAtOnce / max(total, 1)))
  }

  private static let bytesAtOnce = 1 << 19

  /// A piece of the rows of each part.
  package var blocks: Int { rows.count * widths.count }

  /// Copies a block of the parts to its place in the whole.
  package func join(block: Int, _ parts: TensorViews, into whole: MutableTensorView) {
    let (piece, part) = block.quotientAndRemainder(dividingBy: widths.count)
    let (range, width) = (rows[piece], widths[part])
    flow_copy_rows(
      parts[part].address + range.lowerBound * width, width,
      whole.address + range.lowerBound * total + offsets[part], total, width, range.count)
  }

  /// Copies a block of the parts out of the whole.
  package func split(block: Int, _ whole: TensorView, into parts: MutableTensorViews) {
    let (piece, part) = block.quotientAndRemainder(dividingBy: widths.count)
    let (range, width) = (rows[piece], widths[part])
    flow_copy_rows(
      whole.address + range.lowerBound * total + offsets[part], total,
      parts[part].address + range.lowerBound * width, width, width, range.count)
  }
}
