import FlowGraph
import FlowTensor
import Testing

private func f64(_ sizes: Int...) -> TensorType { TensorType(.f64, Shape(sizes)) }
private func f32(_ sizes: Int...) -> TensorType { TensorType(.f32, Shape(sizes)) }
private func i32(_ sizes: Int...) -> TensorType { TensorType(.i32, Shape(sizes)) }
private func list(_ numbers: [Int]) -> AttributeValue { numbers.attributeValue }

extension ErrorCase {
  static let joining: [ErrorCase] = [
    ErrorCase(
      "concat", [f32(2, 3), f32(2, 4)], is: .shapeMismatch,
      "concat: shapes [2, 3] and [2, 4] differ in more than axis 0"),
    ErrorCase(
      "concat", [f32(2), f32(2, 4)], is: .shapeMismatch, "concat: shapes [2] and [2, 4] differ in more than axis 0"),
    ErrorCase("concat", [f32(2), f64(2)], is: .dtypeMismatch, "concat: f32[2] and f64[2] have different dtypes"),
    ErrorCase("concat", [f32()], is: .badAttribute, "concat: no axis 0 in shape []"),
    ErrorCase("concat", [], is: .wrongArity, "concat: there is nothing to join"),
    ErrorCase("stack", [f32(2), f32(3)], is: .shapeMismatch, "stack: shapes [2] and [3] differ"),
    ErrorCase("stack", [f32(2)], ["axis": .whole(2)], is: .badAttribute, "stack: no axis 2 in shape [2, 1]"),
    ErrorCase("split", [f32(4)], is: .missingAttribute, "split: takes either 'parts' or 'sizes'"),
    ErrorCase(
      "split", [f32(2, 5)], ["parts": .whole(2), "axis": .whole(1)], is: .shapeMismatch,
      "split: axis 1 of [2, 5] does not divide into 2 equal parts"),
    ErrorCase(
      "split", [f32(4)], ["sizes": list([1, 2])], is: .shapeMismatch,
      "split: sizes [1, 2] make 3, but axis 0 of [4] has 4"),
    ErrorCase(
      "split", [f32(4)], ["sizes": list([-1, 5])], is: .badAttribute, "split: sizes are not negative: [-1, 5]"),
    ErrorCase(
      "split", [f32(4)], ["parts": .whole(0)], is: .badAttribute, "split: makes 1 to 65536 parts, not 0"),
    ErrorCase(
      "split", [f32(4)], ["sizes": list([.max, .max])], is: .sizeOverflow, "the tensor's size does not fit in 64 bits"),
  ]

