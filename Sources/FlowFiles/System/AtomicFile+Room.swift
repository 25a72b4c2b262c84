extension AtomicFile {
  /// Proves that there is room for a file of this size beside what is there, before work is done that could not be saved.
  package static func checkRoom(_ byteCount: Int, for path: String) throws(FileError) {
    guard let target = try? Path.followingLinks(path), let free = Folder.freeByteCount(in: Path.folder(of: target)),
      free < byteCount
    else { return }
    throw FileError(
      path, .inputOutput(reason: "no space left: about \(byteCount) bytes are to be written, and \(free) are free"))
  }

  /// Removes what writers of some files left that were killed.
  ///
  /// - Parameter isMeant: whether the file of a name in the folder is one of them.
  package static func removeOrphans(in folder: String, where isMeant: (String) -> Bool) {
    for name in Folder.names(in: folder) {
      guard let (target, process) = Path.temporary(name), isMeant(target), !Folder.isAlive(process: process) else {
        continue
      }
      Folder.remove(Path.joining(folder, name))
    }
  }
}

extension Path {
  /// Of the name of a temporary neighbour, whose it is and which process made it; nil for any other name.
  fileprivate static func temporary(_ name: String) -> (target: String, process: Int32)? {
    let mark = ".tmp-"
    guard name.hasPrefix("."), let range = name.ranges(of: mark).last else { return nil }
    let numbers = name[range.upperBound...].split(separator: "-", omittingEmptySubsequences: false)
    guard numbers.count == 2, let process = Int32(numbers[0]), process > 0, Int(numbers[1]) != nil else { return nil }
    return (String(name[name.index(after: name.startIndex)..<range.lowerBound]), process)
  }
}
