import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

/// One mistake: an operation, what it is given, and what it says.
struct ErrorCase: Sendable, CustomTestStringConvertible {
  let operation: String
  let inputs: [TensorType]
  let attributes: [String: AttributeValue]
  let kind: OperationError.Kind
  let message: String

  init(
    _ operation: String, _ inputs: [TensorType], _ attributes: [String: AttributeValue] = [:],
    is kind: OperationError.Kind, _ message: String
  ) {
    self.operation = operation
    self.inputs = inputs
    self.attributes = attributes
    self.kind = kind
    self.message = message
  }

  var testDescription: String { message }
}

private func f32(_ sizes: Int...) -> TensorType { TensorType(.f32, Shape(sizes)) }
private func f64(_ sizes: Int...) -> TensorType { TensorType(.f64, Shape(sizes)) }
private func i32(_ sizes: Int...) -> TensorType { TensorType(.i32, Shape(sizes)) }
private func f16(_ sizes: Int...) -> TensorType { TensorType(.f16, Shape(sizes)) }
private func bool(_ sizes: Int...) -> TensorType { TensorType(.bool, Shape(sizes)) }

extension ErrorCase {
  static let typing: [ErrorCase] = [
    ErrorCase("add", [f32(2, 3), f32(4, 5)], is: .shapeMismatch, "add: shapes [2, 3] and [4, 5] do not broadcast"),
    ErrorCase("add", [f32(2), f64(2)], is: .dtypeMismatch, "add: f32[2] and f64[2] have different dtypes"),
    ErrorCase("add", [bool(2), bool(2)], is: .dtypeMismatch, "add: takes numbers, not bool[2]"),
    ErrorCase(
      "recomputed", [f32(2)], ["count": .whole(2)], is: .badAttribute, "recomputed: 2 results among 1 operands"),
    ErrorCase("mul", [f16(2), f32(2)], is: .dtypeMismatch, "mul: f16[2] and f32[2] have different dtypes"),
    ErrorCase("is_nan", [i32(2)], is: .dtypeMismatch, "is_nan: takes floating numbers, not i32[2]"),
    ErrorCase("xor", [f32(2), f32(2)], is: .dtypeMismatch, "xor: takes booleans, not f32[2]"),
    ErrorCase(
      "gradient_clip", [f32(2)], ["limit": .real(-1)], is: .badAttribute,
      "gradient_clip: the limit is not negative: -1.0"),
    ErrorCase("div", [i32(2), i32()], is: .dtypeMismatch, "div: takes floating numbers, not i32[2] and i32"),
    ErrorCase("exp", [i32(2)], is: .dtypeMismatch, "exp: takes floating numbers, not i32[2]"),
    ErrorCase("and", [f32(2), f32(2)], is: .dtypeMismatch, "and: takes booleans, not f32[2]"),
    ErrorCase("not", [i32()], is: .dtypeMismatch, "not: takes booleans, not i32"),
    ErrorCase("where", [f32(2), f32(2), f32(2)], is: .dtypeMismatch, "where: the condition is bool, not f32[2]"),
    ErrorCase(
      "where", [bool(2), f32(2), f64(2)], is: .dtypeMismatch, "where: f32[2] and f64[2] have different dtypes"),
    ErrorCase("where", [bool(2), f32(3), f32(3)], is: .shapeMismatch, "where: shapes [2] and [3] do not broadcast"),
    ErrorCase("add", [f32(2)], is: .wrongArity, "'add' takes 2 tensors, not 1"),
    ErrorCase("cast", [f32(2)], is: .missingAttribute, "'cast' needs 'dtype'"),
  ]

