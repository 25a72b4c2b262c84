import CHDF5

/// A name in a group.
///
/// SAFETY: the callback gets the address of a local array, and runs before the function that passes it returns.
struct HDF5Link {
  let name: String
  /// Leads to an object of the same file by its address, not by a name that must be looked up here or elsewhere.
  let isHard: Bool

  /// In the order they were made, where the file keeps it; else by name.
  static func all(in group: borrowing HDF5Handle) throws(HDF5Failure) -> [HDF5Link] {
    let properties = try HDF5Handle(H5Gget_create_plist(group.id))
    var order: UInt32 = 0
    try checked(H5Pget_link_creation_order(properties.id, &order))
    let index = order & UInt32(H5P_CRT_ORDER_TRACKED) != 0 ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME
    var links: [HDF5Link] = []
    let status = withUnsafeMutablePointer(to: &links) { pointer in
      flow_H5Literate(
        group.id, index, H5_ITER_INC,
        { _, name, info, data in
          guard let name, let info, let data else { return -1 }
          let link = HDF5Link(name: String(cString: name), isHard: info.pointee.type == H5L_TYPE_HARD)
          data.assumingMemoryBound(to: [HDF5Link].self).pointee.append(link)
          return 0
        }, pointer)
    }
    try checked(status)
    return links
  }
}
