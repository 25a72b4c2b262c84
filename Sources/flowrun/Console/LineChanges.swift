/// What two texts differ in, line by line.
struct LineChanges {
  private let removed: [Substring]
  private let added: [Substring]

  init(from old: String, to new: String) {
    let before = old.split(separator: "\n", omittingEmptySubsequences: false)
    let after = new.split(separator: "\n", omittingEmptySubsequences: false)
    let start = zip(before, after).prefix { $0 == $1 }.count
    let end = zip(before[start...].reversed(), after[start...].reversed()).prefix { $0 == $1 }.count
    let (old, new) = (before[start...].dropLast(end), after[start...].dropLast(end))
    guard old.count + new.count <= Self.limit else {
      (removed, added) = (Array(old), Array(new))
      return
    }
    let difference = Array(new).difference(from: Array(old))
    removed = difference.removals.map(\.line)
    added = difference.insertions.map(\.line)
  }

  /// Beyond so many lines all of what lies between the first and the last change counts as changed.
  private static let limit = 2000

  /// `- old` and `+ new`, shortened to `most`.
  func lines(most: Int) -> [String] {
    let all = removed.map { "- \($0)" } + added.map { "+ \($0)" }
    return all.count <= most ? all : all.prefix(most) + ["and \(all.count - most) more lines"]
  }
}

extension CollectionDifference.Change {
  fileprivate var line: ChangeElement {
    switch self {
    case .insert(_, let element, _), .remove(_, let element, _): element
    }
  }
}
