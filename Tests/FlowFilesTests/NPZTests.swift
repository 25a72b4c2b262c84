import FlowTensor
import Testing

@testable import FlowFiles

struct `npz files` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let tensors = Samples.tensors.filter { $0.dtype != .bf16 }.enumerated().map {
    (name: "group.\($0.offset)", tensor: $0.element)
  }

  @Test func `tensors are read back to the same bits, and equal ones are equal files`() throws {
    for name in ["a.npz", "b.npz"] { try writeTensorFile(Self.tensors, to: folder.file(name)) }
    let reader = try openTensorFile(folder.file("a.npz"))
    #expect(reader.entries.map(\.name) == Self.tensors.map(\.name))
    for (name, tensor) in Self.tensors { #expect(try reader.read(name) == tensor) }
    #expect(try folder.bytes("a.npz") == folder.bytes("b.npz"))
    #expect(fault { _ = try reader.read("group.999") }?.kind == .badData)
  }

  @Test func `rows are taken from what was unpacked`() throws {
    let tensor = Samples.tensor(.i32, [10, 3])
    try writeTensorFile([("x", tensor)], to: folder.file("a.npz"))
    let reader = try openTensorFile(folder.file("a.npz"))
    #expect(try reader.read("x", rows: 2..<5) == tensor.rows(2..<5))
    #expect(try reader.read("x", rows: [7, 1]) == tensor.rows([7, 1]))
    #expect(fault { _ = try reader.read("x", rows: [10]) }?.kind == .badData)
  }

  /// A zip of members under these names, each an npy file of two bytes.
  private func zip(_ names: [String], change: (inout [UInt8]) -> Void = { _ in }) throws -> String {
    var zip = ZipWriter()
    let tensor = Tensor([UInt8(5), 6], [2])
    for name in names { zip.add(name, try NPYHeader.bytes(of: tensor, "") + tensor.bytes) }
    var bytes = zip.finish()
    change(&bytes)
    return try folder.write(bytes, "hand.npz")
  }

  @Test(arguments: [
    (["../x.npy"], "the name '../x.npy' leads out of the file"),
    (["/x.npy"], "the name '/x.npy' leads out of the file"),
    (["a\\b.npy"], "the name 'a\\b.npy' leads out of the file"), (["x.npy", "x.npy"], "a name comes twice"),
  ])
  func `names that trick are refused`(_ names: [String], _ reason: String) throws {
    let path = try zip(names)
    #expect(fault { _ = try openTensorFile(path) }?.message == "not a valid npz file: \(reason)")
  }

  @Test func `what is no npy file is told when it is asked for`() throws {
    let reader = try openTensorFile(zip(["x.npy", "readme.txt"]))
    #expect(reader.entries.map(\.name) == ["x"])
    #expect(reader.unreadable.map(\.name) == ["readme.txt"])
    #expect(
      fault { _ = try reader.read("readme.txt") }?.message == "'readme.txt' cannot be read: it is no npy file")
  }

  /// The fields of the directory's only record: where, how many bytes, and what they say instead.
  @Test(arguments: [
    ("a size of 3 GB that 130 bytes cannot hold", 24, [UInt8](repeating: 0xC0, count: 4)),
    ("one byte too many", 24, [0x83, 0, 0, 0]), ("a method nobody knows", 10, [99, 0]), ("encrypted", 8, [1, 8]),
    ("another checksum", 16, [1, 2, 3, 4]),
  ])
  func `lies of the directory are found`(_ row: (title: String, offset: Int, bytes: [UInt8])) throws {
    let path = try zip(["x.npy"]) { bytes in
      let start = bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) } ?? 0
      bytes.replaceSubrange((start + row.offset)..<(start + row.offset + row.bytes.count), with: row.bytes)
    }
    #expect(fault { _ = try openTensorFile(path).read("x") }?.kind == .badData, "\(row.title)")
  }

  @Test(.enabled(if: Python.isThere))
  func `NumPy reads them, and what NumPy writes is read here`() throws {
    try writeTensorFile(Self.tensors, to: folder.file("a.npz"))
    let (status, output) = try Python.run(
      """
      import numpy as np, zipfile
      a = np.load('\(folder.file("a.npz"))')
      assert len(a) == \(Self.tensors.count)
      x = {k: a[k] for k in a}
      np.savez('\(folder.file("stored.npz"))', **x)
      np.savez_compressed('\(folder.file("packed.npz"))', **x)
      with zipfile.ZipFile('\(folder.file("bomb.npz"))', 'w', zipfile.ZIP_DEFLATED) as z:
          z.writestr('x.npy', b'\\x93NUMPY\\x01\\x00\\x46\\x00' + b"{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }".ljust(69) + b'\\n' + b'0' * 10**7)
      """)
    try #require(status == 0, "\(output)")
    for file in ["stored.npz", "packed.npz"] {
      let reader = try openTensorFile(folder.file(file))
      for (name, tensor) in Self.tensors { #expect(try reader.read(name) == tensor, "\(file) \(name)") }
    }
    #expect(
      fault { _ = try openTensorFile(folder.file("bomb.npz")).read("x") }?.message
        == "'x' cannot be read: its shape takes 2 bytes, but 10000000 are there")
  }
}