  static let parts: [ErrorCase] = [
    ErrorCase(
      "slice", [f32(4)], ["starts": list([1]), "stops": list([1, 2])], is: .badAttribute,
      "slice: 1 starts, 2 stops, 1 steps and 1 axes"),
    ErrorCase(
      "slice", [f32(4)], ["starts": list([1]), "stops": list([1]), "steps": list([0])], is: .badAttribute,
      "slice: a step is not 0"),
    ErrorCase(
      "slice", [f32(4, 4)], ["starts": list([1, 1]), "stops": list([2, 2]), "axes": list([0, -2])], is: .badAttribute,
      "slice: axis -2 is given twice"),
    ErrorCase(
      "slice", [f32(4)], ["starts": list([1, 1]), "stops": list([2, 2])], is: .badAttribute,
      "slice: no axis 1 in shape [4]"),
    ErrorCase(
      "pad", [f32(2, 3)], ["before": list([1])], is: .badAttribute, "pad: 1 margins [1] for 2 axes"),
    ErrorCase("pad", [f32(2)], ["before": list([-1])], is: .badAttribute, "pad: margins are not negative: [-1]"),
    ErrorCase(
      "pad", [f32(2)], ["before": list([1]), "mode": .string("wrap")], is: .badAttribute, "pad: no mode 'wrap'"),
    ErrorCase(
      "pad", [f32(2)], ["before": list([2]), "mode": .string("reflect")], is: .shapeMismatch,
      "pad: axis 0 of [2] is too short for a margin of 2 by 'reflect'"),
    ErrorCase(
      "pad", [f32(0)], ["before": list([1]), "mode": .string("edge")], is: .shapeMismatch,
      "pad: axis 0 of [0] is too short for a margin of 1 by 'edge'"),
    ErrorCase(
      "pad", [i32(2)], ["before": list([1]), "value": .real(0.5)], is: .badAttribute, "pad: 0.5 does not fit in i32[2]"),
    ErrorCase(
      "pad", [f32(2)], ["before": list([.max])], is: .sizeOverflow, "the tensor's size does not fit in 64 bits"),
    ErrorCase("tile", [f32(2)], ["repeats": list([-1])], is: .badAttribute, "tile: sizes are not negative: [-1]"),
    ErrorCase(
      "tile", [f32(2)], ["repeats": list([.max])], is: .sizeOverflow, "the tensor's size does not fit in 64 bits"),
    ErrorCase(
      "repeat_elements", [f32(2)], ["count": .whole(2), "axis": .whole(1)], is: .badAttribute,
      "repeat_elements: no axis 1 in shape [2]"),
    ErrorCase("flip", [f32(2)], ["axis": .whole(1)], is: .badAttribute, "flip: no axis 1 in shape [2]"),
    ErrorCase(
      "roll", [f32()], ["shift": .whole(1), "axis": .whole(0)], is: .badAttribute, "roll: no axis 0 in shape []"),
    ErrorCase(
      "gather_along", [f32(2, 3), i32(3, 2)], is: .shapeMismatch,
      "gather_along: indices of shape [3, 2] do not go along axis 0 of [2, 3]"),
    ErrorCase(
      "gather_along", [f32(2, 3), i32(3)], is: .shapeMismatch,
      "gather_along: indices of shape [3] do not go along axis 0 of [2, 3]"),
    ErrorCase(
      "scatter_add", [f32(3), i32(2), f32(3)], is: .shapeMismatch,
      "scatter_add: updates of shape [3] for indices of shape [2]"),
    ErrorCase(
      "scatter", [f32(3), f32(2), f32(2)], is: .dtypeMismatch, "scatter: indices are whole numbers, not f32[2]"),
    ErrorCase("diagonal", [f32(3)], is: .shapeMismatch, "diagonal: takes matrices [..., n, m], not f32[3]"),
    ErrorCase(
      "diagonal_matrix", [f32(3)], ["shape": list([2, 4])], is: .shapeMismatch,
      "diagonal_matrix: diagonal 0 of [2, 4] has 2 numbers, not 3"),
    ErrorCase("triu", [f32(3)], is: .shapeMismatch, "triu: takes matrices [..., n, m], not f32[3]"),
    ErrorCase(
      "linspace", [], ["start": .whole(0), "stop": .whole(1), "count": .whole(-1)], is: .badAttribute,
      "linspace: sizes are not negative: [-1]"),
    ErrorCase("variance", [i32(3)], is: .dtypeMismatch, "variance: takes floating numbers, not i32[3]"),
    ErrorCase("cumsum", [f32()], is: .badAttribute, "cumsum: no axis -1 in shape []"),
    ErrorCase("sort", [f32(2)], ["axis": .whole(1)], is: .badAttribute, "sort: no axis 1 in shape [2]"),
    ErrorCase(
      "top_k", [f32(2, 3)], ["k": .whole(4)], is: .badAttribute, "top_k: axis 1 of [2, 3] has 3 elements, not 4"),
    ErrorCase("top_k", [f32(3)], ["k": .whole(-1)], is: .badAttribute, "top_k: sizes are not negative: [-1]"),
  ]

