import CHDF5
import FlowTensor

/// Builds a file in memory.
///
/// SAFETY: the library reads as many bytes of a tensor as it has, and writes at most as many bytes of the file's image as it
/// is told there is room for; it says how many it wrote.
struct HDF5ImageWriter {
  /// Whether groups track the order of their links.
  let keepsOrder: Bool

  /// Under the library's lock.
  func bytes(of items: [HDF5Image.Item]) throws(HDF5Failure) -> [UInt8] {
    let file = try makeFile(room: items.reduce(0) { $0 + $1.byteCount })
    for item in items { try write(item, to: file) }
    try checked(H5Fflush(file.id, H5F_SCOPE_GLOBAL))
    return try image(of: file)
  }

  private func makeFile(room: Int) throws(HDF5Failure) -> HDF5Handle {
    let access = try HDF5Handle(H5Pcreate(flow_H5P_FILE_ACCESS()))
    try checked(H5Pset_fapl_core(access.id, min(max(room, 1 << 16), 1 << 26), false))
    try checked(H5Pset_libver_bounds(access.id, H5F_LIBVER_V18, H5F_LIBVER_V18))
    let creation = try HDF5Handle(H5Pcreate(flow_H5P_FILE_CREATE()))
    try setOrder(creation)
    return try HDF5Handle(H5Fcreate("image", flow_H5F_ACC_TRUNC(), creation.id, access.id))
  }

  /// No times.
  private func setOrder(_ groupCreation: borrowing HDF5Handle) throws(HDF5Failure) {
    let order = UInt32(H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED)
    if keepsOrder { try checked(H5Pset_link_creation_order(groupCreation.id, order)) }
    try checked(H5Pset_attr_creation_order(groupCreation.id, order))
    try checked(H5Pset_obj_track_times(groupCreation.id, false))
  }

  private func write(_ item: HDF5Image.Item, to file: borrowing HDF5Handle) throws(HDF5Failure) {
    switch item.content {
    case .group:
      var attributes = item.attributes
      if !attributes.all.isEmpty { attributes[HDF5Names.checksum] = .integer(attributes.checksum) }
      try attributes.write(to: makeGroup(item.path, in: file))
    case .tensor(let tensor): try item.attributes.write(to: makeDataset(tensor, item.path, in: file))
    case .text(let text): try item.attributes.write(to: makeDataset(text, item.path, in: file))
    }
  }

  private func makeGroup(_ path: String, in file: borrowing HDF5Handle) throws(HDF5Failure) -> HDF5Handle {
    if path.isEmpty { return try HDF5Handle(H5Gopen2(file.id, "/", 0)) }
    let creation = try HDF5Handle(H5Pcreate(flow_H5P_GROUP_CREATE()))
    try setOrder(creation)
    return try HDF5Handle(H5Gcreate2(file.id, path, 0, creation.id, 0))
  }

  private func makeDataset(
    _ tensor: Tensor, _ path: String, in file: borrowing HDF5Handle
  ) throws(HDF5Failure) -> HDF5Handle {
    let type = try tensor.dtype.makeHDF5Type()
    let sizes = tensor.sizes.map { hsize_t($0) }
    let space = try HDF5Handle(
      sizes.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(sizes.count), sizes, nil))
    let dataset = try makeDataset(path, type, space, in: file)
    guard tensor.byteCount > 0 else { return dataset }
    try checked(tensor.withUnsafeBytes { H5Dwrite(dataset.id, type.id, 0, 0, 0, $0.baseAddress) })
    return dataset
  }

  private func makeDataset(
    _ text: String, _ path: String, in file: borrowing HDF5Handle
  ) throws(HDF5Failure) -> HDF5Handle {
    let type = try HDF5Text.makeType()
    let dataset = try makeDataset(path, type, HDF5Handle(H5Screate(H5S_SCALAR)), in: file)
    try HDF5Text.write(text) { buffer in H5Dwrite(dataset.id, type.id, 0, 0, 0, buffer) }
    return dataset
  }

  private func makeDataset(
    _ path: String, _ type: borrowing HDF5Handle, _ space: borrowing HDF5Handle, in file: borrowing HDF5Handle
  ) throws(HDF5Failure) -> HDF5Handle {
    let creation = try HDF5Handle(H5Pcreate(flow_H5P_DATASET_CREATE()))
    try checked(H5Pset_attr_creation_order(creation.id, UInt32(H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED)))
    try checked(H5Pset_obj_track_times(creation.id, false))
    return try HDF5Handle(H5Dcreate2(file.id, path, type.id, space.id, 0, creation.id, 0))
  }

  private func image(of file: borrowing HDF5Handle) throws(HDF5Failure) -> [UInt8] {
    let size = try checked(H5Fget_file_image(file.id, nil, 0))
    var written = 0
    var bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      written = H5Fget_file_image(file.id, buffer.baseAddress, size)
      initialized = max(written, 0)
    }
    try checked(written)
    HDF5Superblock.repairChecksum(of: &bytes)
    return bytes
  }
}

extension HDF5Image.Item {
  /// About how much room it takes in the file.
  fileprivate var byteCount: Int {
    switch content {
    case .group: 512
    case .tensor(let tensor): tensor.byteCount + 512
    case .text(let text): text.utf8.count + 512
    }
  }
}
