import CHDF5

/// Single texts, of attributes and data sets alike.
///
/// SAFETY: a buffer has the size that the library was told it has, and is not used after the call it is passed to.
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

  /// - Parameter read: reads one element as a type of the library into a buffer of that type's size.
  /// - Returns: nil where the text is not valid UTF-8.
  static func read(
    _ type: borrowing HDF5Handle, in heap: borrowing HDF5Heap, _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Failure) -> String? {
    let bytes: [UInt8]
    if try checked(H5Tis_variable_str(type.id)) > 0 {
      let reference = try HDF5Handle(H5Tcreate(H5T_OPAQUE, HDF5Heap.referenceByteCount))
      bytes = try heap.bytes(at: element(reference, read))
    } else {
      bytes = try element(type, read)
    }
    return String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func element(
    _ type: borrowing HDF5Handle, _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Failure) -> [UInt8] {
    let size = H5Tget_size(type.id)
    guard size <= maximumByteCount else { throw HDF5Failure("a text of \(size) bytes, more than \(maximumByteCount)") }
    var bytes = [UInt8](repeating: 0, count: size)
    try checked(bytes.withUnsafeMutableBytes { buffer in buffer.baseAddress.map { read(type.id, $0) } ?? -1 })
    return bytes
  }

  /// Lets the library hand out where a text of any length lies, instead of the text: as bits without a meaning.
  static func registerReferences() {
    guard let source = try? makeType(), let target = try? HDF5Handle(H5Tcreate(H5T_OPAQUE, HDF5Heap.referenceByteCount))
    else { return }
    H5Tregister(
      H5T_PERS_SOFT, "text reference", source.id, target.id,
      { source, target, data, _, _, _, _, _, _ in
        guard let data, data.pointee.command == H5T_CONV_INIT else { return 0 }
        data.pointee.need_bkg = H5T_BKG_NO
        return H5Tis_variable_str(source) > 0 && H5Tget_size(target) == HDF5Heap.referenceByteCount ? 0 : -1
      })
  }
}
