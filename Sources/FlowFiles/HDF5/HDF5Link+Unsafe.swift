import CHDF5

/// A name in a group.
///
/// SAFETY: the callback gets the address of a local array, and runs before the function that passes it returns.
struct HDF5Link {
  let name: String
  /// Leads to an object of the same file by its address, not by a name that must be looked up here or elsewhere.
  let isHard: Bool

  private let position: Int64

  /// In the order they were made, where the file keeps it; else by name.
  ///
  /// Asked for another order than any, version 1.10 of the library first makes a table, and crashes where damage of the file
  /// cuts that short.
  static func all(in group: borrowing HDF5Handle) throws(HDF5Failure) -> [HDF5Link] {
    var links: [HDF5Link] = []
    let status = withUnsafeMutablePointer(to: &links) { pointer in
      flow_H5Literate(
        group.id, H5_INDEX_NAME, H5_ITER_NATIVE,
        { _, name, info, data in
          guard let name, let info = info?.pointee, let data else { return -1 }
          data.assumingMemoryBound(to: [HDF5Link].self).pointee.append(HDF5Link(String(cString: name), info))
          return 0
        }, pointer)
    }
    try checked(status)
    return links.sorted { ($0.position, $0.name) < ($1.position, $1.name) }
  }

  private init(_ name: String, _ info: H5L_info_t) {
    self.name = name
    isHard = info.type == H5L_TYPE_HARD
    position = info.corder_valid ? info.corder : 0
  }
}
