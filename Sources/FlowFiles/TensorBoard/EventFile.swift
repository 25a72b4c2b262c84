import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A file of scalars by step, as TensorBoard shows them; one for each run, in a folder of many.
///
/// - Source: TensorFlow's record format: length, its checksum, the bytes, their checksum.
package struct EventFile: Sendable {
  package let path: String

  /// Makes the folder where it is missing, and a new file in it.
  package init(in folder: String) throws(FileError) {
    try Folder.make(folder)
    let seconds = Int(Date().timeIntervalSince1970)
    path = Path.joining(folder, "events.out.tfevents.\(seconds).flow.\(ProcessInfo.processInfo.processIdentifier)")
    var event = BoardEvent()
    event.fileVersion = "brain.Event:2"
    try append(event)
  }

  /// Adds the values of a step, by their names.
  package func add(_ values: [(name: String, value: Double)], step: Int) throws(FileError) {
    var event = BoardEvent()
    event.step = Int64(step)
    event.summary.value = values.map { name, value in
      var scalar = BoardSummary.Value()
      scalar.tag = name
      scalar.simpleValue = Float(value)
      return scalar
    }
    try append(event)
  }

  private func append(_ event: BoardEvent) throws(FileError) {
    var event = event
    event.wallTime = Date().timeIntervalSince1970
    guard let bytes: [UInt8] = try? event.serializedBytes() else {
      throw FileError(path, .unwritable(reason: "an event is too large"))
    }
    try FileBytes.append(Self.record(bytes), to: path)
  }

  static func record(_ bytes: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(bytes.count), 8)
    return length + littleEndian(UInt64(masked(length)), 4) + bytes + littleEndian(UInt64(masked(bytes)), 4)
  }

  private static func littleEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (UInt64($0) * 8)) }
  }

  /// The checksum as records have it: turned and shifted, so that checksums of checksums do no harm.
  private static func masked(_ bytes: [UInt8]) -> UInt32 {
    let checksum = crc32c(of: bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }
}

/// The CRC-32 with Castagnoli's polynomial, which zlib does not have.
func crc32c(of bytes: [UInt8]) -> UInt32 {
  var checksum = UInt32.max
  for byte in bytes {
    checksum ^= UInt32(byte)
    for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 0 ? 0 : 0x82F6_3B78) }
  }
  return ~checksum
}