  static let algebra: [ErrorCase] = [
    ErrorCase(
      "einsum", [f32(2, 3)], ["equation": .string("ij,jk->ik")], is: .badAttribute,
      "einsum: 'ij,jk->ik' is for 2 tensors, not 1"),
    ErrorCase(
      "einsum", [f32(2, 3)], ["equation": .string("ijk->i")], is: .badAttribute,
      "einsum: 'ijk' does not name the axes of shape [2, 3]"),
    ErrorCase(
      "einsum", [f32(2, 3)], ["equation": .string("ij->k")], is: .badAttribute,
      "einsum: 'k' stands only in the result of 'ij->k'"),
    ErrorCase(
      "einsum", [f32(2, 3)], ["equation": .string("ij->ii")], is: .badAttribute,
      "einsum: 'i' stands twice in the result of 'ij->ii'"),
    ErrorCase(
      "einsum", [f32(2, 3)], ["equation": .string("i1->i")], is: .badAttribute,
      "einsum: 'i1' in 'i1->i' is not made of letters and one '...'"),
    ErrorCase(
      "einsum", [f32(2)], ["equation": .string("i->i->i")], is: .badAttribute,
      "einsum: 'i->i->i' has more than one '->'"),
    ErrorCase(
      "einsum", [f32(2, 3), f32(4, 5)], ["equation": .string("ij,jk->ik")], is: .shapeMismatch,
      "einsum: 'j' is both 3 and 4 in [2, 3], [4, 5]"),
    ErrorCase("cholesky", [f32(2, 3)], is: .shapeMismatch, "cholesky: takes square matrices, not f32[2, 3]"),
    ErrorCase("inverse", [i32(2, 2)], is: .dtypeMismatch, "inverse: takes floating numbers, not i32[2, 2]"),
    ErrorCase("logdet", [f32(2)], is: .shapeMismatch, "logdet: takes matrices [..., n, m], not f32[2]"),
    ErrorCase(
      "solve", [f32(2, 2), f32(3, 1)], is: .shapeMismatch,
      "solve: shapes [2, 2] and [3, 1] do not fit: 2 rows against 3"),
    ErrorCase(
      "solve", [f32(2, 2, 2), f32(3, 2, 1)], is: .shapeMismatch,
      "solve: the leading axes of [2, 2, 2] and [3, 2, 1] do not broadcast"),
    ErrorCase(
      "triangular_solve", [f32(2, 2), f32()], is: .shapeMismatch,
      "triangular_solve: a right side is a column or a matrix, not f32"),
  ]
}

/// One mistake that only the numbers show.
struct NumberErrorCase: Sendable, CustomTestStringConvertible {
  let operation: String
  let inputs: [Tensor]
  let message: String
  var testDescription: String { message }

  static let all: [NumberErrorCase] = [
    NumberErrorCase(
      operation: "gather_along", inputs: [Tensor([1.0, 2], [2]), Tensor([0, 2] as [Int32], [2])],
      message: "gather_along: index 2 at position 1 is not in 0..<2"),
    NumberErrorCase(
      operation: "scatter_add", inputs: [Tensor([1.0, 2], [2]), Tensor([-1] as [Int32], [1]), Tensor([1.0], [1])],
      message: "scatter_add: index -1 at position 0 is not in 0..<2"),
    NumberErrorCase(
      operation: "scatter", inputs: [Tensor([Double](), [0]), Tensor([0] as [Int32], [1]), Tensor([1.0], [1])],
      message: "scatter: index 0 at position 0 is not in 0..<0"),
    NumberErrorCase(
      operation: "gather", inputs: [Tensor([1.0, 2], [2]), Tensor([0, 1, 7, 1] as [Int64], [2, 2])],
      message: "gather: index 7 at [1, 0] is not in 0..<2"),
    NumberErrorCase(
      operation: "softmax_cross_entropy",
      inputs: [Tensor([1.0, 2, 3, 4], [2, 1, 2]), Tensor([0, -1] as [Int32], [2, 1])],
      message: "softmax_cross_entropy: class -1 of row [1, 0] is not in 0..<2"),
    NumberErrorCase(
      operation: "pool_entries",
      inputs: [Tensor([1.0, 2], [1, 1, 2]), Tensor([0, 2] as [Int32], [1, 1, 2])],
      message: "pool_entries: position 2 at [0, 0, 1] is not in 0..<2"),
    NumberErrorCase(
      operation: "cholesky", inputs: [Tensor([1.0, 0, 0, 1, 1, 2, 2, 1], [2, 2, 2])],
      message: "cholesky: matrix 1 of f64[2, 2, 2] is not positive definite"),
    NumberErrorCase(
      operation: "inverse", inputs: [Tensor([1.0, 2, 2, 4], [2, 2])],
      message: "inverse: the matrix f64[2, 2] is singular"),
    NumberErrorCase(
      operation: "logdet", inputs: [Tensor([0.0], [1, 1])], message: "logdet: the matrix f64[1, 1] is singular"),
    NumberErrorCase(
      operation: "logdet", inputs: [Tensor([0.0, 1, 1, 0], [2, 2])],
      message: "logdet: the determinant of the matrix f64[2, 2] is negative"),
    NumberErrorCase(
      operation: "solve", inputs: [Tensor([1 as Float, 0, 0, 0], [2, 2]), Tensor([1 as Float, 1], [2])],
      message: "solve: the matrix f32[2, 2] is singular"),
    NumberErrorCase(
      operation: "triangular_solve", inputs: [Tensor([1.0, 0, 5, 0], [2, 2]), Tensor([1.0, 1], [2])],
      message: "triangular_solve: the matrix f64[2, 2] is singular"),
  ]
}
