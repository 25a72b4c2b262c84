import CZip
import Synchronization

/// A zip file that is open to read: what lies in it, and the unpacked bytes of each.
///
/// - Fails: for names that lead out of the file or come twice, for what is encrypted or packed otherwise than by deflate, and
///   for sizes that cannot be true; every checksum is checked.
///
/// SAFETY: the archive is used under a lock, for the library is not safe on several threads; buffers are passed with their
/// length, and live for the time of a call; the library's texts are copied before the next call.
final class ZipArchive: Sendable {
  struct Member: Hashable, Sendable {
    let index: UInt64
    let name: String
    let byteCount: Int
    fileprivate let packedByteCount: Int
    fileprivate let method: UInt16
    fileprivate let isEncrypted: Bool
  }

  struct Failure: Error { let reason: String }

  /// The most members that are read.
  static let maximumCount = 1_000_000

  let members: [Member]
  private let archive: Mutex<Handle>

  init(_ path: String) throws(Failure) {
    let handle = try Handle(path)
    members = try handle.members()
    try Self.checkNames(members)
    archive = Mutex(handle)
  }

  /// The first of the unpacked bytes.
  func bytes(_ member: Member, first count: Int) throws(Failure) -> [UInt8] {
    try member.check()
    return try archive.withLock { handle throws(Failure) in
      try handle.read(member.index, min(count, member.byteCount), isWhole: false)
    }
  }

  /// All unpacked bytes behind the first ones, of which there are so many.
  func bytes(_ member: Member, behind count: Int = 0) throws(Failure) -> [UInt8] {
    try member.check()
    return try archive.withLock { handle throws(Failure) in
      try handle.read(member.index, member.byteCount - count, behind: count, isWhole: true)
    }
  }

  private static func checkNames(_ members: [Member]) throws(Failure) {
    var names: Set<String> = []
    for name in members.map(\.name) {
      if leadsOut(name) { throw Failure(reason: "the name '\(name)' leads out of the file") }
      guard names.insert(name).inserted else { throw Failure(reason: "the name '\(name)' comes twice") }
    }
  }

  /// Whether a file of this name could end up anywhere, were it unpacked.
  static func leadsOut(_ name: String) -> Bool {
    name.hasPrefix("/") || name.split(separator: "/").contains("..") || name.contains("\\")
  }

  /// The library's archive.
  private struct Handle: ~Copyable, @unchecked Sendable {
    private let archive: OpaquePointer

    init(_ path: String) throws(Failure) {
      var code: Int32 = 0
      guard let archive = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code) else {
        if code == ZIP_ER_EXISTS { throw Failure(reason: "a name comes twice") }
        var error = zip_error_t()
        zip_error_init_with_code(&error, code)
        defer { zip_error_fini(&error) }
        throw Failure(reason: Self.text(zip_error_strerror(&error)))
      }
      self.archive = archive
    }

    deinit { zip_discard(archive) }

    func members() throws(Failure) -> [Member] {
      let count = zip_get_num_entries(archive, 0)
      guard count >= 0, count <= ZipArchive.maximumCount else {
        throw Failure(reason: "it holds more than \(ZipArchive.maximumCount) files")
      }
      var members: [Member] = []
      for index in 0..<zip_uint64_t(count) {
        var status = zip_stat_t()
        guard zip_stat_index(archive, index, 0, &status) == 0, let name = status.name else { throw failure() }
        guard let size = Int(exactly: status.size), let packed = Int(exactly: status.comp_size) else {
          throw Failure(reason: "a size does not fit in 63 bits")
        }
        members.append(
          Member(
            index: index, name: String(cString: name), byteCount: size, packedByteCount: packed,
            method: status.comp_method, isEncrypted: status.encryption_method != 0))
      }
      return members
    }

    /// - Parameter isWhole: whether to read on to the end, where the library compares the checksum.
    func read(_ index: UInt64, _ count: Int, behind start: Int = 0, isWhole: Bool) throws(Failure) -> [UInt8] {
      guard let file = zip_fopen_index(archive, index, 0) else { throw failure() }
      defer { zip_fclose(file) }
      var skipped = [UInt8](repeating: 0, count: start)
      guard start == 0 || zip_fread(file, &skipped, zip_uint64_t(start)) == start else { throw failure() }
      var done = 0
      var isDamaged = false
      let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        while done < count {
          // The library counts what it unpacks in 32 bits.
          let part = zip_fread(file, buffer.baseAddress.map { $0 + done }, zip_uint64_t(min(count - done, 1 << 30)))
          guard part > 0 else { break }
          done += Int(part)
        }
        var rest: UInt8 = 0
        isDamaged = done < count || isWhole && zip_fread(file, &rest, 1) != 0
        initialized = done
      }
      if isDamaged { throw Failure(reason: Self.text(zip_file_strerror(file))) }
      return bytes
    }

    private func failure() -> Failure { Failure(reason: Self.text(zip_strerror(archive))) }

    private static func text(_ text: UnsafePointer<CChar>?) -> String {
      let text = text.map { String(cString: $0) } ?? ""
      return text == "No error" ? "its length is another than it says" : text.prefix(1).lowercased() + text.dropFirst()
    }
  }
}

extension ZipArchive.Member {
  fileprivate func check() throws(ZipArchive.Failure) {
    if isEncrypted { throw ZipArchive.Failure(reason: "it is encrypted") }
    guard method == ZIP_CM_STORE || method == ZIP_CM_DEFLATE else {
      throw ZipArchive.Failure(reason: "it is packed by method \(method), which is not known")
    }
    guard Deflate.canUnpack(packedByteCount, to: byteCount) else {
      throw ZipArchive.Failure(reason: "its \(byteCount) bytes cannot be in the \(packedByteCount) there are")
    }
  }
}
