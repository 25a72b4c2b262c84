import CHDF5

// SAFETY: buffers have the size that the library was asked for; a text that the library allocated is copied and freed
// before the function returns.
extension HDF5Attributes {
  /// Those of one object that are single texts or whole numbers; others mean nothing here.
  init(of object: borrowing HDF5Handle) throws(HDF5Failure) {
    for name in try Self.names(of: object) {
      let attribute = try HDF5Handle(H5Aopen(object.id, name, 0))
      if let value = try HDF5Attribute(reading: attribute) { self[name] = value }
    }
  }

  func write(to object: borrowing HDF5Handle) throws(HDF5Failure) {
    for (name, value) in all { try value.write(name, to: object) }
  }

  private static func names(of object: borrowing HDF5Handle) throws(HDF5Failure) -> [String] {
    var names: [String] = []
    let status = withUnsafeMutablePointer(to: &names) { pointer in
      flow_H5Aiterate(
        object.id, H5_INDEX_CRT_ORDER, H5_ITER_NATIVE,
        { _, name, _, data in
          guard let name, let data else { return -1 }
          data.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
          return 0
        }, pointer)
    }
    try checked(status)
    return names
  }
}

extension HDF5Attribute {
  /// Nil where it is neither a single text nor a single whole number.
  fileprivate init?(reading attribute: borrowing HDF5Handle) throws(HDF5Failure) {
    let type = try HDF5Handle(H5Aget_type(attribute.id))
    let space = try HDF5Handle(H5Aget_space(attribute.id))
    guard H5Sget_simple_extent_npoints(space.id) == 1 else { return nil }
    switch H5Tget_class(type.id) {
    case H5T_INTEGER where H5Tget_size(type.id) <= 8:
      var value: Int64 = 0
      try checked(H5Aread(attribute.id, flow_H5T_STD_I64LE(), &value))
      self = .integer(value)
    case H5T_STRING:
      guard let text = try HDF5Text.read(type, { memory, buffer in H5Aread(attribute.id, memory, buffer) }) else {
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

/// Single texts, of attributes and data sets alike.
enum HDF5Text {
  /// The longest text of fixed length that is read.
  private static let maximumByteCount = 1 << 30

  /// UTF-8 of any length, without NUL.
  static func makeType() throws(HDF5Failure) -> HDF5Handle {
    let type = try HDF5Handle(H5Tcopy(flow_H5T_C_S1()))
    try checked(H5Tset_size(type.id, flow_H5T_VARIABLE()))
    try checked(H5Tset_cset(type.id, H5T_CSET_UTF8))
    return type
  }

  static func write(_ text: String, _ write: (UnsafeRawPointer) -> herr_t) throws(HDF5Failure) {
    let status = text.withCString { characters in
      withUnsafePointer(to: characters) { write(UnsafeRawPointer($0)) }
    }
    try checked(status)
  }

  /// Nil where the text is not valid UTF-8.
  static func read(
    _ type: borrowing HDF5Handle, _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Failure) -> String? {
    try checked(H5Tis_variable_str(type.id)) > 0 ? readVariable(type, read) : readFixed(type, read)
  }

  private static func readVariable(
    _ type: borrowing HDF5Handle, _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Failure) -> String? {
    var characters: UnsafeMutablePointer<CChar>?
    let status = withUnsafeMutablePointer(to: &characters) { read(type.id, UnsafeMutableRawPointer($0)) }
    defer { H5free_memory(characters) }
    try checked(status)
    return characters.map { String(validatingCString: $0) } ?? ""
  }

  private static func readFixed(
    _ type: borrowing HDF5Handle, _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Failure) -> String? {
    let size = H5Tget_size(type.id)
    guard size <= maximumByteCount else { throw HDF5Failure("a text of \(size) bytes is too long") }
    var bytes = [UInt8](repeating: 0, count: size + 1)
    try checked(bytes.withUnsafeMutableBytes { buffer in buffer.baseAddress.map { read(type.id, $0) } ?? -1 })
    return String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
