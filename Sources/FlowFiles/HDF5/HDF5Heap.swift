/// The part of a file where texts of any length lie.
///
/// It is read without the library: version 1.10 trusts the sizes and numbers in it, has no checksum over it, and crashes where
/// one bit is wrong.
///
/// - Source: HDF5 File Format Specification 2.0, §III.E, Global Heap.
struct HDF5Heap: ~Copyable, Sendable {
  /// Where a text lies, as a data set or attribute keeps it: a length, an address, and a number there.
  static let referenceByteCount = 16

  private let file: FileDescriptor
  /// What addresses count from: the size of a foreign header before the file proper.
  private let base: Int

  init(_ file: consuming FileDescriptor, base: Int) {
    self.file = file
    self.base = base
  }

  /// The bytes that a reference leads to.
  func bytes(at reference: [UInt8]) throws(HDF5Failure) -> [UInt8] {
    let length = reference[0..<4].littleEndian
    if length == 0 { return [] }
    var rest = try collection(at: reference[4..<12].littleEndian)[...]
    while rest.count >= Self.headerByteCount {
      let (number, size) = (rest.prefix(2).littleEndian, rest.dropFirst(8).prefix(8).littleEndian)
      rest = rest.dropFirst(Self.headerByteCount)
      // What is left over has the number 0 and comes last.
      guard number != 0, size <= rest.count else { break }
      if number == reference[12..<16].littleEndian {
        guard size >= length else { throw HDF5Failure("a text is shorter than its length") }
        return Array(rest.prefix(length))
      }
      rest = rest.dropFirst((size + 7) / 8 * 8)
    }
    throw HDF5Failure("a text is not where the file says")
  }

  private static let headerByteCount = 16
  private static let signature: [UInt8] = [0x47, 0x43, 0x4F, 0x4C, 1]

  /// The objects of a collection, each with its header.
  private func collection(at address: Int) throws(HDF5Failure) -> [UInt8] {
    let (start, overflow) = address.addingReportingOverflow(base)
    guard !overflow, start <= file.status.byteCount - Self.headerByteCount else {
      throw HDF5Failure("a text lies behind the end of the file")
    }
    let header = try read(Self.headerByteCount, at: start)
    let size = header.dropFirst(8).littleEndian
    guard header.starts(with: Self.signature), size <= file.status.byteCount - start, size >= header.count else {
      throw HDF5Failure("a text is not where the file says")
    }
    return try read(size - header.count, at: start + header.count)
  }

  private func read(_ count: Int, at offset: Int) throws(HDF5Failure) -> [UInt8] {
    do throws(FileError) {
      let bytes = try FileBytes.read(file, "", count: count, at: offset)
      if bytes.count == count { return bytes }
    } catch {
      throw HDF5Failure(error.message)
    }
    throw HDF5Failure("the file ends too early")
  }
}

extension Collection<UInt8> {
  /// At most eight bytes as a number, or the largest there is where it does not fit.
  fileprivate var littleEndian: Int {
    Int(clamping: reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
  }
}
