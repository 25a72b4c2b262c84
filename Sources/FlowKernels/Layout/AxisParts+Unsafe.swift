import CVectorMath
package import FlowTensor

/// A tensor cut along one axis into parts that are tensors of their own.
///
/// SAFETY: addresses come from views of the sizes given to `init`: the whole, and the part of that number.
package struct AxisParts: Sendable {
  private let outer: Int
  /// How many bytes of one row of the whole belong to each part, and where they begin.
  private let widths: [Int]
  private let offsets: [Int]
  private let total: Int

  /// - Parameters:
  ///   - outer: the product of the sizes before the axis.
  ///   - widths: for each part, the elements of one row.
  package init(outer: Int, widths: [Int], _ dtype: DType) {
    self.outer = outer
    self.widths = widths.map { $0 * dtype.byteCount }
    var offsets: [Int] = []
    var total = 0
    for width in self.widths {
      offsets.append(total)
      total += width
    }
    self.offsets = offsets
    self.total = total
  }

  package var count: Int { widths.count }

  /// Copies a part to its place in the whole.
  package func join(_ part: Int, _ input: TensorView, into whole: MutableTensorView) {
    flow_copy_rows(input.address, widths[part], whole.address + offsets[part], total, widths[part], outer)
  }

  /// Copies a part out of the whole.
  package func split(_ part: Int, _ whole: TensorView, into output: MutableTensorView) {
    flow_copy_rows(whole.address + offsets[part], total, output.address, widths[part], widths[part], outer)
  }
}
