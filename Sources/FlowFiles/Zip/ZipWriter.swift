/// The bytes of a zip file whose members are stored as they are, without times: equal members are equal files.
///
/// - Source: PKWARE, .ZIP File Format Specification 6.3.10, §4.3 to §4.5, with the fields of 64 bits where a size needs them.
struct ZipWriter {
  private(set) var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  mutating func add(_ name: String, _ content: [UInt8]) {
    let record = Record(name: Array(name.utf8), size: content.count, checksum: crc32(of: content), offset: bytes.count)
    bytes += record.local
    bytes += content
    directory += record.central
    count += 1
  }

  /// Writes the directory, which ends the file.
  mutating func finish() -> [UInt8] {
    let start = bytes.count
    bytes += directory
    if count >= 0xFFFF || start + directory.count >= 0xFFFF_FFFF { bytes += wideEnd(at: start) }
    bytes += number(0x0605_4B50, 4) + number(0, 4) + number(min(count, 0xFFFF), 2) + number(min(count, 0xFFFF), 2)
    bytes += number(min(directory.count, 0xFFFF_FFFF), 4) + number(min(start, 0xFFFF_FFFF), 4) + number(0, 2)
    return bytes
  }

  private func wideEnd(at start: Int) -> [UInt8] {
    let record =
      number(0x0606_4B50, 4) + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 8) + number(count, 8)
      + number(count, 8) + number(directory.count, 8) + number(start, 8)
    return record + number(0x0706_4B50, 4) + number(0, 4) + number(start + directory.count, 8) + number(1, 4)
  }

  private struct Record {
    let name: [UInt8]
    let size: Int
    let checksum: UInt32
    let offset: Int

    private var isWide: Bool { size >= 0xFFFF_FFFF || offset >= 0xFFFF_FFFF }
    private var shortSize: [UInt8] { number(isWide ? 0xFFFF_FFFF : size, 4) }

    /// What stands before the content.
    var local: [UInt8] {
      let extra = isWide ? number(1, 2) + number(16, 2) + number(size, 8) + number(size, 8) : []
      return number(0x0403_4B50, 4) + common + number(extra.count, 2) + name + extra
    }

    /// What stands in the directory.
    var central: [UInt8] {
      let wide = number(1, 2) + number(24, 2) + number(size, 8) + number(size, 8) + number(offset, 8)
      let extra = isWide ? wide : []
      return number(0x0201_4B50, 4) + number(45, 2) + common + number(extra.count, 2) + number(0, 10)
        + number(isWide ? 0xFFFF_FFFF : offset, 4) + name + extra
    }

    /// Version, UTF-8 names, no packing, 1 January 1980, checksum, both sizes and the name's length.
    private var common: [UInt8] {
      number(isWide ? 45 : 20, 2) + number(0x0800, 2) + number(0, 2) + number(0, 2) + number(0x21, 2)
        + number(Int(checksum), 4) + shortSize + shortSize + number(name.count, 2)
    }
  }
}

/// A number in little-endian bytes.
private func number(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> ($0 * 8)) : 0 }
}