  static let shapes: [ErrorCase] = [
    ErrorCase(
      "matmul", [f32(2, 3), f32(4, 5)], is: .shapeMismatch,
      "matmul: shapes [2, 3] and [4, 5] do not fit: 3 columns against 4 rows"),
    ErrorCase(
      "matmul", [f32(2, 2, 3), f32(4, 3, 2)], is: .shapeMismatch,
      "matmul: the leading axes of [2, 2, 3] and [4, 3, 2] do not broadcast"),
    ErrorCase(
      "matmul", [f32(), f32(3, 2)], is: .shapeMismatch,
      "matmul: takes vectors, matrices and batches of them, not f32 and f32[3, 2]"),
    ErrorCase(
      "matmul", [f32(3), f32(3, 2)], ["transpose_a": .boolean(true)], is: .badAttribute,
      "matmul: a vector cannot be transposed: f32[3] and f32[3, 2]"),
    ErrorCase(
      "linear", [f32(2, 3), f32(4, 5)], is: .shapeMismatch,
      "linear: shapes [2, 3] and [4, 5] do not fit: 3 columns against 4 rows"),
    ErrorCase(
      "linear", [f32(2, 3), f32(3, 5), f32(4)], is: .shapeMismatch, "linear: a bias of shape [4] does not fit [3, 5]"),
    ErrorCase("sum", [f32(2, 3)], ["axis": .whole(2)], is: .badAttribute, "sum: no axis 2 in shape [2, 3]"),
    ErrorCase(
      "sum", [f32(2, 3)], ["axis": [0, -2].attributeValue], is: .badAttribute, "sum: axis -2 is given twice"),
    ErrorCase(
      "sum", [f32(2, 3)], ["axis": .string("rows")], is: .badAttribute,
      "'axis' of 'sum' takes an axis or a list of axes"),
    ErrorCase("max", [f32(2, 0)], is: .shapeMismatch, "max: there is nothing to choose from in f32[2, 0]"),
    ErrorCase(
      "argmax", [f32(0, 2)], ["axis": .whole(0)], is: .shapeMismatch,
      "argmax: there is nothing to choose from in f32[0, 2]"
    ),
    ErrorCase("any", [f32(2)], is: .dtypeMismatch, "any: takes booleans, not f32[2]"),
    ErrorCase("softmax", [f32()], is: .badAttribute, "softmax: no axis -1 in shape []"),
    ErrorCase(
      "reshape", [f32(2, 3)], ["shape": [4, 2].attributeValue], is: .shapeMismatch,
      "reshape: the elements of [2, 3] do not fit in [4, 2]"),
    ErrorCase(
      "reshape", [f32(2, 3)], ["shape": [4, -1].attributeValue], is: .shapeMismatch,
      "reshape: the elements of [2, 3] do not fit in [4, -1]"),
    ErrorCase(
      "reshape", [f32(2, 3)], ["shape": [-1, -1].attributeValue], is: .badAttribute,
      "reshape: sizes are not negative: [1, -1]"),
    ErrorCase(
      "match_shape", [f32(2, 3), f32(3, 2)], is: .shapeMismatch,
      "match_shape: shapes [2, 3] and [3, 2] differ in more than axes of size 1"),
    ErrorCase("flatten", [f32()], is: .shapeMismatch, "flatten: there is no axis to keep in f32"),
    ErrorCase(
      "squeeze", [f32(2, 1)], ["axis": .whole(0)], is: .shapeMismatch,
      "squeeze: an axis of size 2 in [2, 1] cannot be left out"),
    ErrorCase(
      "transpose", [f32(2, 3)], ["axes": [0, 0].attributeValue], is: .badAttribute,
      "transpose: [0, 0] does not name each axis of [2, 3] once"),
    ErrorCase(
      "broadcast_to", [f32(2)], ["shape": [3].attributeValue], is: .shapeMismatch,
      "broadcast_to: shape [2] does not broadcast to [3]"),
    ErrorCase(
      "sum_to", [f32(2)], ["shape": [3].attributeValue], is: .shapeMismatch, "sum_to: shape [2] is not summed to [3]"),
    ErrorCase(
      "index", [f32(2, 3)], ["at": [[2]].attributeValue], is: .indexOutOfRange,
      "index 2 is out of range for an axis of size 2"),
    ErrorCase(
      "index", [f32(2, 3)], ["at": [[-3]].attributeValue], is: .indexOutOfRange,
      "index -3 is out of range for an axis of size 2"),
    ErrorCase(
      "index", [f32(2)], ["at": [[0], [0]].attributeValue], is: .indexOutOfRange,
      "index: 2 indices for shape [2] of rank 1"),
    ErrorCase(
      "index", [f32(2)], ["at": [[0, 2, 0]].attributeValue], is: .badAttribute,
      "index: a step is a whole number other than 0, not 0"),
    ErrorCase("gather", [f32(2), f32(2)], is: .dtypeMismatch, "gather: indices are whole numbers, not f32[2]"),
    ErrorCase(
      "softmax_cross_entropy", [f32(2, 3), i32(3)], is: .shapeMismatch,
      "softmax_cross_entropy: a target i32[3] does not fit logits f32[2, 3]"),
    ErrorCase(
      "softmax_cross_entropy", [f32(2, 3), f64(2, 3)], is: .dtypeMismatch,
      "softmax_cross_entropy: f32[2, 3] and f64[2, 3] have different dtypes"),
    ErrorCase(
      "softmax_cross_entropy_gradient", [f32(2, 3), f32(2, 3), f32()], is: .dtypeMismatch,
      "softmax_cross_entropy_gradient: classes are whole numbers, not f32[2, 3]"),
    ErrorCase(
      "softmax_cross_entropy_gradient", [f32(2, 3), i32(2), f32(2)], is: .shapeMismatch,
      "softmax_cross_entropy_gradient: the scale is a scalar, not f32[2]"),
  ]

