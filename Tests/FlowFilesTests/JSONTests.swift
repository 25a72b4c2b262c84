import FlowTensor
import Testing

@testable import FlowFiles

struct `JSON texts` {
  static let values: [(JSON, String)] = [
    (.null, "null"), (true, "true"), (-7, "-7"), (.int(.min), "-9223372036854775808"), (0.1, "0.1"), (1.0, "1.0"),
    (.double(-0.0), "-0.0"), (.double(5e-5), "5e-05"), (.double(1e300), "1e+300"), (.float(0.1), "0.1"),
    (.double(Double(Float(0.1))), "0.10000000149011612"), (.double(.nan), "\"nan\""), (.double(-.nan), "\"nan\""),
    (.double(.infinity), "\"inf\""), (.float(-.infinity), "\"-inf\""), ([], "[]"), ([1, "a"], "[1, \"a\"]"),
    ([:], "{}"),
    (["b": 1, "a": [.null]], "{\"b\": 1, \"a\": [null]}"),
    ("a\"b\\c\n\t\u{1}é😀/", "\"a\\\"b\\\\c\\n\\t\\u0001é😀/\""),
    (.tensor(Tensor([0.5, 0.25], [2, 1])), "{\"dtype\": \"f64\", \"shape\": [2, 1], \"data\": [[0.5], [0.25]]}"),
    (.tensor(Tensor(scalar: Float(0.1))), "{\"dtype\": \"f32\", \"shape\": [], \"data\": 0.1}"),
    (.tensor(Tensor([Int64.max], [1])), "{\"dtype\": \"i64\", \"shape\": [1], \"data\": [9223372036854775807]}"),
    (.tensor(Tensor([true, false], [2])), "{\"dtype\": \"bool\", \"shape\": [2], \"data\": [true, false]}"),
    (
      .tensor(Tensor([Double.nan, .infinity, -.infinity], [3])),
      "{\"dtype\": \"f64\", \"shape\": [3], \"data\": [\"nan\", \"inf\", \"-inf\"]}"
    ),
    (.tensor(Tensor([Double](), [2, 0, 3])), "{\"dtype\": \"f64\", \"shape\": [2, 0, 3], \"data\": [[], []]}"),
    (.tensor(Tensor([Double](), [0, 3])), "{\"dtype\": \"f64\", \"shape\": [0, 3], \"data\": []}"),
  ]

