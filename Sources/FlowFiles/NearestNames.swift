/// The names in a file that somebody may have meant.
enum NearestNames {
  /// At most three: names whose last part is the one given, then those that are few edits away.
  static func of(_ name: String, among names: [String]) -> [String] {
    let last = lastPart(name)
    let sameLast = names.filter { lastPart($0) == last }
    if !sameLast.isEmpty { return Array(sameLast.prefix(3)) }
    let limit = max(1, (name.utf8.count + 1) / 3)
    let near = names.prefix(10_000).map { (name: $0, edits: edits(from: name, to: $0)) }.filter { $0.edits <= limit }
    return near.sorted { $0.edits < $1.edits }.prefix(3).map(\.name)
  }

  private static func lastPart(_ name: String) -> Substring {
    name.split(separator: "/").last ?? ""
  }

  /// How many bytes to insert, remove or replace (Levenshtein).
  private static func edits(from a: String, to b: String) -> Int {
    let (a, b) = (Array(a.utf8.prefix(256)), Array(b.utf8.prefix(256)))
    var previous = Array(0...b.count)
    for (row, x) in a.enumerated() {
      var current = [row + 1]
      for (column, y) in b.enumerated() {
        current.append(min(previous[column] + (x == y ? 0 : 1), previous[column + 1] + 1, current[column] + 1))
      }
      previous = current
    }
    return previous[b.count]
  }
}
