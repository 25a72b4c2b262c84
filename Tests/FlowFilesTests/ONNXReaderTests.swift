import FlowTensor
import Testing

@testable import FlowFiles

struct `ONNX files` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  // MARK: The format of messages, by hand

  private static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }

  private static func part(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
  }

  private static func number(_ field: UInt64, _ value: Int64) -> [UInt8] {
    varint(field << 3) + varint(UInt64(bitPattern: value))
  }

  private static func little<Number: FixedWidthInteger>(_ numbers: Number...) -> [UInt8] {
    numbers.flatMap { number in (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }
  }

  private static func tensor(_ name: String, _ type: Int64, _ sizes: [Int64], _ numbers: [UInt8]) -> [UInt8] {
    sizes.flatMap { number(1, $0) } + number(2, type) + numbers + part(8, Array(name.utf8))
  }

  private func model(_ tensors: [UInt8]..., more: [UInt8] = []) throws -> String {
    let graph = tensors.flatMap { Self.part(5, $0) } + more
    return try folder.write(Self.number(1, 8) + Self.part(7, graph), "m.onnx")
  }

  // MARK: Tensors

  static let kinds: [(title: String, type: Int64, numbers: [UInt8], tensor: Tensor)] = [
    ("raw f32", 1, part(9, little(Float(0.5).bitPattern, Float(-2).bitPattern)), Tensor([Float(0.5), -2], [2])),
    ("f32", 1, part(4, little(Float(0.5).bitPattern, Float(-2).bitPattern)), Tensor([Float(0.5), -2], [2])),
    ("f64", 11, part(10, little((0.1).bitPattern, (-2.0).bitPattern)), Tensor([0.1, -2], [2])),
    ("raw u8", 2, part(9, [5, 255]), Tensor([UInt8(5), 255], [2])),
    ("u8", 2, part(5, varint(5) + varint(255)), Tensor([UInt8(5), 255], [2])),
    ("i8", 3, part(5, varint(5) + varint(.max)), Tensor([Int8(5), -1], [2])),
    ("u16", 4, part(5, varint(5) + varint(65535)), Tensor([Int32(5), 65535], [2])),
    ("i16", 5, part(5, varint(5) + varint(.max)), Tensor([Int16(5), -1], [2])),
    ("i32", 6, number(5, 7) + number(5, -7), Tensor([Int32(7), -7], [2])),
    ("i64", 7, part(7, varint(7) + varint(.max)), Tensor([Int64(7), -1], [2])),
    ("bool", 9, part(5, varint(1) + varint(0)), Tensor([true, false], [2])),
    ("f16", 10, part(5, varint(0x3C00) + varint(0xC000)), Tensor([1, -2], [2], as: .f16)),
    ("bf16", 16, part(5, varint(0x3F80) + varint(0xC000)), Tensor([1, -2], [2], as: .bf16)),
    ("u32", 12, part(11, varint(1) + varint(4_294_967_295)), Tensor([Int64(1), 4_294_967_295], [2])),
    ("raw u64", 13, part(9, little(UInt64(1), UInt64(7))), Tensor([Int64(1), 7], [2])),
  ]

  @Test(arguments: kinds)
  func `numbers are read from where their type keeps them`(
    _ row: (title: String, type: Int64, numbers: [UInt8], tensor: Tensor)
  ) throws {
    let reader = try openTensorFile(model(Self.tensor("h.w", row.type, [2], row.numbers)))
    #expect(reader.entries.map(\.name) == ["h.w"] && reader.unreadable.isEmpty, "\(reader.unreadable)")
    #expect(try reader.read("h.w") == row.tensor)
    #expect(try reader.read("h.w", rows: [1]) == row.tensor.rows([1]))
  }

  static let refused: [(tensor: [UInt8], reason: String)] = [
    (tensor("x", 1, [2], number(14, 1)), "its numbers are in another file"),
    (tensor("x", 8, [1], part(6, [65])), "texts have no dtype"),
    (tensor("x", 14, [1], []), "complex numbers have no dtype"),
    (tensor("x", 22, [2], part(9, [1])), "numbers of ONNX's type 22 have no dtype"),
    (tensor("x", 1, [-1], []), "a size is negative"),
    (tensor("x", 1, Array(repeating: 1, count: 17), []), "it has 17 axes, more than 16"),
    (tensor("x", 1, [3], part(9, [0, 0, 0, 0])), "it is f32[3], but has 4 bytes"),
    (tensor("x", 2, [1 << 62, 4], part(9, [0])), "it is u8[4611686018427387904, 4], but has 1 bytes"),
  ]

  @Test(arguments: refused)
  func `a tensor that is not what it says is told, and the others are read`(_ row: (tensor: [UInt8], reason: String))
    throws
  {
    let reader = try openTensorFile(model(row.tensor, Self.tensor("ok", 2, [1], Self.part(9, [7]))))
    #expect(reader.unreadable.map(\.reason) == [row.reason])
    #expect(fault { _ = try reader.read("x") }?.message == "'x' cannot be read: \(row.reason)")
    #expect(try reader.read("ok") == Tensor([UInt8(7)], [1]))
  }

  @Test func `what is no model is refused`() throws {
    let whole = try folder.bytes(
      String(model(Self.tensor("x", 2, [1], Self.part(9, [7]))).split(separator: "/").last ?? ""))
    let x = Self.tensor("x", 2, [0], [])
    let cases: [(bytes: [UInt8], reason: String)] = [
      ([], "there is no graph in it"), (Self.number(1, 8), "there is no graph in it"),
      (Array(whole.dropLast()), "it is cut off or damaged"), ([0x0B, 0x0C], "it is cut off or damaged"),
      (Self.part(7, Self.part(5, x) + Self.part(5, x)), "the tensor name 'x' is empty or comes twice"),
      (Self.part(7, Self.part(5, Self.tensor("", 2, [0], []))), "the tensor name '' is empty or comes twice"),
    ]
    for row in cases {
      let error = fault { _ = try openTensorFile(folder.write(row.bytes, "m.onnx")) }
      #expect(error?.message == "not a valid ONNX file: \(row.reason)")
    }
    let nodes = [[UInt8]](repeating: [0x0A, 0], count: 1_000).flatMap(\.self)
    let many = try model(more: nodes)
    #expect(fault { _ = try ONNXReader(many, maximumPartCount: 999) }?.message.hasSuffix("more than 999 parts") == true)
    #expect(try ONNXReader(many).graph.nodes.count == 1_000)
  }

  @Test(.enabled(if: Python.has("onnx")))
  func `what ONNX's own library writes is read here`() throws {
    let (status, output) = try Python.run(
      """
      import numpy as np, onnx
      from onnx import helper as h, numpy_helper as n, TensorProto as T
      kinds = dict(FLOAT='f4', DOUBLE='f8', FLOAT16='f2', INT64='i8', INT32='i4', INT16='i2', INT8='i1', UINT8='u1', BOOL='?')
      made = []
      for name, kind in kinds.items():
          x = np.arange(6).reshape(2, 3).astype(kind)
          made += [n.from_array(x, name), h.make_tensor(name + '.listed', getattr(T, name), x.shape, x.ravel())]
      i = h.make_tensor_value_info('i', T.FLOAT, ['n', None, 3])
      g = h.make_graph([h.make_node('Foo', ['i'], ['o'], domain='my')], 'g', [i], [h.make_tensor_value_info('o', T.FLOAT, None)], made)
      onnx.save(h.make_model(g, producer_name='me', opset_imports=[h.make_opsetid('', 18), h.make_opsetid('my', 1)]), '\(folder.file("m.onnx"))')
      """)
    try #require(status == 0, "\(output)")
    let reader = try ONNXReader(folder.file("m.onnx"))
    #expect(reader.entries.count == 18 && reader.unreadable.isEmpty)
    for entry in reader.entries {
      let wanted = (0..<6).map { Double(entry.dtype == .bool ? min($0, 1) : $0) }
      #expect(try reader.read(entry.name).doubles == wanted, "\(entry)")
    }
    #expect(reader.graph.inputs == [.init(name: "i", type: "f32[n, ?, 3]")])
    #expect(reader.graph.outputs == [.init(name: "o", type: "f32")])
    #expect(reader.graph.nodes == [.init(operation: "my.Foo", inputs: ["i"], outputs: ["o"])])
    #expect(reader.ownAttributes.map(\.name) == ["ir_version", "operator_set", "operator_set my", "producer", "graph"])
  }
}