  static let constants: [ErrorCase] = [
    ErrorCase(
      "fill", [], ["value": .whole(300), "dtype": .dtype(.u8)], is: .badAttribute, "fill: 300 does not fit in u8"),
    ErrorCase(
      "fill", [], ["value": .real(0.5), "dtype": .dtype(.i32)], is: .badAttribute, "fill: 0.5 does not fit in i32"),
    ErrorCase(
      "fill", [], ["value": .whole(1), "shape": [-1].attributeValue], is: .badAttribute,
      "fill: sizes are not negative: [-1]"),
    ErrorCase(
      "fill", [], ["value": .whole(1), "shape": [1 << 40, 1 << 40].attributeValue], is: .sizeOverflow,
      "the tensor's size does not fit in 64 bits"),
    ErrorCase(
      "literal", [], ["values": .list([.real(1.5)]), "dtype": .dtype(.i32)], is: .badAttribute,
      "literal: the values f64[1] do not fit in i32"),
    ErrorCase(
      "literal", [], ["values": .list([.list([.whole(1)]), .whole(2)])], is: .badAttribute,
      "'values' of 'literal' takes a nested list of numbers"),
    ErrorCase("load", [], ["path": .string("x.h5")], is: .badAttribute, "load: 'x.h5' was not read"),
    ErrorCase("eye", [], ["shape": [2].attributeValue], is: .badAttribute, "eye: makes a matrix, not shape [2]"),
    ErrorCase(
      "arange", [], ["start": .whole(0), "stop": .whole(2), "step": .whole(0)], is: .badAttribute,
      "arange: a step is not 0"),
    ErrorCase(
      "uniform", [], ["low": .real(1)], is: .badAttribute, "uniform: low is below high, and both are finite: 1.0, 1.0"),
    ErrorCase(
      "normal", [], ["std": .real(-1)], is: .badAttribute, "normal: a standard deviation is not negative: -1.0"),
    ErrorCase(
      "normal", [], ["dtype": .dtype(.i32)], is: .badAttribute, "normal: gives floating numbers, not i32"),
    ErrorCase("bernoulli", [], ["p": .real(2)], is: .badAttribute, "bernoulli: a probability is from 0 to 1, not 2.0"),
    ErrorCase(
      "integers", [], ["low": .whole(0), "high": .whole(300), "dtype": .dtype(.u8)], is: .badAttribute,
      "integers: 299 does not fit in u8"),
    ErrorCase(
      "permutation", [], ["shape": [2, 2].attributeValue], is: .badAttribute,
      "permutation: needs a shape [n], not [2, 2]"),
    ErrorCase(
      "variance_scaling", [], ["mode": .string("fan")], is: .badAttribute, "variance_scaling: no mode 'fan'"),
    ErrorCase(
      "fill", [], ["value": .whole(1), "colour": .whole(2)], is: .unknownAttribute, "'fill' has no attribute 'colour'"),
  ]
}

extension ErrorCase {
  static let all = typing + shapes + constants + windows + pooling + resizing + joining + parts + algebra
}

@Suite struct `What does not fit` {
  @Test(arguments: ErrorCase.all)
  func `is said when the node is added`(row: ErrorCase) throws {
    let builder = GraphBuilder(registry: .builtIn())
    let inputs = row.inputs.enumerated().map { builder.variable("x\($0)", .input, $1) }
    let error = #expect(throws: OperationError.self) { try builder.add(row.operation, inputs, row.attributes) }
    #expect(error?.kind == row.kind)
    #expect(error?.message == row.message)
  }

  @Test(arguments: [
    (
      "floor_div", [Tensor([1, 2] as [Int32], [2]), Tensor(scalar: 0 as Int32)],
      "floor_div: a whole number is divided by zero"
    ),
    ("mod", [Tensor(scalar: 1 as Int64), Tensor(scalar: 0 as Int64)], "mod: a whole number is divided by zero"),
    ("pow", [Tensor(scalar: 2 as Int64), Tensor(scalar: -1 as Int64)], "pow: a whole number to a negative power"),
    (
      "gather", [Tensor([1.0, 2], [2]), Tensor([0, 2] as [Int32], [2])], "gather: index 2 at position 1 is not in 0..<2"
    ),
    (
      "gather", [Tensor([1.0, 2], [2]), Tensor([-1] as [Int32], [1])], "gather: index -1 at position 0 is not in 0..<2"
    ),
    (
      "softmax_cross_entropy", [Tensor([1.0, 2, 3, 4], [2, 2]), Tensor([1, 2] as [Int64], [2])],
      "softmax_cross_entropy: class 2 of row 1 is not in 0..<2"
    ),
  ])
  func `is said when it runs, where numbers decide`(name: String, inputs: [Tensor], message: String) throws {
    let operation = try #require(Registry.builtIn()[name]).operation()
    let error = #expect(throws: OperationError.self) { try Evaluator.run(operation, inputs) }
    #expect(error?.kind == .badValue)
    #expect(error?.message == message)
  }

  @Test(arguments: NumberErrorCase.all)
  func `is said of tensors and matrices when it runs`(row: NumberErrorCase) throws {
    let operation = try #require(Registry.builtIn()[row.operation]).operation()
    let error = #expect(throws: OperationError.self) { try Evaluator.run(operation, row.inputs) }
    #expect(error?.kind == .badValue)
    #expect(error?.message == row.message)
  }

  @Test func `of an index whose axis has a name is said once the size is known`() throws {
    let operation = try #require(Registry.builtIn()["index"]).operation(["at": [[3]].attributeValue])
    let symbolic = try operation.infer([TensorType(.f32, [Dimension(symbol: "n")])])
    #expect(symbolic == [f32()])
    let error = #expect(throws: OperationError.self) { try operation.prepare([f32(2)]) }
    #expect(error?.kind == .indexOutOfRange)
  }
}
