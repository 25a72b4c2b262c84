import FlowTensor
import Testing

@testable import FlowFiles

struct `npy files` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: Samples.tensors.filter { $0.dtype != .bf16 })
  func `a tensor is read back to the same bits`(_ tensor: Tensor) throws {
    try writeTensorFile([("x", tensor)], to: folder.file("a.npy"))
    let reader = try openTensorFile(folder.file("a.npy"))
    #expect(reader.entries == [TensorEntry("", tensor.dtype, tensor.sizes)])
    #expect(try reader.readOnlyTensor() == tensor)
  }

  @Test func `a dtype that npy lacks is refused`() {
    let error = fault { try writeTensorFile([("x", Tensor([1], [1], as: .bf16))], to: folder.file("a.npy")) }
    #expect(error?.message == "cannot be written in this format: npy has no bf16")
  }

  private func file(_ header: String, _ data: [UInt8], version: UInt8 = 1) throws -> String {
    let length = header.utf8.count
    let count = version == 1 ? 2 : 4
    let prefix = NPYHeader.magic + [version, 0] + (0..<count).map { UInt8(length >> ($0 * 8) & 0xFF) }
    return try folder.write(prefix + Array(header.utf8) + data, "hand.npy")
  }

  @Test(arguments: [UInt8(1), 2, 3])
  func `every version of the header is read`(_ version: UInt8) throws {
    let path = try file("{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}\n", [5, 6], version: version)
    #expect(try openTensorFile(path).readOnlyTensor() == Tensor([UInt8(5), 6], [2]))
  }

  @Test func `rows lie behind each other`() throws {
    let tensor = Samples.tensor(.i32, [10, 3])
    try writeTensorFile([("", tensor)], to: folder.file("a.npy"))
    let reader = try openTensorFile(folder.file("a.npy"))
    #expect(try reader.read("", rows: 2..<5) == tensor.rows(2..<5))
    #expect(try reader.read("", rows: [7, 1]) == tensor.rows([7, 1]))
    #expect(fault { _ = try reader.read("", rows: [10]) }?.kind == .badData)
  }

  @Test func `rows of a large file are read alone`() throws {
    let tensor = Samples.tensor(.i64, [100, 2])
    try writeTensorFile([("", tensor)], to: folder.file("a.npy"))
    let reader = try ArrayReader.open(
      folder.file("a.npy"), "npy", NPYHeader.read(folder.file("a.npy")), cachedByteCount: 10)
    #expect(reader is ArrayReader)
    #expect(try reader.read("", rows: 90..<100) == tensor.rows(90..<100))
    #expect(try reader.read("", rows: [99, 0, 5, 4, 99]) == tensor.rows([99, 0, 5, 4, 99]))
    #expect(try reader.read("") == tensor)
  }

  static let refused: [(String, String)] = [
    ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "Python objects have no dtype"),
    ("{'descr': '<c16', 'fortran_order': False, 'shape': (1,)}", "complex numbers have no dtype"),
    ("{'descr': '<U5', 'fortran_order': False, 'shape': (1,)}", "text has no dtype"),
    ("{'descr': '<M8[s]', 'fortran_order': False, 'shape': (1,)}", "times have no dtype"),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "records of several fields have no dtype"),
    ("{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}", "its element type '<f16' is not known"),
    ("{'descr': '<f4', 'shape': (1,)}", "its header is not complete"),
    ("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "its header has '0' where True or False belongs"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "its shape has a size ''"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "its shape has a size '99999999999999999999'"
    ),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "its shape takes 12 bytes, but 0 are there"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", "its header has a key 'x'"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (0,)} more", "its header goes on behind its end"),
    ("{'descr': '<f4", "its header lacks a '''"), ("", "its header lacks a '{'"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (\(String(repeating: "1,", count: 17)))}",
      "it has 17 axes, more than 16"
    ),
  ]

  @Test(arguments: refused)
  func `a header that says what cannot be is refused`(_ row: (String, String)) throws {
    let path = try file(row.0, [])
    #expect(fault { _ = try openTensorFile(path) }?.message == "not a valid npy file: \(row.1)")
  }

  @Test func `a header beyond the limit is refused`() throws {
    let spaces = String(repeating: " ", count: NPYHeader.maximumByteCount)
    let path = try file("{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}\(spaces)\n", [5], version: 2)
    #expect(
      fault { _ = try openTensorFile(path) }?.message
        == "not a valid npy file: its header has 1048644 bytes, more than 1048576")
  }

  @Test(arguments: ["(4611686018427387904, 4)", "(0, 4611686018427387904, 4)", "(1099511627776, 1048576)"])
  func `sizes that overflow or exceed the memory are refused`(_ shape: String) throws {
    let path = try file("{'descr': '|u1', 'fortran_order': False, 'shape': \(shape)}", [])
    guard case .tooLarge = fault({ _ = try openTensorFile(path) })?.fact else {
      Issue.record("not refused as too large")
      return
    }
  }

  static let foreign: [(String, Tensor)] = [
    ("np.array([[1, 2], [3, 4]], '>f8')", Tensor([1.0, 2, 3, 4], [2, 2])),
    ("np.asfortranarray(np.arange(24, dtype='i2').reshape(2, 3, 4))", Tensor([Int16](0..<24), [2, 3, 4])),
    ("np.asfortranarray(np.arange(6, dtype='>u2').reshape(2, 3))", Tensor([Int32](0..<6), [2, 3])),
    ("np.array([2**63 - 1], 'u8')", Tensor([Int64.max], [1])), ("np.array([True, False])", Tensor([true, false], [2])),
    ("np.float16(0.1)", Tensor(scalar: Half(converting: 0.1))), ("np.zeros((0, 2), 'f4')", Tensor([Float](), [0, 2])),
  ]

  @Test(.enabled(if: Python.isThere))
  func `what NumPy writes is read here, and equal arrays are equal files`() throws {
    let lines = Self.foreign.enumerated().map { "np.save('\(folder.file("\($0).npy"))', \($1.0))\n" }
    let (status, output) = try Python.run("import numpy as np\n" + lines.joined())
    try #require(status == 0, "\(output)")
    for (index, row) in Self.foreign.enumerated() {
      #expect(try openTensorFile(folder.file("\(index).npy")).readOnlyTensor() == row.1, "\(row.0)")
    }
    try writeTensorFile([("", Self.foreign[4].1)], to: folder.file("ours.npy"))
    #expect(try folder.bytes("ours.npy") == folder.bytes("4.npy"))
  }

  @Test(.enabled(if: Python.isThere)) func `NumPy reads what is written here`() throws {
    for dtype in DType.allCases where dtype != .bf16 {
      try writeTensorFile([("", Samples.tensor(dtype, [2, 2]))], to: folder.file("\(dtype.rawValue).npy"))
    }
    let (status, output) = try Python.run(
      """
      import numpy as np
      kinds = dict(f64="f8", f32="f4", f16="f2", i64="i8", i32="i4", i16="i2", i8="i1", u8="u1", bool="?")
      for name, kind in kinds.items():
          x = np.load("\(folder.path)/" + name + ".npy")
          assert x.dtype == np.dtype(kind) and x.shape == (2, 2), (name, x.dtype)
      """)
    #expect(status == 0, "\(output)")
  }
}
