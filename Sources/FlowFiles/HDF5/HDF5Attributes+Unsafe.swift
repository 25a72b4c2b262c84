import CHDF5

// SAFETY: callbacks get the address of a local variable of the function that passes them, and run before it returns; buffers
// have the size of the type that the library reads or writes.
extension HDF5Attributes {
  /// Those of one object that are single texts or whole numbers; others mean nothing here.
  init(of object: borrowing HDF5Handle, in heap: borrowing HDF5Heap) throws(HDF5Failure) {
    for name in try Self.names(of: object) {
      let attribute = try HDF5Handle(H5Aopen(object.id, name, 0))
      if let value = try FileAttribute(reading: attribute, in: heap) { self[name] = value }
    }
  }

  func write(to object: borrowing HDF5Handle) throws(HDF5Failure) {
    for (name, value) in all { try value.write(name, to: object) }
  }

  /// In the order they were written, where the file keeps it.
  private static func names(of object: borrowing HDF5Handle) throws(HDF5Failure) -> [String] {
    var names: [(position: UInt32, name: String)] = []
    let status = withUnsafeMutablePointer(to: &names) { pointer in
      flow_H5Aiterate(
        object.id, H5_INDEX_NAME, H5_ITER_NATIVE,
        { _, name, info, data in
          guard let name, let info = info?.pointee, let data else { return -1 }
          data.assumingMemoryBound(to: [(position: UInt32, name: String)].self).pointee
            .append((info.corder_valid ? info.corder : 0, String(cString: name)))
          return 0
        }, pointer)
    }
    try checked(status)
    return names.sorted { $0 < $1 }.map(\.name)
  }
}

extension FileAttribute {
  /// Nil where it is neither a single text nor a single whole number.
  fileprivate init?(reading attribute: borrowing HDF5Handle, in heap: borrowing HDF5Heap) throws(HDF5Failure) {
    let type = try HDF5Handle(H5Aget_type(attribute.id))
    let space = try HDF5Handle(H5Aget_space(attribute.id))
    guard H5Sget_simple_extent_npoints(space.id) == 1 else { return nil }
    switch H5Tget_class(type.id) {
    case H5T_INTEGER where H5Tget_size(type.id) <= 8:
      var value: Int64 = 0
      try checked(H5Aread(attribute.id, flow_H5T_STD_I64LE(), &value))
      self = .integer(value)
    case H5T_STRING:
      guard let text = try HDF5Text.read(type, in: heap, { memory, buffer in H5Aread(attribute.id, memory, buffer) })
      else {
        return nil
      }
      self = .text(text)
    default: return nil
    }
  }

  fileprivate func write(_ name: String, to object: borrowing HDF5Handle) throws(HDF5Failure) {
    let space = try HDF5Handle(H5Screate(H5S_SCALAR))
    let type: HDF5Handle =
      switch self {
      case .text: try HDF5Text.makeType()
      case .integer: try HDF5Handle(H5Tcopy(flow_H5T_STD_I64LE()))
      }
    let attribute = try HDF5Handle(H5Acreate2(object.id, name, type.id, space.id, 0, 0))
    switch self {
    case .text(let text): try HDF5Text.write(text) { buffer in H5Awrite(attribute.id, type.id, buffer) }
    case .integer(var value): try checked(H5Awrite(attribute.id, type.id, &value))
    }
  }
}
