import CHDF5
import FlowTensor

/// All or some rows of a data set, to be read into a tensor.
///
/// SAFETY: the tensor has exactly as many bytes as the library writes: the number of selected elements times the size of the
/// type it converts to, which `HDF5Type` pairs with the dtype. Conversions in place lie inside those bytes.
struct HDF5Selection {
  private let item: HDF5Catalog.Tensor
  private let rows: Range<Int>?

  init(_ item: HDF5Catalog.Tensor, rows: Range<Int>?) {
    self.item = item
    self.rows = rows
  }

  private var sizes: [Int] {
    guard let rows else { return item.entry.sizes }
    return [rows.count] + item.entry.sizes.dropFirst()
  }

  func read(_ dataset: hid_t) throws(HDF5Failure) -> Tensor {
    let stored = try HDF5Handle(H5Dget_type(dataset))
    let memory = try item.type.memory.makeType(stored: stored)
    let tensor = try Tensor(item.entry.dtype, sizes) { bytes throws(HDF5Failure) in
      guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
      let source = try makeSource(dataset)
      let target = try makeTarget()
      try checked(H5Dread(dataset, memory.id, target.id, source.id, 0, base))
      try finish(bytes)
    }
    return tensor
  }

  /// The rows in the file.
  private func makeSource(_ dataset: hid_t) throws(HDF5Failure) -> HDF5Handle {
    let space = try HDF5Handle(H5Dget_space(dataset))
    guard let rows else { return space }
    var start = [hsize_t](repeating: 0, count: sizes.count)
    start[0] = hsize_t(rows.lowerBound)
    try checked(H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, sizes.map { hsize_t($0) }, nil))
    return space
  }

  /// The rows in memory: one after another.
  private func makeTarget() throws(HDF5Failure) -> HDF5Handle {
    if sizes.isEmpty { return try HDF5Handle(H5Screate(H5S_SCALAR)) }
    return try HDF5Handle(H5Screate_simple(Int32(sizes.count), sizes.map { hsize_t($0) }, nil))
  }

  private func finish(_ bytes: UnsafeMutableRawBufferPointer) throws(HDF5Failure) {
    switch item.type.step {
    case .none: return
    case .toBool: for index in bytes.indices where bytes[index] > 1 { bytes[index] = 1 }
    case .checkSign:
      for number in bytes.bindMemory(to: Int64.self) where number < 0 {
        throw HDF5Failure("the number \(UInt64(bitPattern: number)) does not fit in 63 bits")
      }
    }
  }
}

extension Tensor {
  /// zlib's CRC-32 of the elements' bytes.
  var checksum: Int64 { withUnsafeBytes { Int64(crc32(of: $0)) } }
}
