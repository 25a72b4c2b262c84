import FlowGraph
import FlowTensor

private func f32(_ sizes: Int...) -> TensorType { TensorType(.f32, Shape(sizes)) }

extension ErrorCase {
  static let pooling: [ErrorCase] = [
    ErrorCase(
      "max_pool", [f32(1, 1, 4, 4)], ["size": .whole(5)], is: .shapeMismatch,
      "max_pool: a window over 5 does not fit in 4 entries: windows [5, 5] over images [1, 1, 4, 4]"),
    ErrorCase(
      "max_pool", [f32(1, 1, 4, 4)], ["size": .whole(2), "padding": .whole(2)], is: .badAttribute,
      "max_pool: a padding is below the window's size 2, not 2"),
    ErrorCase(
      "max_pool", [f32(1, 1, 4, 4)], ["size": [2].attributeValue], is: .badAttribute,
      "max_pool: a size for each of 2 spatial axes"),
    ErrorCase(
      "max_pool", [f32(1, 1, 4, 4)], ["size": .whole(2), "stride": .whole(-1)], is: .badAttribute,
      "max_pool: a stride is from 1 to 2147483647"),
    ErrorCase(
      "max_pool", [f32(1, 1, 4, 4)], ["size": .whole(0)], is: .shapeMismatch,
      "max_pool: a window has entries along each axis: windows [0, 0] over images [1, 1, 4, 4]"),
    ErrorCase("max_pool", [f32(1, 1, 4, 4)], is: .missingAttribute, "'max_pool' needs 'size'"),
    ErrorCase(
      "max_pool", [f32(4, 4)], ["size": .whole(2)], is: .shapeMismatch,
      "max_pool: takes images of 1 to 3 spatial axes, not [4, 4]"),
    ErrorCase(
      "max_pool", [TensorType(.i32, [1, 1, 4])], ["size": .whole(2)], is: .dtypeMismatch,
      "max_pool: takes floating numbers, not i32[1, 1, 4]"),
    ErrorCase(
      "avg_pool", [f32(1, 1, 0)], ["size": .whole(2), "padding": .whole(1)], is: .shapeMismatch,
      "avg_pool: there is nothing in windows over [1, 1, 0]"),
    ErrorCase(
      "avg_pool_gradient", [f32(1, 1, 3)], ["size": .whole(2), "image": [4].attributeValue], is: .shapeMismatch,
      "avg_pool_gradient: windows over images [1, 1, 4] give [1, 1, 2], not [1, 1, 3]"),
    ErrorCase(
      "max_pool_gradient", [f32(1, 1, 4), f32(1, 1, 3)], ["size": .whole(2)], is: .shapeMismatch,
      "max_pool_gradient: a gradient for each of the windows [1, 1, 2], not [1, 1, 3]"),
    ErrorCase(
      "max_unpool", [f32(1, 1, 3), TensorType(.i32, [1, 1, 2])], ["size": [4].attributeValue], is: .shapeMismatch,
      "max_unpool: a position for each number of [1, 1, 3], not [1, 1, 2]"),
    ErrorCase(
      "pool_entries", [f32(1, 1, 3), TensorType(.i32, [1, 2, 2])], is: .shapeMismatch,
      "pool_entries: positions [1, 2, 2] for other channels than those of [1, 1, 3]"),
  ]
}
