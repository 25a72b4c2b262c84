import CHDF5

/// A name in a group.
///
/// SAFETY: the callback gets the address of a local array, and runs before the function that passes it returns.
struct HDF5Link {
  let name: String
  /// Leads to an object of the same file by its address, not by a name that must be looked up here or elsewhere.
  let isHard: Bool

  /// In the order they were made, where the file keeps it; else by name.
  ///
  /// Asked for another order than its native one, which is the index's own, version 1.10 of the library first makes a table,
  /// and crashes where damage of the file cuts that short.
  static func all(in group: borrowing HDF5Handle) throws(HDF5Failure) -> [HDF5Link] {
    let properties = try HDF5Handle(H5Gget_create_plist(group.id))
    var order: UInt32 = 0
    try checked(H5Pget_link_creation_order(properties.id, &order))
    let isOrdered = order & UInt32(H5P_CRT_ORDER_INDEXED) != 0
    var links: [HDF5Link] = []
    let status = withUnsafeMutablePointer(to: &links) { pointer in
      flow_H5Literate(
        group.id, isOrdered ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, H5_ITER_NATIVE,
        { _, name, info, data in
          guard let name, let info, let data else { return -1 }
          let link = HDF5Link(name: String(cString: name), isHard: info.pointee.type == H5L_TYPE_HARD)
          data.assumingMemoryBound(to: [HDF5Link].self).pointee.append(link)
          return 0
        }, pointer)
    }
    try checked(status)
    return isOrdered ? links : links.sorted { $0.name < $1.name }
  }
}
