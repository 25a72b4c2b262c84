import FlowTensor
import Synchronization

/// An open npz file: a zip of npy files, each of which is read whole. What rows are asked of is kept, and so is what is small.
final class NPZReader: TensorReader {
  let path: String
  let entries: [TensorEntry]
  private let archive: ZipArchive
  private let members: [String: (member: ZipArchive.Member, array: StoredArray)]
  /// What else is in the file, and why it is no tensor.
  private let refusals: [String: String]
  private let cache = Mutex<[String: Tensor]>([:])

  init(_ path: String) throws(FileError) {
    // The library says less of a file that is not there.
    _ = try FileBytes.open(path)
    do throws(ZipArchive.Failure) { archive = try ZipArchive(path) } catch {
      throw FileError(path, .badFormat("npz", reason: error.reason))
    }
    var entries: [TensorEntry] = []
    var members: [String: (member: ZipArchive.Member, array: StoredArray)] = [:]
    var refusals: [String: String] = [:]
    for member in archive.members where !member.name.hasSuffix("/") {
      do throws(ZipArchive.Failure) {
        let (name, array) = try Self.array(of: member, archive)
        guard members.updateValue((member, array), forKey: name) == nil else {
          throw ZipArchive.Failure(reason: "its name comes twice")
        }
        entries.append(array.entry(name))
      } catch {
        // What is not understood may be damaged: then the file is at fault, not its kind of array. Of what is very large, which
        // may be a trap, that is not asked.
        do throws(ZipArchive.Failure) {
          if member.byteCount < Machine.cachedByteCount { _ = try archive.bytes(member) }
        } catch {
          throw FileError(path, .badFormat("npz", reason: "'\(member.name)': \(error.reason)"))
        }
        refusals[member.name] = error.reason
      }
    }
    self.path = path
    self.entries = entries
    self.members = members
    self.refusals = refusals
  }

  var unreadable: [(name: String, reason: String)] {
    refusals.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  func read(_ name: String) throws(FileError) -> Tensor { try read(name, staying: false) }

  private func read(_ name: String, staying: Bool) throws(FileError) -> Tensor {
    if let tensor = cache.withLock({ $0[name] }) { return tensor }
    guard let (member, array) = members[name] else { throw missing(name) }
    try array.entry(name).checkFits(path: path)
    let tensor = try tensor(name, member, array)
    if staying || tensor.byteCount < Machine.cachedByteCount { cache.withLock { $0[name] = tensor } }
    return tensor
  }

  func read(_ name: String, rows: Range<Int>) throws(FileError) -> Tensor {
    try entry(name).checkRows(rows, path: path)
    return try read(name, staying: true).rows(rows)
  }

  func read(_ name: String, rows: [Int]) throws(FileError) -> Tensor {
    try entry(name).checkRows(rows, path: path)
    return try read(name, staying: true).rows(rows)
  }

  private func tensor(_ name: String, _ member: ZipArchive.Member, _ array: StoredArray) throws(FileError) -> Tensor {
    do throws(ZipArchive.Failure) {
      guard member.byteCount == array.offset + array.byteCount else {
        throw ZipArchive.Failure(
          reason: "its shape takes \(array.byteCount) bytes, but \(member.byteCount - array.offset) are there")
      }
      guard let tensor = array.tensor(try archive.bytes(member, behind: array.offset)) else {
        throw ZipArchive.Failure(reason: "a number does not fit in 63 bits")
      }
      return tensor
    } catch {
      throw FileError(path, .unsupportedTensor(name, reason: error.reason))
    }
  }

  private func missing(_ name: String) -> FileError {
    if let reason = refusals[name] ?? refusals["\(name).npy"] {
      return FileError(path, .unsupportedTensor(name, reason: reason))
    }
    return FileError(path, .noSuchTensor(name, available: entries.map(\.name)))
  }

  /// The name without `.npy`, and what the first bytes say.
  private static func array(
    of member: ZipArchive.Member, _ archive: ZipArchive
  ) throws(ZipArchive.Failure) -> (String, StoredArray) {
    guard member.name.hasSuffix(".npy") else { throw ZipArchive.Failure(reason: "it is no npy file") }
    var start = try archive.bytes(member, first: 4_096)
    if start.count >= 12, NPYHeader.length(of: start) > start.count {
      start = try archive.bytes(member, first: NPYHeader.maximumByteCount)
    }
    do throws(NPYHeader.Failure) {
      return (String(member.name.dropLast(4)), try NPYHeader.parse(start))
    } catch {
      throw ZipArchive.Failure(reason: error.reason)
    }
  }
}
