/// The attributes of one object, in the order they were written.
struct HDF5Attributes: Hashable, Sendable {
  private(set) var all: [(name: String, value: FileAttribute)] = []

  subscript(name: String) -> FileAttribute? {
    get { all.first { $0.name == name }?.value }
    set {
      all.removeAll { $0.name == name }
      if let newValue { all.append((name, newValue)) }
    }
  }

  /// Over the names and values of all but the checksum itself: the library has none for long texts.
  var checksum: Int64 {
    var bytes: [UInt8] = []
    for (name, value) in all where name != HDF5Names.checksum { bytes += Array(name.utf8) + [0] + value.bytes + [0] }
    return Int64(crc32(of: bytes))
  }

  static func == (a: Self, b: Self) -> Bool { a.all.elementsEqual(b.all) { $0 == $1 } }
  func hash(into hasher: inout Hasher) {
    for (name, value) in all {
      hasher.combine(name)
      hasher.combine(value)
    }
  }
}

/// The attributes with a meaning to this program.
enum HDF5Names {
  /// zlib's CRC-32 of a data set's bytes, of a text's UTF-8, or of a group's other attributes.
  static let checksum = "crc32"
  /// The dtype, where HDF5 has no type of its own for it.
  static let dtype = "dtype"
}
