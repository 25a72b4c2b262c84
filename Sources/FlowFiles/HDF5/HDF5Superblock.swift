/// The first bytes of a file of format 1.8.
///
/// Version 1.10 of the library clears a flag in the image of a file that is still open, and leaves the checksum over it as it
/// was: nobody could open the file.
///
/// - Source: HDF5 File Format Specification 2.0, §II.A, superblock version 2.
enum HDF5Superblock {
  private static let version: UInt8 = 2
  private static let versionOffset = 8
  private static let checksumOffset = 44

  /// Sets the checksum to what the bytes before it say.
  static func repairChecksum(of image: inout [UInt8]) {
    guard image.count >= checksumOffset + 4, image[versionOffset] == version else { return }
    let checksum = lookup3(image[..<checksumOffset])
    for byte in 0..<4 { image[checksumOffset + byte] = UInt8(truncatingIfNeeded: checksum >> (byte * 8)) }
  }

  /// Jenkins' hash of bytes to 32 bits, which HDF5 calls its metadata checksum.
  ///
  /// - Source: Jenkins, lookup3.c, 2006, `hashlittle` with the initial value 0.
  static func lookup3(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    let start = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: bytes.count)
    var state = SIMD3(start, start, start)
    var rest = bytes
    while rest.count > 12 {
      state &+= words(rest.prefix(12))
      rest = rest.dropFirst(12)
      for (x, y, bits) in mixing {
        state[x] = (state[x] &- state[y]) ^ rotated(state[y], bits)
        state[y] &+= state[3 - x - y]
      }
    }
    if rest.isEmpty { return state.z }
    state &+= words(rest)
    for (x, y, bits) in finishing { state[x] = (state[x] ^ state[y]) &- rotated(state[y], bits) }
    return state.z
  }

  private static let mixing: [(Int, Int, UInt32)] = [
    (0, 2, 4), (1, 0, 6), (2, 1, 8), (0, 2, 16), (1, 0, 19), (2, 1, 4),
  ]
  private static let finishing: [(Int, Int, UInt32)] = [
    (2, 1, 14), (0, 2, 11), (1, 0, 25), (2, 1, 16), (0, 2, 4), (1, 0, 14), (2, 1, 24),
  ]

  private static func rotated(_ word: UInt32, _ bits: UInt32) -> UInt32 { word << bits | word >> (32 - bits) }

  /// Up to twelve bytes as three little-endian words.
  private static func words(_ bytes: ArraySlice<UInt8>) -> SIMD3<UInt32> {
    var words = SIMD3<UInt32>()
    for (index, byte) in bytes.enumerated() { words[index / 4] |= UInt32(byte) << UInt32(index % 4 * 8) }
    return words
  }
}
