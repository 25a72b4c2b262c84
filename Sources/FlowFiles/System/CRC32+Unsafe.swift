import CZlib

/// The CRC-32 of zlib, gzip and PNG.
///
/// SAFETY: zlib reads `bytes.count` bytes from the buffer's address, during the call only.
package func crc32(of bytes: UnsafeRawBufferPointer) -> UInt32 {
  let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
  return UInt32(truncatingIfNeeded: crc32_z(crc32_z(0, nil, 0), base, bytes.count))
}

package func crc32(of bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { crc32(of: $0) } }
