import FlowTensor
import Testing

@testable import FlowFiles

struct `HDF5 files` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func save(_ image: HDF5Image) throws -> String {
    try AtomicFile.write(image.bytes(), to: image.path)
    return image.path
  }

  @Test(arguments: Samples.tensors)
  func `a tensor is read back to the same bits`(_ tensor: Tensor) throws {
    var image = HDF5Image(for: folder.file("a.h5"))
    try image.write(tensor, at: "params/h/0/w")
    let reader = try HDF5Reader(save(image))
    #expect(reader.entries == [TensorEntry("params/h/0/w", tensor.dtype, tensor.sizes)])
    #expect(try reader.read("params/h/0/w") == tensor)
    #expect(try reader.read("/params/h/0/w") == tensor)
  }

  private func state() throws -> HDF5Image {
    var image = HDF5Image(for: folder.file("state.h5"))
    try image.set("format", .text("flow.checkpoint"))
    try image.set("version", .integer(1))
    try image.write(text: "graph Ω {}\n" + String(repeating: "# long\n", count: 20_000), at: "source")
    for (index, tensor) in Samples.tensors.enumerated() { try image.write(tensor, at: "params/\(index % 7)/t\(index)") }
    try image.set("cursor", .integer(-5), of: "training")
    return image
  }

  @Test func `attributes, texts and names come back in the order they were written`() throws {
    let image = try state()
    let reader = try HDF5Reader(save(image))
    #expect(try reader.attributes()["format"] == .text("flow.checkpoint"))
    #expect(try reader.attributes()["version"]?.integer == 1)
    #expect(try reader.attributes(of: "training")["cursor"]?.integer == -5)
    #expect(try reader.attributes(of: "nowhere").isEmpty)
    #expect(try reader.text("source")?.hasPrefix("graph Ω {}\n# long") == true)
    #expect(try reader.text("sauce") == nil)
    #expect(reader.entries.prefix(2).map(\.name) == ["params/0/t0", "params/0/t7"])
  }

  /// Netron opens no file whose links carry their order.
  @Test(arguments: [("a.weights.h5", ["a/x", "b"]), ("a.h5", ["b", "a/x"])])
  func `only what is named as Keras's weights forgets the order of names`(_ row: (file: String, names: [String])) throws
  {
    try writeTensorFile([("b", Tensor(scalar: 1.0)), ("a/x", Tensor(scalar: 2.0))], to: folder.file(row.file))
    #expect(try openTensorFile(folder.file(row.file)).entries.map(\.name) == row.names)
  }

  @Test func `equal states are equal bytes`() throws {
    let first = try state().bytes()
    _ = try state().bytes()
    #expect(try state().bytes() == first)
    #expect(first.count < 500_000)
  }

  /// The published values of `driver5` in Jenkins' lookup3.c, for an initial value of 0.
  @Test func `the metadata checksum is that of lookup3`() {
    #expect(HDF5Superblock.lookup3([]) == 0xDEAD_BEEF)
    #expect(HDF5Superblock.lookup3(Array("Four score and seven years ago".utf8)[...]) == 0x1777_0551)
  }

  @Test(arguments: ["", "a//b", "/a", "a/", "a/./b", "a\0b", "taken", "taken/below"])
  func `a name that cannot be is refused`(_ name: String) throws {
    var image = HDF5Image(for: "x.h5")
    try image.write(Tensor(scalar: 1.0), at: "taken")
    let error = fault { try image.write(Tensor(scalar: 1.0), at: name) }
    #expect(error?.kind == .badData)
  }

  @Test func `rows are read in any order, and more than once`() throws {
    var image = HDF5Image(for: folder.file("rows.h5"))
    let table = Samples.tensor(.i32, [10, 3])
    try image.write(table, at: "x")
    let reader = try HDF5Reader(save(image))
    #expect(try reader.read("x", rows: 2..<4).elements(of: Int32.self) == [33, 40, 47, 54, 61, 68].map { Int32($0) })
    #expect(try reader.read("x", rows: [9, 0, 9]) == table.rows([9, 0, 9]))
    #expect(try reader.read("x", rows: 4..<4).sizes == [0, 3])
    #expect(try reader.read("x", rows: [Int]()).sizes == [0, 3])
    for rows in [[-1], [10], [0, 11]] {
      #expect(fault { _ = try reader.read("x", rows: rows) }?.kind == .badData)
    }
    #expect(fault { _ = try reader.read("x", rows: 8..<11) }?.message == "'x' has 10 rows, and no row 10")
  }

  @Test func `a large data set is read in rows alone`() throws {
    var image = HDF5Image(for: folder.file("large.h5"))
    let rows = 5_000
    let large = Tensor((0..<rows * 4).map { Int32($0) }, [rows, 4])
    try image.write(large, at: "x")
    let path = try save(image)
    let reader = try HDF5Reader(path, cachedByteCount: 100)
    let order = Philox(seed: 1, stream: "rows").permutation(rows)
    #expect(try reader.read("x", rows: Array(order[..<64])) == large.rows(Array(order[..<64])))
    #expect(try reader.read("x", rows: 100..<200) == large.rows(100..<200))
    #expect(try reader.read("x") == large)
  }

  @Test func `a missing name suggests those that are near`() throws {
    let reader = try HDF5Reader(save(state()))
    #expect(fault { _ = try reader.read("params/0/t1") }?.help == "did you mean 'params/1/t1'?")
    #expect(fault { _ = try reader.read("params") }?.message == "'params' cannot be read: it is a group")
    #expect(fault { _ = try reader.read("source") }?.message == "'source' cannot be read: text has no dtype")
  }

  @Test func `what is no HDF5 file is an error with the reason`() throws {
    #expect(fault { _ = try HDF5Reader("/nowhere/a.h5") }?.fact == .notFound)
    #expect(fault { _ = try HDF5Reader(folder.path) }?.kind == .badData)
    let text = try folder.write("hello", "text.h5")
    #expect(fault { _ = try HDF5Reader(text) }?.message.hasPrefix("not a valid HDF5 file: ") == true)
    #expect(fault { _ = try openTensorFile(folder.write([], "empty.h5")) }?.kind == .badData)
  }

  @Test func `several threads may read one file and write others`() async throws {
    let path = try save(state())
    let reader = try HDF5Reader(path)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<16 {
        group.addTask {
          _ = try HDF5Reader(path).read("params/0/t0")
          return try reader.read("params/1/t1") == Samples.tensors[1]
        }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
  }
}
