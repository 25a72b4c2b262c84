/// The name that a misspelt word most likely meant, or nil where none is near.
///
/// Near is at most one edit in a word of up to five letters, two up to eight, three above. Of equally near names the
/// alphabetically first is taken, so that the answer does not depend on their order.
public func nearestName(to word: String, among names: some Sequence<String>) -> String? {
  let letters = Array(word.lowercased().unicodeScalars)
  guard letters.count <= 64 else { return nil }
  let limit = editLimit(letters.count)
  var best: (distance: Int, name: String)?
  for name in names where name != word && abs(name.unicodeScalars.count - letters.count) <= limit {
    let distance = editDistance(letters, Array(name.lowercased().unicodeScalars))
    guard distance <= limit else { continue }
    if let found = best, (found.distance, found.name) <= (distance, name) { continue }
    best = (distance, name)
  }
  return best?.name
}

/// A word of one letter is near only to the same letter in the other case.
private func editLimit(_ length: Int) -> Int {
  switch length {
  case ..<2: 0
  case ..<6: 1
  case ..<9: 2
  default: 3
  }
}

/// The number of insertions, deletions, substitutions and exchanges of neighbours that turn one word into the other.
///
/// - Source: Damerau, A technique for computer detection and correction of spelling errors, 1964; Levenshtein, 1966.
///   The restricted form: no part of a word is edited twice.
package func editDistance(_ source: [Unicode.Scalar], _ target: [Unicode.Scalar]) -> Int {
  var twoBack: [Int] = []
  var previous = Array(0...target.count)
  for row in source.indices {
    var current = [row + 1]
    for column in target.indices {
      let substitution = previous[column] + (source[row] == target[column] ? 0 : 1)
      var least = min(substitution, previous[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, source[row] == target[column - 1], source[row - 1] == target[column] {
        least = min(least, twoBack[column - 1] + 1)
      }
      current.append(least)
    }
    (twoBack, previous) = (previous, current)
  }
  return previous[target.count]
}
