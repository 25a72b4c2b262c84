import CZlib

/// Files packed by gzip.
///
/// SAFETY: the library reads and writes inside the two buffers whose addresses and lengths it is given, during the call only.
enum Gzip {
  struct Failure: Error { let reason: String }

  static func isLikely(_ start: [UInt8]) -> Bool { start.starts(with: [0x1F, 0x8B, 0x08]) }

  /// The first bytes of what is packed; fewer where there are fewer.
  static func unpack(_ packed: [UInt8], first count: Int) throws(Failure) -> [UInt8] {
    try inflate(packed, room: count).bytes
  }

  /// What is packed, whose length must be the one given; the checksum is checked.
  static func unpack(_ packed: [UInt8], exactly count: Int) throws(Failure) -> [UInt8] {
    guard Deflate.canUnpack(packed.count, to: count) else {
      throw Failure(reason: "its \(count) bytes cannot be in the \(packed.count) there are")
    }
    let (bytes, isEnded) = try inflate(packed, room: count + 1)
    guard bytes.count == count, isEnded else {
      throw Failure(reason: "its shape takes \(count) bytes, but \(bytes.count > count ? "more" : "fewer") are there")
    }
    return bytes
  }

  private static func inflate(_ packed: [UInt8], room: Int) throws(Failure) -> (bytes: [UInt8], isEnded: Bool) {
    var stream = z_stream()
    // 16 more than the window's bits: with the header and checksum of gzip.
    guard inflateInit2_(&stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw Failure(reason: "it cannot be unpacked")
    }
    defer { inflateEnd(&stream) }
    var status = Z_OK
    let bytes = packed.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: room) { target, initialized in
        var (read, written) = (0, 0)
        repeat {
          let (take, give) = (min(source.count - read, 1 << 30), min(room - written, 1 << 30))
          stream.next_in = source.baseAddress.map { UnsafeMutablePointer(mutating: $0 + read) }
          stream.next_out = target.baseAddress.map { $0 + written }
          (stream.avail_in, stream.avail_out) = (uInt(take), uInt(give))
          status = CZlib.inflate(&stream, Z_NO_FLUSH)
          read += take - Int(stream.avail_in)
          written += give - Int(stream.avail_out)
        } while status == Z_OK && read < source.count && written < room
        initialized = written
      }
    }
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
      throw Failure(reason: stream.msg.map { String(cString: $0) } ?? "it is damaged")
    }
    return (bytes, status == Z_STREAM_END)
  }
}