  @Test(arguments: values)
  func `a value is written on one line`(_ row: (JSON, String)) { #expect(row.0.text == row.1) }

  private func parse(_ text: String, as dtype: DType? = nil) throws -> Tensor {
    try JSONTensor.parse(Array(text.utf8), path: "x.json", as: dtype)
  }

  @Test(arguments: Samples.tensors)
  func `a tensor is read back to the same bits`(_ tensor: Tensor) throws {
    #expect(try parse(JSON.tensor(tensor).text) == tensor)
  }

  @Test func `every number is read back to the same bits`() throws {
    let random = Philox(seed: 1, stream: "bits")
    let doubles = (0..<5_000).map { Double(bitPattern: random.pair(UInt64($0)).0) }.filter { !$0.isNaN }
    let floats = (0..<5_000).map { Float(bitPattern: random.block(UInt64($0))[0]) }.filter { !$0.isNaN }
    #expect(try parse(JSON.tensor(Tensor(doubles, [doubles.count])).text) == Tensor(doubles, [doubles.count]))
    #expect(try parse(JSON.tensor(Tensor(floats, [floats.count])).text) == Tensor(floats, [floats.count]))
    let halves = (0..<0x7C00).map { Half(bits: $0) }
    #expect(try parse(JSON.tensor(Tensor(halves, [halves.count])).text) == Tensor(halves, [halves.count]))
  }

  @Test func `lists alone are tensors too, of the dtype asked for`() throws {
    #expect(try parse("[[1, 2], [3, 4]]") == Tensor([1.0, 2, 3, 4], [2, 2]))
    #expect(try parse(" 7 ", as: .i32) == Tensor(scalar: Int32(7)))
    #expect(try parse("[1.0, -2]", as: .i64) == Tensor([Int64(1), -2], [2]))
    #expect(try parse("[true, 0]", as: .bool) == Tensor([true, false], [2]))
    #expect(try parse("[]").sizes == [0])
    #expect(try parse("{\"data\": [1], \"extra\": {\"a\": [null, \"x\\\"]\"]}, \"dtype\": \"f32\"}").dtype == .f32)
    #expect(try parse("{\"dt\\u0079pe\": \"i8\", \"data\": 1}").dtype == .i8)
    #expect(try parse("[\"nan\", \"inf\"]").doubles[1] == .infinity)
  }

  static let refused: [(String, DType?, String)] = [
    ("", nil, "line 1: expected a number, but the text ends"),
    ("[1, 2", nil, "line 1: expected ',' or ']', but the text ends"),
    ("[1,\n2] 3", nil, "line 2: expected the end, not '3'"), ("[1,,2]", nil, "line 1: expected a number, not ','"),
    ("[[1], [2, 3]]", nil, "line 1: a list of 2 elements beside one of 1"),
    ("[1, [2]]", nil, "line 1: a list beside a number"),
    ("[[1], 2]", nil, "line 1: a number beside a list"),
    ("[[], [1]]", nil, "line 1: a list of 1 elements beside one of 0"),
    ("[1.5]", .i32, "line 1: '1.5' is no number of dtype i32"),
    ("[300]", .u8, "line 1: '300' is no number of dtype u8"),
    ("[1e400]", nil, "line 1: '1e400' is no number of dtype f64"),
    ("[0x10]", nil, "line 1: '0x10' is no number of dtype f64"),
    ("[1e39]", .f32, "line 1: '1e39' is no number of dtype f32"),
    ("[null]", nil, "line 1: 'null' is no number of dtype f64"),
    ("[0.\(String(repeating: "1", count: 999))]", nil, "line 1: a number of 1001 bytes, more than 1000"),
    ("{\"data\": [1], \"shape\": [2]}", nil, "line 1: the data has shape [1], not [2]"),
    (
      "{\"data\": [], \"shape\": [0, 4611686018427387904, 4]}", nil,
      "line 1: the data has shape [0], not [0, 4611686018427387904, 4]"
    ),
    ("{\"shape\": [2]}", nil, "line 1: a tensor without \"data\""),
    ("{\"dtype\": \"c64\"}", nil, "line 1: no dtype named 'c64'"),
    ("{\"a\\x\": 1}", nil, "line 1: a string that is not valid"),
    ("{\"a: 1}", nil, "line 1: a string that does not end"),
    ("[\"a\\", nil, "line 1: a string that does not end"),
    ("{\"data\": \"\\ud800\"}", nil, "line 1: '\\ud800' is no number of dtype f64"),
    (String(repeating: "[", count: 100_000), nil, "line 1: more than 16 axes"),
    ("{\"x\": " + String(repeating: "[", count: 100_000), nil, "line 1: lists are nested more than 64 deep"),
  ]

  @Test(arguments: refused)
  func `a text that is no tensor is refused at its line`(_ row: (String, DType?, String)) {
    #expect(fault { _ = try parse(row.0, as: row.1) }?.message == "not a valid JSON file: \(row.2)")
  }

  @Test func `a file holds one tensor, or several by name`() throws {
    let folder = try TemporaryFolder()
    let tensor = Samples.tensor(.f32, [4, 2])
    try writeTensorFile([("x", tensor)], to: folder.file("a.json"))
    #expect(try openTensorFile(folder.file("a.json")).read("", rows: [3, 0]) == tensor.rows([3, 0]))
    try writeTensorFile([("x", tensor), ("y.z", tensor)], to: folder.file("b.json"))
    #expect(try openTensorFile(folder.file("b.json"), as: tensor.dtype).read("y/z") == tensor)
  }
}
