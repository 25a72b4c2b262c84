import FlowGraph
import FlowTensor

private func f32(_ sizes: Int...) -> TensorType { TensorType(.f32, Shape(sizes)) }

extension ErrorCase {
  static let resizing: [ErrorCase] = [
    ErrorCase("resize", [f32(1, 1, 4)], is: .missingAttribute, "resize: takes either 'size' or 'scale'"),
    ErrorCase(
      "resize", [f32(1, 1, 4)], ["size": .whole(2), "scale": .whole(2)], is: .missingAttribute,
      "resize: takes either 'size' or 'scale'"),
    ErrorCase(
      "resize", [f32(4, 4)], ["size": .whole(2)], is: .shapeMismatch,
      "resize: takes images of 1 to 3 spatial axes, not [4, 4]"),
    ErrorCase(
      "resize", [TensorType(.i32, [1, 1, 4])], ["size": .whole(2)], is: .dtypeMismatch,
      "resize: takes floating numbers, not i32[1, 1, 4]"),
    ErrorCase(
      "resize", [f32(1, 1, 4, 4)], ["size": [2].attributeValue], is: .badAttribute,
      "resize: a size for each of 2 spatial axes"),
    ErrorCase(
      "resize", [f32(1, 1, 4)], ["size": .whole(-1)], is: .badAttribute, "resize: sizes are not negative: [-1]"),
    ErrorCase(
      "resize", [f32(1, 1, 0)], ["size": .whole(2)], is: .shapeMismatch,
      "resize: there is nothing in [0] to make [2] of"),
    ErrorCase(
      "resize", [f32(1, 1, 4, 4)], ["scale": [2].attributeValue], is: .badAttribute,
      "resize: a scale for each of 2 spatial axes"),
    ErrorCase(
      "resize", [f32(1, 1, 4)], ["scale": .real(.nan)], is: .badAttribute,
      "resize: a scale is positive and at most 2147483647"),
    ErrorCase(
      "resize", [f32(1, 1, 4)], ["scale": .whole(0)], is: .badAttribute,
      "resize: a scale is positive and at most 2147483647"),
    ErrorCase(
      "resize", [f32(1, 1, 4)], ["size": .whole(2), "mode": .string("cubic")], is: .badAttribute,
      "'mode' of 'resize' takes \"nearest\" or \"linear\""),
    ErrorCase(
      "resize_gradient", [f32(1, 1, 3)], ["image": [2].attributeValue, "scale": .whole(2)], is: .shapeMismatch,
      "resize_gradient: resize makes [1, 1, 4] of images [1, 1, 2], not [1, 1, 3]"),
    ErrorCase(
      "resize_gradient", [f32(1, 1, 3)], ["image": [2, 2].attributeValue], is: .shapeMismatch,
      "resize_gradient: [1, 1, 3] is no image of [2, 2] in another size"),
  ]
}
