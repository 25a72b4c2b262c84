extension StringProtocol {
  /// Whether this is `pattern`, in which a `*` stands for any characters or none.
  package func matches(_ pattern: some StringProtocol) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard let first = parts.first, let last = parts.last, parts.count > 1 else { return self == pattern }
    guard hasPrefix(first) else { return false }
    var rest = self[index(startIndex, offsetBy: first.count)...]
    // The earliest place of each part leaves the most for those after it.
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let place = rest.firstRange(of: part) else { return false }
      rest = rest[place.upperBound...]
    }
    return rest.hasSuffix(last)
  }
}
