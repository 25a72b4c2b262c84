import FlowTensor
import Testing

@testable import FlowFiles

@Suite(.enabled(if: Python.isThere))
struct `HDF5 files of and for h5py` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `h5py reads what is written here`() throws {
    var image = HDF5Image(for: folder.file("ours.h5"))
    try image.set("graph", .text("naïve"))
    try image.set("step", .integer(900))
    try image.write(text: "graph digits", at: "source")
    for dtype in DType.allCases { try image.write(Samples.tensor(dtype, [2, 2]), at: "params/\(dtype.rawValue)") }
    try image.write(Tensor(scalar: 2.5), at: "scalar")
    try image.write(Tensor([Float](), [0, 3]), at: "empty")
    try AtomicFile.write(image.bytes(), to: image.path)
    let (status, output) = try Python.run(
      """
      import h5py, zlib, numpy as np
      f = h5py.File("\(image.path)")
      assert f.attrs["graph"] == "naïve" and f.attrs["step"] == 900
      assert f["source"][()].decode() == "graph digits"
      assert zlib.crc32(b"graph digits") == f["source"].attrs["crc32"]
      assert f["scalar"][()] == 2.5 and f["empty"].shape == (0, 3)
      kinds = dict(f64="f8", f32="f4", f16="f2", bf16="f4", i64="i8", i32="i4", i16="i2", i8="i1", u8="u1", bool="?")
      for name, kind in kinds.items():
          d = f["params/" + name]
          assert d.dtype == np.dtype(kind) and d.shape == (2, 2), (name, d.dtype)
          x = d[()]
          want = np.arange(4)
          want = {"bool": want % 2, "u8": want * 37 + 3}.get(name, (want - 3) / 3 if kind[0] == "f" else want * 7 - 9)
          assert np.allclose(x.ravel().astype("f8"), want, rtol=1e-2 if "16" in name else 1e-6), (name, x)
          if name != "bf16": assert zlib.crc32(x.tobytes()) == d.attrs["crc32"], name
      assert f["params/bf16"].attrs["dtype"] == "bf16" and f["params/bool"].attrs["dtype"] == "bool"
      assert list(f.keys())[0] == "source" or not f.id.get_create_plist().get_link_creation_order()
      """)
    #expect(status == 0, "\(output)")
  }

  /// A line that makes data set `x`, and what it is here.
  static let foreign: [(String, Tensor)] = [
    ("f['x'] = np.array([[1, 2], [3, 4]], '>f8')", Tensor([1.0, 2, 3, 4], [2, 2])),
    ("f['x'] = np.array([1, -2], '>i4')", Tensor([Int32(1), -2], [2])),
    ("f['x'] = np.array([0.5, 2], '>f2')", Tensor([0.5, 2], [2], as: .f16)),
    ("f['x'] = np.array([True, False])", Tensor([true, false], [2])),
    ("f['x'] = np.array([1, 65535], 'u2')", Tensor([Int32(1), 65535], [2])),
    ("f['x'] = np.array([1, 2**32 - 1], 'u4')", Tensor([Int64(1), 4_294_967_295], [2])),
    ("f['x'] = np.array([1, 2**63 - 1], 'u8')", Tensor([Int64(1), .max], [2])),
    ("f['x'] = np.int8(-3)", Tensor(scalar: Int8(-3))),
    ("f['x'] = np.zeros((0, 3), 'f4')", Tensor([Float](), [0, 3])),
    (
      "f.create_dataset('x', data=np.arange(6, dtype='i2').reshape(3, 2), chunks=(2, 1), compression='gzip', "
        + "shuffle=True, fletcher32=True)", Tensor([Int16](0..<6), [3, 2])
    ),
    ("f.create_dataset('x', shape=(3,), dtype='f4', fillvalue=7)", Tensor([Float(7), 7, 7], [3])),
    ("f['x'] = np.uint8([2, 0]); f['x'].attrs['dtype'] = 'bool'", Tensor([true, false], [2])),
    ("f['x'] = np.uint16([0x3F80, 0xC000]); f['x'].attrs['dtype'] = 'bf16'", Tensor([1, -2], [2], as: .bf16)),
  ]

  @Test(arguments: ["", ", libver=('v108', 'v110')", ", track_order=True", ", userblock_size=512"])
  func `what h5py writes is read here`(_ options: String) throws {
    try makeFiles(Self.foreign.map(\.0), options)
    for (index, row) in Self.foreign.enumerated() {
      #expect(try openTensorFile(folder.file("\(index).h5")).read("x") == row.1, "\(row.0)")
    }
  }

  /// Runs each line with a new file `f`, which is then named by the line's number.
  private func makeFiles(_ lines: [String], _ options: String = "") throws {
    let bodies = lines.enumerated().map { index, line in
      "f = h5py.File('\(folder.file("\(index).h5"))', 'w'\(options)); f['ok'] = np.int8([5])\n\(line)\nf.close()\n"
    }
    let (status, output) = try Python.run("import h5py, numpy as np\n" + bodies.joined())
    try #require(status == 0, "\(output)")
  }

  /// A line that makes something named `x`, and why it is not read.
  static let refused: [(String, String)] = [
    ("f['x'] = 'text'", "text has no dtype"),
    ("f['x'] = np.array([1j])", "a compound of several numbers has no dtype"),
    ("f['x'] = h5py.SoftLink('/ok')", "it is a link to elsewhere, which is not followed"),
    ("f['x'] = h5py.ExternalLink('other.h5', '/a')", "it is a link to elsewhere, which is not followed"),
    ("f['x'] = h5py.Empty('f4')", "it is empty, without a shape"),
    (
      "p = h5py.h5p.create(h5py.h5p.DATASET_CREATE); p.set_chunk((2,)); p.set_filter(32001, h5py.h5z.FLAG_OPTIONAL, (1,)); "
        + "h5py.h5d.create(f.id, b'x', h5py.h5t.NATIVE_FLOAT, h5py.h5s.create_simple((2,)), p)",
      "its numbers are packed by filter 32001, which is not known"
    ),
    ("f.create_dataset('x', (2,), 'f4', external=[('/etc/passwd', 0, 8)])", "its numbers are in another file"),
    (
      "l = h5py.VirtualLayout((2,), 'f4'); l[:] = h5py.VirtualSource('o.h5', 'a', (2,)); f.create_virtual_dataset('x', l)",
      "it is put together from other files"
    ),
    ("f['x'] = np.array([2**63], 'u8')", "the number 9223372036854775808 does not fit in 63 bits"),
    ("f.create_dataset('x', (2,), h5py.vlen_dtype('i4'))", "rows of different lengths have no shape"),
    ("f['x'] = np.longdouble([1])", "floating-point numbers of 16 bytes have no dtype"),
    ("f['x'] = f['ok'].ref", "a reference has no dtype"),
    ("f.create_group('x'); f['x/loop'] = f['/']", "it is a group"),
  ]

  @Test func `what has no dtype or lies elsewhere is refused, and the rest is read`() throws {
    try makeFiles(Self.refused.map(\.0))
    for (index, row) in Self.refused.enumerated() {
      let reader = try openTensorFile(folder.file("\(index).h5"))
      #expect(fault { _ = try reader.read("x") }?.message == "'x' cannot be read: \(row.1)", "\(row.0)")
      #expect(try reader.read("ok").doubles == [5])
    }
  }

  @Test func `sizes beyond the memory are refused before anything is reserved`() throws {
    let path = folder.file("huge.h5")
    let (status, output) = try Python.run(
      """
      import h5py
      f = h5py.File('\(path)', 'w')
      f.create_dataset('x', (2**40, 2**10), 'f8', chunks=(1, 1))
      f.create_dataset('y', (2**62, 2), 'u1', chunks=(1, 1))
      f.create_dataset('z', (2**62, 0, 8), 'u1', maxshape=(None, None, None), chunks=(1, 1, 1))
      f.create_dataset('unwritten', (2**28, 2), 'u1', chunks=(1024, 2))
      """)
    try #require(status == 0, "\(output)")
    let reader = try openTensorFile(path)
    #expect(fault { _ = try reader.read("x") }?.kind == .badData)
    #expect(fault { _ = try reader.read("y") }?.message == "the size of 'y' does not fit in 64 bits")
    #expect(fault { _ = try reader.read("z") }?.kind == .badData)
    #expect(try reader.read("x", rows: 5..<6).count == 1024)
    #expect(
      fault { _ = try reader.read("unwritten") }?.message
        .hasPrefix("'unwritten' cannot be read: its 536870912 bytes cannot be in the ") == true)
    #expect(try reader.read("unwritten", rows: 5..<6).doubles == [0, 0])
    #expect(fault { _ = try reader.read("z", rows: 0..<1) }?.kind == .badData)
  }
}
