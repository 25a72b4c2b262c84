import FlowTensor
import Testing

@testable import FlowFiles

struct `CSV files` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ text: String, as dtype: DType? = nil) throws -> any TensorReader {
    try openTensorFile(folder.write(text, "a.csv"), as: dtype)
  }

  static let tables: [(String, [Int], [Double])] = [
    ("1,2\n3,4\n", [2, 2], [1, 2, 3, 4]), ("1,2\n3,4", [2, 2], [1, 2, 3, 4]),
    ("1, 2 \r\n3,\t4\r\n", [2, 2], [1, 2, 3, 4]),
    ("\u{FEFF}1\n\n2\n", [2, 1], [1, 2]), ("a,b\n1,2\n", [1, 2], [1, 2]),
    ("\"a, \"\"x\"\"\",b\n\"1\",-2e-1\n", [1, 2], [1, -0.2]),
    ("inf,-Infinity,+1.5\n", [1, 3], [.infinity, -.infinity, 1.5]), ("", [0, 0], []), ("a,b\n", [0, 2], []),
  ]

  @Test(arguments: tables)
  func `lines are rows`(_ row: (String, [Int], [Double])) throws {
    #expect(try open(row.0).readOnlyTensor() == Tensor(row.2, row.1))
  }

  @Test func `the first line may name the columns`() throws {
    let reader = try open("x,label\n0.5,1\n0.25,0\n")
    #expect(reader.entries.map(\.name) == ["", "x", "label"])
    #expect(try reader.read("label") == Tensor([1.0, 0], [2]))
    #expect(fault { _ = try reader.read("lable") }?.help == "did you mean 'label'?")
  }

  @Test func `numbers are read as the dtype asked for`() throws {
    #expect(try open("1,2\n", as: .i32).readOnlyTensor() == Tensor([Int32(1), 2], [1, 2]))
    #expect(try open("9223372036854775807\n", as: .i64).readOnlyTensor() == Tensor([Int64.max], [1, 1]))
  }

  static let refused: [(String, DType?, String)] = [
    ("1,2\n3\n", nil, "line 2: 1 fields, where there were 2 before"),
    ("1,2\n\n3,x\n", nil, "line 3: 'x' is no number of dtype f64"),
    ("1,\n", nil, "line 1: an empty field"), ("a\n1\n\"2\n", nil, "line 3: a quote that does not end"),
    ("1\n\"2\"3\n", nil, "line 2: a character between a quote's end and the comma"),
    ("1.5\n", .i32, "line 1: '1.5' is no number of dtype i32"),
    ("1\n0\0\n", nil, "line 2: '0\0' is no number of dtype f64"),
    ("a,b\n1,2,3\n", nil, "line 2: 3 fields, where there were 2 before"),
    (String(repeating: "1", count: 1 << 20), nil, "line 1: a field of 1048576 bytes, more than 1000"),
    ("1\n\"" + String(repeating: "1", count: 1 << 20), nil, "line 2: a quote that does not end"),
  ]

  @Test(arguments: refused)
  func `a line that is no row is refused`(_ row: (String, DType?, String)) {
    #expect(fault { _ = try open(row.0, as: row.1) }?.message == "not a valid CSV file: \(row.2)")
  }

  @Test(arguments: Samples.tensors.filter { $0.sizes.count == 2 && $0.count > 0 })
  func `a table is read back to the same bits`(_ tensor: Tensor) throws {
    try writeTensorFile([("x", tensor)], to: folder.file("b.csv"))
    #expect(try openTensorFile(folder.file("b.csv"), as: tensor.dtype).readOnlyTensor() == tensor)
  }

  @Test func `more than two axes do not fit`() {
    #expect(fault { try writeTensorFile([("x", Samples.tensor(.f32, [2, 3, 4]))], to: "x.csv") }?.kind == .badData)
  }

  @Test func `an ending that is not known lists those that are`() throws {
    #expect(
      fault { _ = try openTensorFile(folder.write("x", "a.xyz")) }?.help
        == "known endings: .h5 .hdf5 .npy .npz .safetensors .idx .gz .csv .json .onnx")
    #expect(
      fault { try writeTensorFile([], to: folder.file("a")) }?.help
        == "known endings: .h5 .hdf5 .npy .npz .safetensors .csv .json")
    #expect(
      fault { try writeTensorFile([], to: folder.file("a.idx")) }?.message
        == "cannot be written in this format: IDX is only read")
  }
}
