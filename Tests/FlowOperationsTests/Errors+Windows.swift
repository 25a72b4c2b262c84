import FlowGraph
import FlowTensor

private func f32(_ sizes: Int...) -> TensorType { TensorType(.f32, Shape(sizes)) }

extension ErrorCase {
  static let windows: [ErrorCase] = [
    ErrorCase(
      "conv", [f32(2, 3, 4, 4), f32(8, 3, 5, 5)], is: .shapeMismatch,
      "conv: a window over 5 does not fit in 4 entries: images [2, 3, 4, 4] and filters [8, 3, 5, 5]"),
    ErrorCase(
      "conv", [f32(2, 3, 4, 4), f32(8, 3, 3, 3)], ["dilation": .whole(3), "padding": .whole(1)], is: .shapeMismatch,
      "conv: a window over 7 does not fit in 6 entries: images [2, 3, 4, 4] and filters [8, 3, 3, 3]"),
    ErrorCase(
      "conv", [f32(2, 3, 4, 4), f32(8, 4, 3, 3)], is: .shapeMismatch,
      "conv: shapes [2, 3, 4, 4] and [8, 4, 3, 3] do not fit: 3 channels against 4"),
    ErrorCase(
      "conv", [f32(2, 4, 4, 4), f32(8, 3, 3, 3)], ["groups": .whole(2)], is: .shapeMismatch,
      "conv: shapes [2, 4, 4, 4] and [8, 3, 3, 3] do not fit: 4 channels against 6"),
    ErrorCase(
      "conv", [f32(2, 4, 4, 4), f32(7, 2, 3, 3)], ["groups": .whole(2)], is: .badAttribute,
      "conv: 2 groups do not divide 7 channels of [7, 2, 3, 3]"),
    ErrorCase(
      "conv", [f32(2, 5, 4, 4), f32(8, 2, 3, 3)], ["groups": .whole(2)], is: .badAttribute,
      "conv: 2 groups do not divide 5 channels of [2, 5, 4, 4]"),
    ErrorCase(
      "conv", [f32(2, 4, 4, 4), f32(8, 4, 3, 3)], ["groups": .whole(0)], is: .badAttribute,
      "conv: there is at least 1 group, not 0"),
    ErrorCase(
      "conv", [f32(2, 4, 4, 4), f32(8, 4, 3, 3)], ["stride": .whole(0)], is: .badAttribute,
      "conv: a stride is from 1 to 2147483647"),
    ErrorCase(
      "conv", [f32(2, 4, 4, 4), f32(8, 4, 3, 3)], ["stride": [1, 2, 3].attributeValue], is: .badAttribute,
      "conv: a stride for each of 2 spatial axes"),
    ErrorCase(
      "conv", [f32(2, 4, 4, 4), f32(8, 4, 3, 3)], ["padding": .whole(-1)], is: .badAttribute,
      "conv: a padding is from 0 to 2147483647"),
    ErrorCase(
      "conv", [f32(2, 4, 4, 4), f32(8, 4, 3, 3)], ["padding": [1, 2, 3].attributeValue], is: .badAttribute,
      "conv: a padding for each of 2 spatial axes, or two for each"),
    ErrorCase(
      "conv", [f32(2, 4, 4, 4), f32(8, 4, 3, 3)], ["padding": .string("full")], is: .badAttribute,
      "'padding' of 'conv' takes a whole number, a list of them, \"same\" or \"valid\""),
    ErrorCase(
      "conv", [f32(4, 4), f32(8, 4)], is: .shapeMismatch,
      "conv: takes tensors of the same rank with 1 to 3 spatial axes, not [4, 4] and [8, 4]"),
    ErrorCase(
      "conv", [f32(1, 4, 4, 4), f32(8, 4, 3)], is: .shapeMismatch,
      "conv: takes tensors of the same rank with 1 to 3 spatial axes, not [1, 4, 4, 4] and [8, 4, 3]"),
    ErrorCase(
      "conv", [f32(1, 4, 4, 4), f32(8, 4, 3, 0)], is: .shapeMismatch,
      "conv: a window has entries along each axis: images [1, 4, 4, 4] and filters [8, 4, 3, 0]"),
    ErrorCase(
      "conv", [f32(1, 4, 4, 4), f32(8, 4, 3, 3), f32(4)], is: .shapeMismatch,
      "conv: a bias of shape [4] does not fit 8 channels"),
    ErrorCase(
      "conv", [f32(1, 4, 4, 4), TensorType(.f64, [8, 4, 3, 3])], is: .dtypeMismatch,
      "conv: f32[1, 4, 4, 4] and f64[8, 4, 3, 3] have different dtypes"),
    ErrorCase(
      "conv_input_gradient", [f32(2, 3, 4, 4), f32(3, 1, 3, 3)], ["size": [7, 6].attributeValue], is: .shapeMismatch,
      "conv_input_gradient: images [2, 1, 7, 6] and filters [3, 1, 3, 3] give [2, 3, 5, 4], not [2, 3, 4, 4]"),
    ErrorCase(
      "conv_filter_gradient", [f32(2, 3, 4, 4), f32(2, 5, 3, 3)], ["window": [3, 3].attributeValue], is: .shapeMismatch,
      "conv_filter_gradient: images [2, 3, 4, 4] and filters [5, 3, 3, 3] give [2, 5, 2, 2], not [2, 5, 3, 3]"),
    ErrorCase(
      "conv_filter_gradient", [f32(2, 3, 4, 4), f32(2, 4, 2, 2)],
      ["window": [3, 3].attributeValue, "groups": .whole(2)], is: .badAttribute,
      "conv_filter_gradient: 2 groups do not divide 3 channels of [2, 3, 4, 4]"),
    ErrorCase(
      "conv_transpose", [f32(2, 3, 4, 4), f32(4, 3, 2, 2)], is: .shapeMismatch,
      "conv_transpose: shapes [2, 3, 4, 4] and [4, 3, 2, 2] do not fit: 3 channels against 4"),
    ErrorCase(
      "conv_transpose", [f32(2, 4, 4, 4), f32(4, 3, 2, 2)], ["stride": .whole(2), "output_padding": .whole(2)],
      is: .badAttribute, "conv_transpose: an output padding is below the stride 2, not 2"),
    ErrorCase(
      "conv_transpose", [f32(2, 4, 1, 1), f32(4, 3, 2, 2)], ["padding": .whole(1)], is: .shapeMismatch,
      "conv_transpose: the padding leaves nothing of the result: [2, 4, 1, 1] and [4, 3, 2, 2]"),
  ]
}
